import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { filesBelow } from './support/files-below.ts';
import { packageRoot } from './support/package-root.ts';
import { runProgram } from './support/run-program.ts';
import { whyNotBuilt } from './support/why-not-built.ts';

interface Conditions {
  readonly types: Readonly<Record<'require' | 'default', string>>;
  readonly 'module-sync': string;
  readonly require: string;
  readonly default: string;
}

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly type: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly bin: string;
  readonly exports: Readonly<Record<string, string | Conditions>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const root = packageRoot();
const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;
const entries = Object.keys(about.exports)
  .filter((entry) => entry !== './package.json')
  .map((entry) => about.name + entry.slice(1));
const ifBuilt = { skip: whyNotBuilt() };
const work = realpathSync(mkdtempSync(join(tmpdir(), 'finpilot-metrics-')));
const app = join(work, 'app');
const installed = join(app, 'node_modules', '@finpilot', 'metrics');

before(() => {
  if (ifBuilt.skip !== false) return;
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{}');
  npm(root, 'pack', '--ignore-scripts', '--pack-destination', work);
  const [tarball] = readdirSync(work).filter((name) => name.endsWith('.tgz'));
  npm(app, 'install', '--offline', '--no-audit', '--no-fund', `../${tarball}`);
});

after(() => rmSync(work, { recursive: true, force: true }));

function npm(folder: string, ...args: readonly string[]): void {
  const { status, stderr } = runProgram('npm', args, folder);
  assert.equal(status, 0, stderr);
}

/** What a program of the user's sees: the names of each entry and of its default export, and which differ in value. */
function namesSeenBy(
  file: string,
  program: string,
): Record<string, { names: string[]; inDefault: string[]; differ: string[] }> {
  writeFileSync(join(app, file), program);
  const { status, stdout, stderr } = runProgram(process.execPath, [file], app);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return JSON.parse(stdout) as ReturnType<typeof namesSeenBy>;
}

const REPORT = `
  const report = {};
  for (const [entry, all] of loaded) {
    // require() adds __esModule for code that was compiled from import, and looks for module.exports.
    const namesOf = (object) => Object.keys(object).filter((name) => !/^(default|__esModule|module\\.exports)$/.test(name)).sort();
    const names = namesOf(all);
    report[entry] = {
      names,
      inDefault: namesOf(all.default),
      differ: names.filter((name) => all[name] !== all.default[name]),
    };
  }
  console.log(JSON.stringify(report));`;

test('package.json declares an MIT licensed ES module package for Node 20.19 and newer, version 0.1.0', () => {
  assert.equal(about.name, '@finpilot/metrics');
  assert.equal(about.version, '0.1.0');
  assert.equal(about.license, 'MIT');
  assert.equal(about.type, 'module');
  assert.deepEqual(about.engines, { node: '>=20.19.0' });
});

test('package.json has no runtime dependency and three development dependencies, pinned', () => {
  for (const field of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies']) {
    assert.equal(about[field], undefined, field);
  }
  assert.deepEqual(Object.keys(about.devDependencies).sort(), ['@types/node', 'c8', 'typescript']);
  for (const version of Object.values(about.devDependencies)) assert.match(version, /^\d+\.\d+\.\d+$/);
});

test('package.json runs nothing when it is installed', () => {
  const scripts = Object.keys(about['scripts'] as object);
  const run = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare'];
  assert.deepEqual(
    scripts.filter((name) => run.includes(name)),
    [],
  );
});

