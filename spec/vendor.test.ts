import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { filesBelow } from './support/files-below.ts';
import { packageRoot } from './support/package-root.ts';
import { type ProgramResult, runProgram } from './support/run-program.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import { writeCopy } from './support/vendored-copy.ts';
import { whyNotBuilt } from './support/why-not-built.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[];
}

const root = packageRoot();
const compiled = join(root, 'dist', 'lib');
const ifBuilt = { skip: whyNotBuilt() };

/** `npm run vendor -- ARGS` from a folder, without the build. */
function vendor(folder: string, ...args: readonly string[]): ProgramResult {
  const from = args.includes('--check') ? [] : ['--from', compiled];
  return runProgram(process.execPath, [join(root, '.ci', 'vendor.mjs'), ...from, ...args], folder);
}

/** A copy that the specs of this file share. */
const original = mkdtempSync(join(tmpdir(), 'finpilot-metrics-copy-'));
before(async () => {
  if (whyNotBuilt() === false) await writeCopy(original);
});
after(() => rmSync(original, { recursive: true }));

/** A folder with a copy in `vendor/finpilot-metrics`. */
function vendored(t: TestContext): { readonly app: string; readonly copy: string } {
  const app = temporaryFolder(t);
  const copy = join(app, 'vendor', 'finpilot-metrics');
  cpSync(original, copy, { recursive: true });
  return { app, copy };
}

/** Runs a program of the user's and returns what it printed; nothing may go to stderr. */
function runFile(app: string, name: string, text: string): string {
  writeFileSync(join(app, name), text);
  const { status, stdout, stderr } = runProgram(process.execPath, [name], app);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
}

function readManifest(copy: string): Manifest {
  return JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8')) as Manifest;
}

test('vendor lists each file with its size and SHA-256 in the manifest, sorted by path', ifBuilt, (t) => {
  const { copy } = vendored(t);
  const manifest = readManifest(copy);
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  assert.equal(manifest.name, name);
  assert.equal(manifest.version, version);
  const expected = filesBelow(copy)
    .filter((path) => path !== 'manifest.json')
    .map((path) => {
      const bytes = readFileSync(join(copy, path));
      return { path, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    });
  assert.deepEqual(manifest.files, expected);
});

test('A vendored copy works by relative import and by require(), with the same default export', ifBuilt, (t) => {
  const { app } = vendored(t);
  const use = `
    const counter = new Counter({ name: 'orders_total', help: 'Orders.', registers: [], labelNames: ['side'] });
    counter.labels('buy').inc(2);
    console.log(counter.labels('buy').value, all.Counter === Counter, typeof all.startMetricsServer);`;
  const byImport = `import all, { Counter } from './vendor/finpilot-metrics/index.js';${use}`;
  const byRequire = `const { default: all, Counter } = require('./vendor/finpilot-metrics/index.js');${use}`;
  assert.equal(runFile(app, 'app.mjs', byImport), '2 true function\n');
  assert.equal(runFile(app, 'app.cjs', byRequire), '2 true function\n');
});

test('A vendored copy serves the page at /', ifBuilt, (t) => {
  const { app } = vendored(t);
  const program = `
    import { startMetricsServer } from './vendor/finpilot-metrics/index.js';
    const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
    for (const path of ['/', '/page.js', '/page.css']) console.log((await fetch(server.url + path)).status);
    await server.close();`;
  assert.equal(runFile(app, 'app.mjs', program), '200\n200\n200\n');
});

test('A vendored copy is found by its name where npm links a file: dependency to it', ifBuilt, (t) => {
  const { app, copy } = vendored(t);
  mkdirSync(join(app, 'node_modules', '@finpilot'), { recursive: true });
  symlinkSync(copy, join(app, 'node_modules', '@finpilot', 'metrics'), 'junction');
  const printed = runFile(
    app,
    'app.mjs',
    `import { Counter } from '@finpilot/metrics';
    import core from '@finpilot/metrics/core';
    import { createFinpilotMetrics } from '@finpilot/metrics/finpilot';
    console.log(Counter === core.Counter, typeof createFinpilotMetrics);`,
  );
  assert.equal(printed, 'true function\n');
});

test('A vendored copy that npm has installed has the command of the package', ifBuilt, (t) => {
  const { app } = vendored(t);
  writeFileSync(join(app, 'package.json'), '{}');
  runProgram('npm', ['install', '--offline', '--no-audit', '--no-fund', './vendor/finpilot-metrics'], app);
  const { stdout, stderr } = runProgram('npx', ['--offline', '@finpilot/metrics'], app);
  assert.deepEqual([stdout, stderr], ['', 'Usage: npx @finpilot/metrics bench | hash-password\n']);
});

test('The declarations of a vendored copy type-check strictly in a user’s program', ifBuilt, (t) => {
  const { app } = vendored(t);
  writeFileSync(
    join(app, 'app.mts'),
    `import { Counter, startMetricsServer } from './vendor/finpilot-metrics/index.js';
    const counter = new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['side'] });
    counter.inc({ side: 'buy' });
    // @ts-expect-error: a label that the counter does not have
    counter.inc({ venue: 'XETRA' });
    void startMetricsServer({ port: 0 });`,
  );
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')];
  const options = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
    'false',
    '--module',
    'nodenext',
  ];
  const result = runProgram(process.execPath, [compiler, ...options, ...types, 'app.mts'], app);
  assert.equal(result.status, 0, result.stdout);
});

