import assert from 'node:assert/strict';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Gauge, Histogram, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import { Slice } from '../../lib/exposition/exposition-writer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { turn } from '../support/turn.ts';

test('Slice.isOver is true half a millisecond after it began, and after it went on', async (t) => {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  const slice = new Slice();
  now = 1000.4;
  assert.equal(slice.isOver, false);
  now = 1000.5;
  assert.equal(slice.isOver, true);
  await slice.next();
  assert.equal(slice.isOver, false);
  now = 1000.9;
  assert.equal(slice.isOver, false);
  now = 1001;
  assert.equal(slice.isOver, true);
});

const FORMATS = [
  'text/plain',
  'application/openmetrics-text;version=1.0.0',
  'application/openmetrics-text;version=2.0.0',
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
];

/** Scrapes by both methods; returns the number of turns that the event loop took meanwhile. */
async function turnsOfScrapes(exporter: PrometheusExporter, accept: string): Promise<number[]> {
  const counts: number[] = [];
  for (const scrape of [() => exporter.render(accept), () => readAll(exporter.chunks(accept))]) {
    let isOver = false;
    const done = scrape().finally(() => (isOver = true));
    let turns = -1;
    for (; !isOver; turns++) await turn();
    counts.push(turns);
    await done;
  }
  return counts;
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of chunks);
}

test('PrometheusExporter scrapes a few series in one turn of the event loop, but for its first scrape of a format', async (t) => {
  t.mock.method(performance, 'now', () => 1000);
  const registry = new MetricsRegistry();
  new Gauge({ name: 'g', help: 'G.', registers: [registry] });
  const exporter = new PrometheusExporter(registry);
  for (const accept of FORMATS) {
    await exporter.render(accept);
    assert.deepEqual(await turnsOfScrapes(exporter, accept), [0, 0], accept);
  }
});

test('PrometheusExporter takes a turn of the event loop for each half millisecond that a scrape takes', async (t) => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 1280; i++) gauge.set({ i }, 1);
  const exporter = new PrometheusExporter(registry);
  for (const accept of FORMATS) {
    await exporter.render(accept);
    let now = 0;
    t.mock.method(performance, 'now', () => (now += 0.25)); // at every look
    for (const turns of await turnsOfScrapes(exporter, accept)) assert.ok(turns > 3, `${turns} turns, ${accept}`);
    t.mock.reset();
  }
});

test('PrometheusExporter.render() writes as prom-client does if asked to, under any names', async () => {
  const registry = new MetricsRegistry({ nameValidationScheme: 'utf8', constantLabels: { 'z.a': '1' } });
  new Histogram({ name: 'job.seconds', help: 'J.', labelNames: ['b'], buckets: [1], registers: [registry] })
    .labels('x')
    .observe(2);
  new Histogram({ name: 'bare', help: 'B.', buckets: [], registers: [registry] });
  new Gauge({ name: 'none', help: 'N.', labelNames: ['b'], registers: [registry] });
  const exporter = new PrometheusExporter(registry);
  for (let round = 0; round < 2; round++) {
    for (const [accept, name, zone] of [
      ['text/plain;version=0.0.4', 'job_seconds', 'z_a'],
      ['text/plain;version=1.0.0;escaping=dots', 'job_dot_seconds', 'z_dot_a'],
    ] as const) {
      const text = new TextDecoder().decode(await exporter.render(accept, { isLikePromClient: true }));
      assert.equal(
        text,
        `# HELP ${name} J.
# TYPE ${name} histogram
${name}_bucket{le="1",${zone}="1",b="x"} 0
${name}_bucket{le="+Inf",${zone}="1",b="x"} 1
${name}_sum{${zone}="1",b="x"} 2
${name}_count{${zone}="1",b="x"} 1

# HELP bare B.
# TYPE bare histogram
bare_bucket{le="+Inf",${zone}="1"} 0
bare_sum{${zone}="1"} 0
bare_count{${zone}="1"} 0

# HELP none N.
# TYPE none gauge
`,
      );
      assert.match(new TextDecoder().decode(await exporter.render(accept)), /\{b="x",z\w+="1",le="1\.0"\} 0\n/);
    }
  }
});

test('PrometheusExporter.render() writes le alone as prom-client does, where there are no other labels', async () => {
  const registry = new MetricsRegistry();
  new Histogram({ name: 'h', help: 'H.', buckets: [1], registers: [registry] });
  const text = new TextDecoder().decode(
    await new PrometheusExporter(registry).render(undefined, { isLikePromClient: true }),
  );
  assert.equal(
    text,
    '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 0\nh_bucket{le="+Inf"} 0\nh_sum 0\nh_count 0\n',
  );
});

test('PrometheusExporter.prepare() loads all that scrapes of any format need: the files may go then', async (t) => {
  const folder = temporaryFolder(t);
  const filter = (path: string): boolean => !/\.(ts|map)$/.test(path);
  cpSync(fileURLToPath(new URL('../../lib/', import.meta.url)), folder, { recursive: true, filter });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const core = (await import(pathToFileURL(join(folder, 'core.js')).href)) as typeof import('../../lib/core.ts');
  const registry = new core.MetricsRegistry();
  new core.Gauge({ name: 'g', help: 'G.', registers: [registry] }).set(7);
  const exporter = new core.PrometheusExporter(registry);
  await exporter.prepare();
  rmSync(folder, { recursive: true });
  for (const accept of FORMATS) assert.ok((await exporter.render(accept)).length > 0, accept);
});
