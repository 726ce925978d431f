import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyConfiguration } from '../../monitoring/stack/copy-configuration.ts';
import { filesBelow } from '../support/files-below.ts';
import { packageRoot } from '../support/package-root.ts';
import { testOnEach } from '../support/real-system.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const prometheus = join(packageRoot(), 'monitoring', 'prometheus');
const LINT = ['--lint=all', '--lint-fatal'];

testOnEach('promtool', 'promtool finds nothing to say of prometheus.yml and its rules', ({ path }) => {
  const config = runProgram(path, ['check', 'config', ...LINT, 'prometheus.yml'], prometheus);
  assert.equal(config.status, 0, config.stdout + config.stderr);
  const files = filesBelow(join(prometheus, 'rules')).map((file) => join('rules', file));
  const rules = runProgram(path, ['check', 'rules', ...LINT, ...files], prometheus);
  assert.equal(rules.status, 0, rules.stdout + rules.stderr);
  assert.ok(!/lint|duplicate|warning/i.test(rules.stdout + rules.stderr), rules.stdout + rules.stderr);
});

testOnEach('promtool', 'promtool finds the rules to do what their cases say', ({ path }) => {
  const files = filesBelow(join(prometheus, 'tests')).map((file) => join('tests', file));
  assert.ok(files.length >= 5);
  const { status, stdout, stderr } = runProgram(path, ['test', 'rules', ...files], prometheus);
  assert.equal(status, 0, stdout + stderr);
});

testOnEach('promtool', 'promtool accepts the configuration of shards and of the one above them', ({ path }, t) => {
  const folder = temporaryFolder(t);
  copyConfiguration(folder, { intervalSeconds: 15, replacements: { SHARDS: '2', SHARD: '1' } });
  mkdirSync(join(folder, 'scaling', 'targets'));
  for (const file of ['prometheus-shard.yml', 'prometheus-global.yml']) {
    const { status, stdout, stderr } = runProgram(path, ['check', 'config', ...LINT, file], join(folder, 'scaling'));
    assert.equal(status, 0, stdout + stderr);
  }
});
