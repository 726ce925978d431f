import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { serverLimits } from '../../lib/server/common-options.ts';
import { readServerOptions } from '../../lib/server/metrics-server-options.ts';
import { packageRoot } from '../support/package-root.ts';
import { testOnEach } from '../support/real-system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const page = readFileSync(join(packageRoot(), 'docs', 'server.md'), 'utf8');

/** First and second column of the table whose head begins with `head`; the names of a first column one by one. */
function rowsOf(head: string): [string, string][] {
  const table = page.split(`\n| ${head} |`)[1]?.split('\n\n')[0];
  assert.ok(table !== undefined, `docs/server.md has no table of ${head}`);
  const rows = [...table.matchAll(/^\| (`[^|]*) \| ([^|]*) \|/gm)];
  return rows.flatMap(([, names = '', value = '']) =>
    names.split(', ').map((name): [string, string] => [name.slice(1, -1), value]),
  );
}

/** The names that a message lists for options that are wrong. */
function knownOptions(of: object): string[] {
  try {
    readServerOptions(of);
  } catch (error) {
    return /to have (.*), got "unknown"/.exec((error as Error).message)?.[1]?.split(', ') ?? [];
  }
  return [];
}

test('docs/server.md lists every option of the server, of tls and of auth', () => {
  const unknown = { unknown: 1 };
  assert.deepEqual(
    rowsOf('option')
      .map(([name]) => name)
      .sort(),
    knownOptions(unknown).sort(),
  );
  assert.deepEqual(
    rowsOf('option of `tls`')
      .map(([name]) => name)
      .sort(),
    knownOptions({ tls: unknown }).sort(),
  );
  assert.deepEqual(
    rowsOf('option of `auth`')
      .map(([name]) => name)
      .sort(),
    knownOptions({ auth: unknown }).sort(),
  );
});

test('docs/server.md lists every limit with its default', () => {
  assert.deepEqual(
    rowsOf('option of `limits`').map(([name, value]) => [name, Number(value)]),
    Object.entries(serverLimits()),
  );
});

test('docs/server.md gives the defaults of the options', () => {
  const settings = { ...readServerOptions({}) } as Readonly<Record<string, unknown>>;
  for (const [name, value] of rowsOf('option')) {
    const [number] = /^\d+$/.exec(value) ?? [];
    if (number !== undefined) assert.equal(settings[name], Number(number), name);
  }
  assert.deepEqual([settings['compression'], settings['onCollectorError']], [true, 'omit']);
});

testOnEach('promtool', 'promtool takes the configurations of docs/server.md', ({ path }, t) => {
  const configurations = [...page.matchAll(/^```yaml\n(scrape_configs:.*?)^```/gms)].map(([, text = '']) => text);
  assert.equal(configurations.length, 2);
  for (const configuration of configurations) {
    const file = join(temporaryFolder(t), 'prometheus.yml');
    writeFileSync(file, configuration);
    const { status, stderr } = spawnSync(path, ['check', 'config', '--syntax-only', file], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
});
