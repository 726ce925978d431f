import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeTextfile } from '../../lib/bridges/textfile.ts';
import { Gauge, MetricsRegistry } from '../../lib/core.ts';
import { packageRoot } from '../support/package-root.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { StartedProgram } from '../support/started-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';

const ifBuilt = { skip: whyNotBuilt() };
const isRoot = process.getuid?.() === 0;

function registryOf(value: number): MetricsRegistry {
  const registry = new MetricsRegistry();
  new Gauge({ name: 'backup_seconds', help: 'Time.', registers: [registry] }).set(value);
  return registry;
}

/** A folder whose files a program of another user could list. */
function folderOf(t: TestContext): string {
  return temporaryFolder(t);
}

test('writeTextfile() writes the text format 0.0.4, and nothing else into the folder', async (t) => {
  const folder = folderOf(t);
  await writeTextfile(join(folder, 'backup.prom'), { registry: registryOf(1.5) });
  const expected = '# HELP backup_seconds Time.\n# TYPE backup_seconds gauge\nbackup_seconds 1.5\n';
  assert.equal(readFileSync(join(folder, 'backup.prom'), 'utf8'), expected);
  assert.deepEqual(readdirSync(folder), ['backup.prom']);
});

test('writeTextfile() writes a file whose name has as many bytes as a name may have', async (t) => {
  const folder = folderOf(t);
  for (const name of [`${'n'.repeat(250)}.prom`, `${'\u{e9}'.repeat(125)}.prom`, '.prom']) {
    await writeTextfile(join(folder, name), { registry: registryOf(1) });
    assert.deepEqual(readdirSync(folder), [name]);
    rmSync(join(folder, name));
  }
});

test('writeTextfile() replaces the file in one step: a reader that has it open still reads the old one', async (t) => {
  const path = join(folderOf(t), 'backup.prom');
  await writeTextfile(path, { registry: registryOf(1) });
  const before = statSync(path).ino;
  await writeTextfile(path, { registry: registryOf(2) });
  assert.match(readFileSync(path, 'utf8'), /^backup_seconds 2$/m);
  if (process.platform !== 'win32') assert.notEqual(statSync(path).ino, before);
});

test('writeTextfile() gives the file its mode, whatever the umask is', {
  skip: process.platform === 'win32',
}, async (t) => {
  const path = join(folderOf(t), 'backup.prom');
  const before = process.umask(0o077);
  t.after(() => void process.umask(before));
  await writeTextfile(path, { registry: registryOf(1) });
  assert.equal(statSync(path).mode & 0o777, 0o644);
  await writeTextfile(path, { registry: registryOf(1), mode: 0o600 });
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('writeTextfile() rejects for a folder that does not exist, and says what to do', async (t) => {
  const path = join(folderOf(t), 'missing', 'backup.prom');
  await assert.rejects(writeTextfile(path, { registry: registryOf(1) }), {
    code: 'ENOENT',
    message: /^Cannot write metrics to ".*missing.*backup\.prom": expected its folder to exist\. Create it, .*ENOENT/,
  });
});

test('writeTextfile() leaves the old file and no temporary one when it fails', { skip: isRoot }, async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'backup.prom');
  await writeTextfile(path, { registry: registryOf(1) });
  chmodSync(folder, 0o500);
  t.after(() => chmodSync(folder, 0o700));
  await assert.rejects(writeTextfile(path, { registry: registryOf(2) }), { code: 'EACCES' });
  assert.deepEqual(readdirSync(folder), ['backup.prom']);
  assert.match(readFileSync(path, 'utf8'), /^backup_seconds 1$/m);
});