test(
  'The package holds four files per entry, the files that they share, and the documents; 125 at most, 1.21 MB',
  ifBuilt,
  () => {
    const files = filesBelow(installed);
    const names = Object.keys(about.exports).filter((entry) => entry !== './package.json');
    const shared = [
      ...['shared', 'main', 'metric-object', 'scraping', 'output', 'collected-family', 'protobuf', 'openmetrics2'],
      ...[
        'server',
        'exchange',
        'auth',
        'tls',
        'delivery',
        'bridges',
        'http-bridges',
        'statsd-server',
        'reporter',
        'native-part',
        'native-merge',
        'heartbeat',
        'thread-worker',
      ],
    ];
    const expected = [
      ...names.map((entry) => entry.slice(2) || 'index').flatMap((name) => [`${name}.d.cts`, `${name}.d.ts`]),
      ...names.map((entry) => entry.slice(2) || 'index').flatMap((name) => [`${name}.cjs`, `${name}.js`]),
      ...shared.flatMap((name) => [`${name}.cjs`, `${name}.js`]),
      ...['shared.d.cts', 'shared-node.d.cts', 'main.d.cts', 'main.d.ts', 'cli.js'],
    ].map((name) => `dist/bundle/${name}`);
    assert.deepEqual(files, [...expected, 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].sort());
    assert.ok(files.length <= 125, `${files.length} files`);
    const bytes = files.reduce((sum, path) => sum + statSync(join(installed, path)).size, 0);
    assert.ok(bytes <= 1.21e6, `${bytes} bytes`);
  },
);