test('vendor --check says that a copy is intact', ifBuilt, (t) => {
  const { app, copy } = vendored(t);
  const seal = createHash('sha256')
    .update(readFileSync(join(copy, 'manifest.json')))
    .digest('hex');
  const { name, version, files } = readManifest(copy);
  const result = vendor(app, '--check', 'vendor/finpilot-metrics');
  assert.equal(
    result.stdout,
    `vendor/finpilot-metrics: ${name} ${version} is intact, ${files.length} files, manifest sha256 ${seal}\n`,
  );
  assert.equal(result.status, 0);
});

test('vendor --check lists changed, missing and extra files, also links in place of files', ifBuilt, (t) => {
  const { app, copy } = vendored(t);
  writeFileSync(join(copy, 'core.js'), `${readFileSync(join(copy, 'core.js'), 'utf8')}// mine\n`);
  rmSync(join(copy, 'exposition.js'));
  mkdirSync(join(copy, 'patches'));
  writeFileSync(join(copy, 'patches', 'mine.js'), '');
  copyFileSync(join(copy, 'LICENSE'), join(app, 'LICENSE'));
  rmSync(join(copy, 'LICENSE'));
  symlinkSync(join(app, 'LICENSE'), join(copy, 'LICENSE'));
  const result = vendor(app, '--check', copy);
  assert.deepEqual(result.stdout.split('\n').slice(1), [
    '  changed LICENSE',
    '  changed core.js',
    '  missing exposition.js',
    '  extra   patches/mine.js',
    '',
  ]);
  assert.equal(result.status, 1);
});

test('vendor --check exits with 2 where there is no vendored copy', (t) => {
  const app = temporaryFolder(t);
  writeFileSync(join(app, 'file'), '');
  for (const [folder, manifest] of [
    ['other', '{ "name": "other", "files": [] }'],
    ['broken', '{ "name": '],
    ['shapeless', '{ "name": "@finpilot/metrics", "files": [{ "path": 1 }] }'],
  ] as const) {
    mkdirSync(join(app, folder));
    writeFileSync(join(app, folder, 'manifest.json'), manifest);
  }
  for (const [folder, got] of [
    ['nowhere', 'nothing'],
    ['file', 'a file'],
    ['.', 'a folder with something else in it'],
    ['other', 'a folder whose manifest.json does not describe one'],
    ['broken', 'a folder whose manifest.json does not describe one'],
    ['shapeless', 'a folder whose manifest.json does not describe one'],
  ] as const) {
    const result = vendor(app, '--check', folder);
    assert.equal(
      result.stderr,
      `Cannot check ${folder}: expected a vendored copy of @finpilot/metrics (with its manifest.json), got ${got}.\n`,
    );
    assert.equal(result.status, 2);
  }
});

