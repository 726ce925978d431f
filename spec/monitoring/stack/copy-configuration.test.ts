import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyConfiguration } from '../../../monitoring/stack/copy-configuration.ts';
import { filesBelow } from '../../support/files-below.ts';
import { packageRoot } from '../../support/package-root.ts';
import { readYaml } from '../../support/read-yaml.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Every value of these keys, wherever it stands. */
function valuesOf(keys: readonly string[], value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (keys.includes(key) ? [inner] : valuesOf(keys, inner)));
}

test('copyConfiguration() sets every interval and waiting time, and changes nothing else', (t) => {
  const folder = temporaryFolder(t);
  copyConfiguration(folder, { intervalSeconds: 2, replacements: {} });
  const intervals = [
    'scrape_interval',
    'scrape_timeout',
    'evaluation_interval',
    'interval',
    'for',
    'group_wait',
    'group_interval',
  ];
  const files = filesBelow(folder).filter((path) => !path.startsWith('prometheus/tests'));
  const set = files.flatMap((path) => valuesOf(intervals, readYaml(join(folder, path))));
  assert.ok(set.length > 30, `${set.length} values`);
  assert.deepEqual([...new Set(set)], ['2s']);
  for (const path of files) {
    const original = readFileSync(join(packageRoot(), 'monitoring', path), 'utf8').split('\n');
    const changed = readFileSync(join(folder, path), 'utf8')
      .split('\n')
      .filter((line, i) => line !== original[i]);
    assert.deepEqual(
      changed.filter((line) => !/^[ -]*(scrape_|evaluation_|group_)?(interval|timeout|wait|for): 2s$/.test(line)),
      [],
      path,
    );
  }
});

test('copyConfiguration() replaces addresses', (t) => {
  const folder = temporaryFolder(t);
  copyConfiguration(folder, { intervalSeconds: 1, replacements: { 'localhost:8000': '127.0.0.1:1234' } });
  const targets = valuesOf(['targets'], readYaml(join(folder, 'prometheus', 'prometheus.yml')));
  assert.deepEqual(targets, [['localhost:9093'], ['127.0.0.1:1234']]);
});