test('Each entry loads its own file, the shared one and few others at once; the main entry five', ifBuilt, () => {
  const loadedBy = (name: string): string[] => {
    const loaded = new Set([name]);
    for (const file of loaded) {
      const text = readFileSync(join(installed, 'dist', 'bundle', file), 'utf8');
      for (const [, next = ''] of text.matchAll(/\b(?:import|export)[\s{*][^"'`;]*\bfrom\s*"\.\/([\w.-]+)"/g))
        loaded.add(next);
    }
    return [...loaded].sort();
  };
  const expected = (name: string): string[] => {
    const main = ['exchange.js', 'main.js', 'metric-object.js', 'push.js', 'shared.js', 'summary.js'];
    if (name === 'index') return [...main, 'index.js'].sort();
    if (name === 'testing') return ['metric-object.js', 'shared.js', 'testing.js'];
    if (name === 'graphite') return ['bridges.js', 'graphite.js', 'metric-object.js', 'shared.js'];
    if (['statsd', 'cloudwatch'].includes(name)) return ['bridges.js', `${name}.js`, 'shared.js'].sort();
    if (name === 'push') return ['exchange.js', 'push.js', 'shared.js'];
    const overHttp = ['bridges.js', 'delivery.js', 'exchange.js', 'http-bridges.js', 'shared.js'];
    if (name === 'otlp') return [...overHttp, 'otlp.js'].sort();
    if (name === 'remote-write') return [...overHttp, 'output.js', 'remote-write.js'].sort();
    if (name === 'native') return ['native-merge.js', 'native.js', 'shared.js'];
    if (name === 'aggregate') return ['aggregate.js', 'reporter.js', 'shared.js'];
    if (name === 'thread') return [...main, 'heartbeat.js', 'reporter.js', 'thread.js'].sort();
    return name === 'parse' ? ['parse.js'] : [`${name}.js`, 'shared.js'].sort();
  };
  for (const entry of Object.keys(about.exports).filter((name) => name !== './package.json')) {
    const name = entry.slice(2) || 'index';
    assert.deepEqual(loadedBy(`${name}.js`), expected(name), entry);
  }
});

test('No line of the published code is longer than 160 characters', ifBuilt, () => {
  const long = filesBelow(installed)
    .filter((path) => /\.c?js$/.test(path))
    .flatMap((path) =>
      readFileSync(join(installed, path), 'utf8')
        .split('\n')
        .map((line) => ({ path, line })),
    )
    .filter(({ line }) => line.length > 160);
  assert.deepEqual(long, []);
});

test('No published file has a character that would make V8 hold it in two bytes for each', ifBuilt, () => {
  for (const path of filesBelow(installed).filter((path) => /\.c?js$/.test(path))) {
    const wide = /[^\0-\xff].{0,40}/.exec(readFileSync(join(installed, path), 'utf8'));
    assert.equal(wide?.[0], undefined, `${path}: write it as an escape in a regular expression`);
  }
});

test('An uncaught error prints lines that people can read', ifBuilt, () => {
  for (const [file, load] of [
    ['bad.mjs', `import { Counter } from '${about.name}';`],
    ['bad.cjs', `const { Counter } = require(${JSON.stringify(join(installed, 'dist', 'bundle', 'index.cjs'))});`],
  ] as const) {
    writeFileSync(join(app, file), `${load} new Counter({ name: 'bad name', help: 'H.' });`);
    const { status, stderr } = runProgram(process.execPath, [file], app);
    assert.equal(status, 1);
    assert.match(stderr, /bad name/);
    assert.ok(stderr.length < 1700, `${stderr.length} bytes`);
  }
});

test('The package serves the page at /, and loads it with the first request for it', ifBuilt, () => {
  const program = `
    import { startMetricsServer } from '${about.name}';
    const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
    for (const path of ['/', '/page.js', '/page.css']) console.log((await fetch(server.url + path)).status);
    await server.close();`;
  writeFileSync(join(app, 'page.mjs'), program);
  const { stdout, stderr } = runProgram(process.execPath, ['page.mjs'], app);
  assert.deepEqual([stdout, stderr], ['200\n200\n200\n', '']);
  const entry = readFileSync(join(installed, 'dist', 'bundle', 'main.js'), 'utf8');
  assert.doesNotMatch(entry, /<!doctype html>/);
});

test('All entries share one default registry', ifBuilt, () => {
  const program = `
    const [{ register }, core, { createFinpilotMetrics }] = await Promise.all(
      ['${about.name}', '${about.name}/core', '${about.name}/finpilot'].map((entry) => import(entry)),
    );
    createFinpilotMetrics();
    console.log(register === core.register, register.getSingleMetric('finpilot_scans_total') instanceof core.Counter);`;
  writeFileSync(join(app, 'shared.mjs'), program);
  assert.equal(runProgram(process.execPath, ['shared.mjs'], app).stdout, 'true true\n');
});

test('import and require() give one registry, in ES modules and in CommonJS', ifBuilt, () => {
  const program = `
    const both = async () => {
      const imported = await import('${about.name}');
      const required = require('${about.name}');
      new required.Counter({ name: 'seen_total', help: 'Seen.' }).inc();
      const { register } = require('${about.name}/core');
      return imported.register === required.register && register === imported.register && (await register.metrics());
    };
    both().then((text) => console.log(text));`;
  writeFileSync(join(app, 'one.cjs'), program);
  writeFileSync(
    join(app, 'one.mjs'),
    `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); ${program}`,
  );
  for (const file of ['one.cjs', 'one.mjs'])
    assert.match(runProgram(process.execPath, [file], app).stdout, /^seen_total 1$/m, file);
});

test('Each entry names files that the package holds', ifBuilt, () => {
  const files = new Set(filesBelow(installed));
  const targets = Object.values(about.exports).flatMap((target) =>
    typeof target === 'string'
      ? target
      : Object.values(target).flatMap((file: string | object) =>
          typeof file === 'string' ? file : Object.values(file as Record<string, string>),
        ),
  );
  for (const target of targets) assert.ok(files.has(target.replace(/^\.\//, '')), target);
});

test('Each entry can be imported, and its default export holds the same names', ifBuilt, () => {
  const loading = `const loaded = [${entries.map((entry) => `['${entry}', await import('${entry}')]`).join(', ')}];`;
  const seen = namesSeenBy('app.mjs', loading + REPORT);
  assert.deepEqual(Object.keys(seen), entries);
  for (const [entry, { names, inDefault, differ }] of Object.entries(seen)) {
    assert.ok(names.length > 0, entry);
    assert.deepEqual(inDefault, names, entry);
    assert.deepEqual(differ, [], entry);
  }
});

test('Each entry can be required, and gives the names that import gives', ifBuilt, () => {
  const imported = `const loaded = [${entries.map((entry) => `['${entry}', await import('${entry}')]`).join(', ')}];`;
  const required = `const loaded = [${entries.map((entry) => `['${entry}', require('${entry}')]`).join(', ')}];`;
  assert.deepEqual(namesSeenBy('app.cjs', required + REPORT), namesSeenBy('app.mjs', imported + REPORT));
});

test('require() of the main entry gives an object like that of prom-client', ifBuilt, () => {
  const file = join(installed, 'dist', 'bundle', 'index.cjs');
  const program = `
    const { contentType, linearBuckets, register } = client;
    client.linearBuckets = () => [7];
    const buckets = client.linearBuckets(0, 1, 2);
    client.linearBuckets = linearBuckets;
    client.contentType = client.openMetricsContentType;
    const followed = register.contentType === client.openMetricsContentType && client.contentType === register.contentType;
    register.setContentType(contentType);
    let message;
    try { client.contentType = 'text/html'; } catch (error) { ({ message } = error); }
    console.log(JSON.stringify({
      isObject: Object.getPrototypeOf(client) === Object.prototype,
      buckets, followed, back: client.contentType === contentType, message,
      isDefault: client.default === client && client.__esModule === true,
      names: Object.keys(client).filter((name) => /module/.test(name)),
    }));`;
  for (const [name, from] of Object.entries({ 'module.cjs': about.name, 'common.cjs': file })) {
    writeFileSync(join(app, name), `const client = require(${JSON.stringify(from)});${program}`);
    const { message, ...seen } = JSON.parse(runProgram(process.execPath, [name], app).stdout) as { message: string };
    const expected = { isObject: true, buckets: [7], followed: true, back: true, isDefault: true, names: [] };
    assert.deepEqual(seen, expected, name);
    assert.match(message, /^Content type text\/html is unsupported/, name);
  }
});

test('The command of the package runs as npx runs it', ifBuilt, () => {
  const { status, stdout } = runProgram('npx', ['--offline', about.name], app);
  assert.deepEqual([status, stdout], [2, '']);
  const input = 'open sesame\n';
  const hashed = spawnSync('npx', ['--offline', about.name, 'hash-password'], { cwd: app, input, encoding: 'utf8' });
  assert.match(hashed.stdout, /^\$scrypt\$/, hashed.stderr);
});

test('package.json can be read through the package, as tools do', ifBuilt, () => {
  writeFileSync(join(app, 'about.cjs'), `console.log(require('${about.name}/package.json').version);`);
  assert.equal(runProgram(process.execPath, ['about.cjs'], app).stdout, `${about.version}\n`);
});

test('CHANGELOG.md has an entry for the version', () => {
  assert.match(
    readFileSync(join(root, 'CHANGELOG.md'), 'utf8'),
    new RegExp(`^## \\[?${about.version.replaceAll('.', '\\.')}\\b`, 'm'),
  );
});

test('LICENSE is the licence of package.json', () => {
  const text = readFileSync(join(root, 'LICENSE'), 'utf8');
  assert.match(text, /^MIT License\n\nCopyright \(c\) 2026 FinPilot Development Team\n/);
});

test('The top level of the repository holds the agreed names only', () => {
  const agreed = ['package.json', 'tsconfig.json', 'lib', 'spec', 'bench', 'docs'];
  const documents = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'LICENSE'];
  const tools = [
    'package-lock.json',
    '.ci',
    '.github',
    '.biome.json',
    '.dockerignore',
    '.editorconfig',
    '.gitignore',
    '.npmrc',
  ];
  const unversioned = ['.git', 'node_modules', 'dist', 'coverage'];
  const allowed = new Set([...agreed, ...documents, ...tools, 'monitoring', ...unversioned]);
  const names = readdirSync(root).filter((name) => !name.endsWith('.tgz'));
  assert.deepEqual(
    names.filter((name) => !allowed.has(name)),
    [],
  );
});