test('writeTextfile() leaves no temporary file where a folder has the name of the file', async (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, 'backup.prom'));
  await assert.rejects(writeTextfile(join(folder, 'backup.prom'), { registry: registryOf(1) }), (error: Error) => {
    assert.match(error.message, /^Cannot write metrics to /);
    assert.match((error as NodeJS.ErrnoException).code ?? '', /^(EISDIR|ENOTEMPTY|EPERM|EEXIST)$/);
    return true;
  });
  assert.deepEqual(readdirSync(folder), ['backup.prom']);
});

test('writeTextfile() passes on that the registry could not be read, and changes nothing', async (t) => {
  const path = join(folderOf(t), 'backup.prom');
  const registry = { gather: () => Promise.reject(new Error('no registry today')) };
  await assert.rejects(writeTextfile(path, { registry }), /no registry today/);
  assert.equal(existsSync(path), false);
});

test('writeTextfile() refuses arguments that it cannot use', async () => {
  const write = writeTextfile as (path: unknown, options?: unknown) => Promise<void>;
  await assert.rejects(write(undefined), {
    name: 'TypeError',
    message: /expected its path as a string, got undefined/,
  });
  await assert.rejects(write('/tmp/metrics.txt'), {
    name: 'RangeError',
    message: /ends in "\.prom", got "\/tmp\/metrics/,
  });
  await assert.rejects(write('a.prom', null), { name: 'TypeError', message: /expected options as an object/ });
  await assert.rejects(write('a.prom', { mod: 1 }), { name: 'TypeError', message: /"mod"\. Look for/ });
  await assert.rejects(write('a.prom', { registry: {} }), { name: 'TypeError', message: /expected registry/ });
  await assert.rejects(write('a.prom', { mode: 0o1777 }), { name: 'RangeError', message: /expected mode/ });
});

test('writeTextfile() called at the same time for one path leaves one whole file', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'backup.prom');
  const writes = Array.from({ length: 8 }, (_, i) => writeTextfile(path, { registry: registryOf(i) }));
  await Promise.all(writes);
  assert.equal(parseExposition(readFileSync(path, 'utf8')).length, 1);
  assert.deepEqual(readdirSync(folder), ['backup.prom']);
});

test('writeTextfile() replaces a link by a file, and leaves alone what it led to', {
  skip: process.platform === 'win32',
}, async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, 'passwords'), 'secret');
  symlinkSync('passwords', join(folder, 'backup.prom'));
  await writeTextfile(join(folder, 'backup.prom'), { registry: registryOf(1) });
  assert.equal(readFileSync(join(folder, 'passwords'), 'utf8'), 'secret');
});

test(
  'A process that is killed while it writes leaves the old file or a new one, never half of one',
  ifBuilt,
  async (t) => {
    const folder = folderOf(t);
    const path = join(folder, 'many.prom');
    const imports = ['index', 'textfile'].map(
      (name) => pathToFileURL(join(packageRoot(), 'dist', 'bundle', `${name}.js`)).href,
    );
    const program = `import { Gauge } from '${imports[0]}'; import { writeTextfile } from '${imports[1]}';
    const gauge = new Gauge({ name: 'many', help: 'Many.', labelNames: ['i'] });
    for (let i = 0; i < 20_000; i++) gauge.set({ i }, i);
    for (;;) { await writeTextfile(${JSON.stringify(path)}); console.log('written'); }`;
    for (let kill = 0; kill < 5; kill++) {
      const started = new StartedProgram(t, {
        program: process.execPath,
        args: ['--input-type=module', '-e', program],
      });
      await until(
        'a file and the beginning of another',
        () => {
          started.requireRunning();
          return /written/.test(started.output) && readdirSync(folder).some((name) => name.endsWith('.tmp'))
            ? true
            : undefined;
        },
        { pauseMilliseconds: 1 },
      );
      await started.stop('SIGKILL');
      const [family] = parseExposition(readFileSync(path, 'utf8'));
      assert.equal(family?.samples.length, 20_000);
    }
    assert.ok(readdirSync(folder).every((name) => name === 'many.prom' || name.endsWith('.tmp')));
  },
);
