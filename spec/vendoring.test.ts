import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { packageRoot } from './support/package-root.ts';
import { runProgram } from './support/run-program.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import { writeCopy } from './support/vendored-copy.ts';
import { whyNotBuilt } from './support/why-not-built.ts';

// What a vendored copy looks like, and what it costs. spec/vendor.test.ts is about the command that writes it.

const ABOUT = ['LICENSE', 'README.md', 'manifest.json', 'package.json'];
const ENTRIES = [
  'aggregate',
  'cloudwatch',
  'core',
  'finpilot',
  'graphite',
  'http',
  'index',
  'native',
  'otlp',
  'parse',
  'push',
  'remote-write',
  'service',
  'statsd',
  'summary',
  'testing',
  'textfile',
  'thread',
];

const root = packageRoot();
const compiled = join(root, 'dist', 'lib');
const ifBuilt = { skip: whyNotBuilt() };
const made = mkdtempSync(join(tmpdir(), 'finpilot-metrics-vendoring-'));
const all = join(made, 'all');
const core = join(made, 'core');

before(async () => {
  if (whyNotBuilt() !== false) return;
  await writeCopy(all);
  await writeCopy(core, ['core']);
});
after(() => rmSync(made, { recursive: true }));

/** The files of a copy that hold code or declarations. */
function codeOf(copy: string): string[] {
  return readdirSync(copy)
    .filter((name) => !ABOUT.includes(name))
    .sort();
}

function read(copy: string, name: string): string {
  return readFileSync(join(copy, name), 'utf8');
}

/** The modules in a file, in its order, by the headings. */
function headings(copy: string, name: string): string[] {
  return [...read(copy, name).matchAll(/^\/\/ ---- lib\/(\S+) -+$/gm)].map(([, path = '']) => path);
}

test(
  'A copy of everything has two files per entry, and at most eight that entries share or load on demand',
  ifBuilt,
  () => {
    const programs = ['cli.js', 'thread-worker.js'];
    // The default export of the main entry is a namespace, which declarations can only take from another file.
    const ofEntries = [...ENTRIES.flatMap((entry) => [`${entry}.d.ts`, `${entry}.js`]), ...programs, 'main.d.ts'];
    const others = codeOf(all).filter((name) => !ofEntries.includes(name));
    assert.deepEqual(
      others.filter((name) => name.endsWith('.js')),
      ['exposition.js', 'page.js', 'server.js', 'shared-node.js', 'shared-other.js', 'shared.js'],
    );
    assert.ok(others.length <= 8, others.join(' '));
    assert.equal(codeOf(all).length, ofEntries.length + others.length);
  },
);

test('A copy of the core has four files and at most 365 KB, of them 176 KB of code', ifBuilt, () => {
  assert.deepEqual(codeOf(core), ['core.d.ts', 'core.js', 'exposition.js', 'shared.js']);
  const bytes = codeOf(core).reduce((sum, name) => sum + statSync(join(core, name)).size, 0);
  assert.ok(bytes <= 365_000, `${bytes} bytes`);
  const code = codeOf(core).filter((name) => name.endsWith('.js'));
  const codeBytes = code.reduce((sum, name) => sum + withoutComments(read(core, name)).length, 0);
  assert.ok(codeBytes <= 176_000, `${codeBytes} bytes without comments, blank lines and indents`);
});

/** A text without the lines that are comments, and without what indents the others. */
function withoutComments(text: string): string {
  return text
    .replace(/^ *\/\*\*[^]*?\*\/\n/gm, '')
    .replace(/^ *\/\/.*\n/gm, '')
    .replace(/^\s+/gm, '');
}

test('An entry in a copy of some comes with the entries that it imports, and only with those', ifBuilt, async (t) => {
  const copy = join(temporaryFolder(t), 'copy');
  await writeCopy(copy, ['parse', 'summary']);
  assert.deepEqual(
    codeOf(copy).filter((name) => name.endsWith('.js')),
    ['exposition.js', 'parse.js', 'shared.js', 'summary.js'],
  );
  const { exports } = JSON.parse(read(copy, 'package.json')) as { readonly exports: object };
  assert.deepEqual(Object.keys(exports), ['./parse', './summary', './package.json']);
});

