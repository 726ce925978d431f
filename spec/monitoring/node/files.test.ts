import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../support/files-below.ts';
import { packageRoot } from '../../support/package-root.ts';
import { readYaml } from '../../support/read-yaml.ts';
import { type RealProgram, testOnEach } from '../../support/real-system.ts';
import { runProgram } from '../../support/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { inClassicNames } from './classic-names.ts';

const node = join(packageRoot(), 'monitoring', 'node');
const plain = filesBelow(node).filter((path) => /^(dashboards|rules)\//.test(path));

/** Makes the plain files of the mixin in a folder. */
function makeFiles({ path }: RealProgram, folder: string, ...args: readonly string[]): void {
  for (const name of ['dashboards', 'rules']) mkdirSync(join(folder, name));
  const { status, stderr } = runProgram(path, ['-S', '-m', folder, ...args, 'mixin/files.jsonnet'], node);
  assert.equal(status, 0, stderr);
}

testOnEach('jsonnet', 'The plain files of monitoring/node are what jsonnet makes of the mixin', (program, t) => {
  const folder = temporaryFolder(t);
  makeFiles(program, folder);
  assert.deepEqual(filesBelow(folder), plain);
  for (const path of plain) {
    assert.equal(readFileSync(join(node, path), 'utf8'), readFileSync(join(folder, path), 'utf8'), path);
  }
  t.diagnostic(`${plain.length} files`);
});

testOnEach('jsonnet', 'classic.sed makes of the plain files what the mixin does with names: classic', (program, t) => {
  const folder = temporaryFolder(t);
  makeFiles(program, folder, '--tla-str', 'names=classic');
  const sed = runProgram('sed', ['-f', join(node, 'classic.sed'), ...plain], node);
  const texts = plain.map((path) => inClassicNames(readFileSync(join(node, path), 'utf8')));
  assert.equal(sed.stdout, texts.join(''));
  // jsonnet sorts keys, and the names differ: YAML reads JSON too.
  for (const [i, path] of plain.entries()) {
    assert.deepEqual(parsed(texts[i]!, path), parsed(readFileSync(join(folder, path), 'utf8'), path), path);
  }

  function parsed(text: string, path: string): unknown {
    if (path.endsWith('.json')) return JSON.parse(text);
    const file = join(folder, 'parsed.yml');
    writeFileSync(file, text);
    return readYaml(file);
  }
});

testOnEach('jsonnet', 'The mixin takes another selector, other objectives and other thresholds', (program) => {
  const snippet = `
    local mixin = (import 'mixin.libsonnet') + {
      _config+:: { selector: 'job=~"shop|bank"', errorBudgets+: { latency: 0.05 }, latencySeconds: 1, thresholds+: { heap: 0.5 } },
    };
    { rules: mixin.prometheusRules, alerts: mixin.prometheusAlerts, dashboards: mixin.grafanaDashboards }`;
  const { status, stdout, stderr } = runProgram(program.path, ['-e', snippet], join(node, 'mixin'));
  assert.equal(status, 0, stderr);
  for (const expected of ['+ 0.05\\n', 'le=~\\"1([.]0)?\\"', 'histogram_fraction(0, 1, ', 'bytes:ratio > 0.5\\n'])
    assert.ok(stdout.includes(expected), expected);
  assert.ok(!stdout.includes('job!='));
  assert.ok(stdout.includes('up{job=~\\"shop|bank\\"} == 0'));
});