test('vendor exits with 2 and its usage on wrong arguments', (t) => {
  const app = temporaryFolder(t);
  for (const args of [
    [],
    ['a', 'b'],
    [''],
    ['--chekc', 'a'],
    ['--check'],
    ['--check', '--force', 'a'],
    ['--entry', 'cor', 'a'],
    ['--check', '--entry', 'core', 'a'],
  ]) {
    const result = vendor(app, ...args);
    assert.match(result.stderr, /^Cannot vendor @finpilot\/metrics: .*Usage: npm run vendor -- /, args.join(' '));
    assert.equal(result.status, 2);
  }
  assert.deepEqual(readdirSync(app), []);
});

test('vendor exits with 2 where the library is not compiled', (t) => {
  const app = temporaryFolder(t);
  const result = runProgram(process.execPath, [join(root, '.ci', 'vendor.mjs'), '--from', app, 'copy'], app);
  assert.match(result.stderr, /^Cannot vendor .*: expected the compiled library in .*, got no index\.js\./);
  assert.equal(result.status, 2);
});

test('vendor never writes over something else than a vendored copy, not even with --force', (t) => {
  const app = temporaryFolder(t);
  mkdirSync(join(app, 'mine'));
  writeFileSync(join(app, 'mine', 'notes.txt'), 'mine');
  for (const args of [['mine'], ['--force', 'mine'], ['--force', 'mine/notes.txt']]) {
    const result = vendor(app, ...args);
    assert.match(result.stderr, /^Cannot vendor into mine.*: expected a new or empty folder, or a vendored copy of /);
    assert.equal(result.status, 2);
  }
  assert.deepEqual(filesBelow(app), ['mine/notes.txt']);
});

test('vendor replaces a copy with local changes only with --force', ifBuilt, (t) => {
  const { app, copy } = vendored(t);
  writeFileSync(join(copy, 'core.js'), '// mine');
  writeFileSync(join(copy, 'mine.js'), '');
  const refused = vendor(app, 'vendor/finpilot-metrics');
  assert.match(
    refused.stderr,
    /^Cannot replace vendor\/finpilot-metrics: .*\n {2}changed core\.js\n {2}extra {3}mine\.js\n.*--force/,
  );
  assert.equal(refused.status, 1);
  assert.equal(readFileSync(join(copy, 'core.js'), 'utf8'), '// mine');
  assert.equal(vendor(app, '--force', 'vendor/finpilot-metrics').status, 0);
  assert.equal(vendor(app, '--check', 'vendor/finpilot-metrics').status, 0);
  assert.deepEqual(readdirSync(join(app, 'vendor')), ['finpilot-metrics']);
});

test(
  'vendor replaces an intact copy of another version, made file by file, in the folder where npm run was typed',
  ifBuilt,
  (t) => {
    const { app, copy } = vendored(t);
    const sha256 = createHash('sha256').update('').digest('hex');
    const older: Manifest = {
      name: '@finpilot/metrics',
      version: '0.0.9',
      files: ['gone.js', 'metrics/gone.d.ts'].map((path) => ({ path, sizeBytes: 0, sha256 })),
    };
    rmSync(copy, { recursive: true });
    mkdirSync(join(copy, 'metrics'), { recursive: true });
    for (const { path } of older.files) writeFileSync(join(copy, path), '');
    writeFileSync(join(copy, 'manifest.json'), JSON.stringify(older));
    const args = [join(root, '.ci', 'vendor.mjs'), '--from', compiled, 'vendor/finpilot-metrics'];
    const { status, stderr } = runProgram(process.execPath, args, root, {
      npm_lifecycle_event: 'vendor',
      INIT_CWD: app,
    });
    assert.equal(status, 0, stderr);
    assert.equal(vendor(app, '--check', 'vendor/finpilot-metrics').status, 0);
    assert.deepEqual(
      filesBelow(copy).filter((path) => path.includes('gone')),
      [],
    );
    assert.ok(existsSync(join(copy, 'finpilot.js')));
  },
);