test(
  'A copy has no line of more than 160 characters, no names made by a tool, and no file with a hash',
  ifBuilt,
  () => {
    for (const copy of [all, core]) {
      for (const name of readdirSync(copy)) {
        assert.match(name, /^(?:[a-z]+(?:-node|-other|-worker|-write)?(?:\.d\.ts|\.js|\.json)|README\.md|LICENSE)$/);
        const text = read(copy, name);
        for (const line of text.split('\n')) assert.ok(line.length <= 160, `${name}: ${line}`);
        if (name.endsWith('.js')) assert.doesNotMatch(text, /\b(?:function\*?|class|const|let) \w+\$\d/, name);
        assert.doesNotMatch(text, /sourceMappingURL|@ts-|biome-ignore/, name);
      }
    }
  },
);

test('A copy has no character that would make V8 hold a file in two bytes for each', ifBuilt, () => {
  for (const name of codeOf(all).filter((name) => name.endsWith('.js'))) {
    const text = read(all, name);
    const wide = /[^\0-\xff]/.exec(text);
    assert.equal(wide, null, `${name}: ${text.slice((wide?.index ?? 0) - 40, (wide?.index ?? 0) + 40)}`);
  }
});

test('An import of the main entry of a copy loads neither a server nor what only other entries share', ifBuilt, () => {
  const loaded = new Set(['index.js']);
  for (const name of loaded) {
    for (const [, target = ''] of read(all, name).matchAll(/^(?:import|\}|export) ?[^;]*?from '\.\/(\S+)';$/gm))
      loaded.add(target);
  }
  assert.deepEqual([...loaded].sort(), ['index.js', 'push.js', 'shared-node.js', 'shared.js']);
});

test('The manifest of a copy is smaller than 6 KB', ifBuilt, () => {
  assert.ok(statSync(join(all, 'manifest.json')).size < 6144);
});

test(
  'A copy holds each module of lib once, below its heading, but for the page, whose program has its own',
  ifBuilt,
  () => {
    const found = codeOf(all)
      .filter((name) => name.endsWith('.js') && name !== 'page.js')
      .flatMap((name) => headings(all, name));
    assert.deepEqual(found, [...new Set(found)]);
    const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.ts') && !/^page\/|\/page\//.test(path));
    const missing = sources.filter((path) => !found.includes(path));
    // Only modules without any code may be missing: all of these must consist of types or of exports.
    for (const path of missing) {
      const js = readFileSync(join(compiled, path.replace(/ts$/, 'js')), 'utf8');
      assert.doesNotMatch(js, /^(?:export )?(?:default|async function|function|class|const|let)\b/m, path);
    }
    assert.ok(found.length > 100, `${found.length}`);
  },
);

test('A copy has its modules in the order of the rooms, and comments as in the sources', ifBuilt, () => {
  const order = headings(core, 'shared.js');
  const first = (room: string): number => order.findIndex((path) => path.startsWith(`${room}/`));
  assert.equal(first('model'), 0);
  // What a module uses comes first: the registry has an exporter, and a metric joins the default registry.
  assert.ok(order.indexOf('exposition/prometheus-exporter.ts') < order.indexOf('registry/metrics-registry.ts'));
  assert.ok(order.indexOf('registry/metrics-registry.ts') < order.indexOf('metrics/counter.ts'));
  const ofScrape = headings(core, 'exposition.js');
  assert.ok(ofScrape.indexOf('registry/gathering.ts') < ofScrape.indexOf('exposition/exposition-writer.ts'));
  const text = read(core, 'shared.js');
  assert.match(text, /\n \*\/\nclass Counter extends /);
  assert.match(text, /\n {3}\*\/\n {2}inc\(/);
  const both = text + read(core, 'exposition.js');
  assert.ok((both.match(/^ *(?:\/\/|\*)/gm) ?? []).length > 600);
});

test('The page of a copy is text that people can read', ifBuilt, () => {
  const text = read(all, 'page.js');
  assert.match(text, /<!doctype html>/);
  assert.ok(headings(all, 'page.js').includes('page/main.ts'));
  assert.doesNotMatch(text, /[A-Za-z\d+/]{100}/);
});

test('A copy is the same, byte for byte, whatever the folder, time zone, locale and umask; an upgrade keeps its entries', {
  skip: ifBuilt.skip || (process.platform === 'win32' && 'there is no umask'),
}, (t) => {
  const copy = join(temporaryFolder(t), 'an other', 'folder');
  cpSync(core, copy, { recursive: true });
  const vendor = [process.execPath, join(root, '.ci', 'vendor.mjs'), '--from', compiled, copy];
  const surroundings = { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' };
  const { status, stderr } = runProgram('sh', ['-c', 'umask 077; "$@"', 'sh', ...vendor], made, surroundings);
  assert.equal(status, 0, stderr);
  assert.equal(statSync(join(copy, 'core.js')).mode & 0o077, 0, 'the files were written anew, under the umask');
  assert.deepEqual(readdirSync(copy).sort(), readdirSync(core).sort());
  for (const name of readdirSync(core)) assert.equal(read(copy, name), read(core, name), name);
});

test('The core of a copy serves each format', ifBuilt, () => {
  const program = `
    import { Counter, Histogram, MetricsRegistry, PrometheusExporter } from './core/core.js';
    const registry = new MetricsRegistry();
    const options = { help: 'Orders.', registers: [registry] };
    new Counter({ ...options, name: 'orders_total', labelNames: ['side'] }).inc({ side: 'buy' }, 2);
    new Histogram({ ...options, name: 'order_seconds', buckets: [1] }).observe(0.5);
    const exporter = new PrometheusExporter(registry);
    const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
    for (const accept of ['text/plain', 'application/openmetrics-text;version=1.0.0', protobuf]) {
      const bytes = await exporter.render(accept);
      console.log(exporter.contentType(accept).split(';')[0], Buffer.from(bytes).toString('latin1').includes('orders'));
    }
    console.log(await registry.metrics());`;
  writeFileSync(join(made, 'formats.mjs'), program);
  const { stdout, stderr } = runProgram(process.execPath, ['formats.mjs'], made);
  assert.equal(stderr, '');
  assert.match(
    stdout,
    /^text\/plain true\napplication\/openmetrics-text true\napplication\/vnd.google.protobuf true\n/,
  );
  assert.match(
    stdout,
    /# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total{side="buy"} 2\n\n# HELP order_seconds Orders.\n# TYPE order_seconds histogram\norder_seconds_bucket{le="1.0"} 1\norder_seconds_bucket{le="\+Inf"} 1\norder_seconds_sum 0.5\norder_seconds_count 1\n/,
  );
});

test('A copy exports from each entry what the package does', ifBuilt, async () => {
  const { ENTRIES: sources } = (await import(pathToFileURL(join(root, '.ci', 'entries.mjs')).href)) as {
    readonly ENTRIES: Readonly<Record<string, string>>;
  };
  assert.deepEqual(Object.keys(sources).sort(), ENTRIES);
  for (const entry of ENTRIES) {
    const source = join(root, 'dist', sources[entry]!.replace(/ts$/, 'js'));
    const ours = (await import(join(all, `${entry}.js`))) as Record<string, unknown>;
    const names = Object.keys((await import(source)) as Record<string, unknown>);
    assert.deepEqual(Object.keys(ours).sort(), names.sort(), entry);
  }
});

test('Two copies have each their own default registry, and entries of one copy share theirs', ifBuilt, async () => {
  const [one, other, main] = (await Promise.all(
    [join(all, 'core.js'), join(core, 'core.js'), join(all, 'index.js')].map((path) => import(path)),
  )) as [typeof import('../lib/core.ts'), typeof import('../lib/core.ts'), typeof import('../lib/index.ts')];
  assert.notEqual(one.register, other.register);
  assert.equal(one.Counter, main.Counter);
  new one.Counter({ name: 'orders_total', help: 'Orders.' }).inc();
  assert.equal(await other.register.metrics(), '');
  assert.match(await main.register.metrics(), /^orders_total 1$/m);
});

test('docs/vendoring.md lists the JavaScript of a copy with its sizes, to a fifth', ifBuilt, () => {
  const page = readFileSync(join(root, 'docs', 'vendoring.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([\w-]+\.js)` \| (\d+) KB \|/gm)].map(([, name = '', kilobytes]) => ({
    name,
    kilobytes: Number(kilobytes),
  }));
  assert.deepEqual(
    rows.map(({ name }) => name).sort(),
    codeOf(all).filter((name) => name.endsWith('.js')),
  );
  for (const { name, kilobytes } of rows) {
    const bytes = statSync(join(all, name)).size;
    assert.ok(Math.abs(bytes - kilobytes * 1000) <= Math.max(600, bytes / 5), `${name}: ${bytes} bytes`);
  }
});
