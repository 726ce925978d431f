import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import { parse } from '../../lib/parse/index.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { turn } from '../support/turn.ts';

const decoder = new TextDecoder();

/** A registry with families of several sizes, texts of several bytes a character, and series longer than a small chunk. */
function createRegistry(): MetricsRegistry {
  const registry = new MetricsRegistry({ constantLabels: { zone: 'eu' } });
  new Counter({ name: 'first_total', help: 'F.', registers: [registry] }).inc(3);
  const gauge = new Gauge({
    name: 'values',
    help: 'V. é漢😀'.repeat(20),
    labelNames: ['i', 'text'],
    registers: [registry],
  });
  for (let i = 0; i < 300; i++) gauge.set({ i, text: i % 50 === 0 ? '漢😀'.repeat(400) : 'é'.repeat(i % 7) }, i / 7);
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 100; i++) histogram.observe({ i: i % 10 === 0 ? 'x'.repeat(3000) + i : i }, i / 10);
  return registry;
}

async function chunksOf(exporter: PrometheusExporter): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exporter.chunks()) chunks.push(chunk);
  return chunks;
}

test('PrometheusExporter.contentType() is that of the format that render() and chunks() give', async () => {
  const exporter = new PrometheusExporter(createRegistry());
  for (const accept of [undefined, 'text/plain;version=1.0.0;escaping=allow-utf-8', 'application/openmetrics-text']) {
    const families = parse(await exporter.render(accept), exporter.contentType(accept));
    assert.equal(families.length, 3, accept);
  }
});

test('PrometheusExporter.render() renders the families of the names it is given, by any of their names', async () => {
  const exporter = new PrometheusExporter(createRegistry());
  const namesFor = async (...names: string[]): Promise<string[]> =>
    parse(await exporter.render(undefined, { names: new Set(names) })).map(({ name }) => name);
  assert.deepEqual(await namesFor('values'), ['values']);
  assert.deepEqual(await namesFor('first', 'h_bucket'), ['first_total', 'h']);
  assert.deepEqual(await namesFor('h_sum', 'first_total', 'nothing'), ['first_total', 'h']);
  assert.deepEqual(await namesFor(), []);
});

test('PrometheusExporter.render() takes a name without its last suffix only for the types that have one', async () => {
  const registry = new MetricsRegistry();
  const collected = [
    { name: 'a_total_b_total', help: 'H.', type: 'counter' as const, series: [{ value: 1 }] },
    { name: 'c_info_d_info', help: 'H.', type: 'info' as const, series: [{ value: 1 }] },
    { name: 'e_total', help: 'H.', type: 'gauge' as const, series: [{ value: 1 }] },
    { name: 'f_info', help: 'H.', type: 'gauge' as const, series: [{ value: 1 }] },
  ];
  registry.registerCollector({ name: 'spec', collect: () => collected });
  const exporter = new PrometheusExporter(registry);
  for (const [name, ...expected] of [
    ['a_total_b', 'a_total_b_total'],
    ['c_info_d', 'c_info_d_info'],
    ['a_b_total'],
    ['c_d_info'],
    ['a_total_b_info'],
    ['e'],
    ['f'],
    ['f_info', 'f_info'],
  ] as const) {
    const families = parse(await exporter.render(undefined, { names: new Set([name!]) }));
    assert.deepEqual(
      families.map((family) => family.name),
      expected,
      name,
    );
  }
});

test('PrometheusExporter.prepare() prepares the registry too, if that can be', async () => {
  let count = 0;
  const gather = async (): Promise<[]> => [];
  const prepare = async (): Promise<void> => void count++;
  await new PrometheusExporter({ gather }).prepare();
  await new PrometheusExporter({ gather, prepare }).prepare();
  assert.equal(count, 1);
  const failing = new PrometheusExporter({ gather, prepare: () => Promise.reject(new Error('no file')) });
  await assert.rejects(failing.prepare(), /^Error: no file$/);
});

test('PrometheusExporter.chunks() concatenated are what render() gives, for any size of chunks', async () => {
  const registry = createRegistry();
  const whole = await new PrometheusExporter(registry).render();
  parseExposition(new TextDecoder('utf-8', { fatal: true }).decode(whole));
  for (const chunkBytes of [1024, 1025, 4000, 64 * 1024, 10_000_000]) {
    const exporter = new PrometheusExporter(registry, { chunkBytes });
    assert.deepEqual(Buffer.concat(await chunksOf(exporter)), Buffer.from(whole), `${chunkBytes}`);
    assert.deepEqual(await exporter.render(), whole);
  }
});

test('PrometheusExporter.render() and registry.metrics() give the same text', async () => {
  const registry = createRegistry();
  assert.equal(decoder.decode(await new PrometheusExporter(registry).render()), await registry.metrics());
});

test('PrometheusExporter.chunks() puts families into one chunk while they fit, in each format', async () => {
  const registry = new MetricsRegistry();
  for (let i = 0; i < 20; i++) new Gauge({ name: `g${i}`, help: 'G.', registers: [registry] });
  const exporter = new PrometheusExporter(registry);
  const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
  for (const accept of ['text/plain', 'application/openmetrics-text', protobuf]) {
    let count = 0;
    for await (const chunk of exporter.chunks(accept)) count += Math.sign(chunk.length);
    assert.equal(count, 1, accept);
  }
});

test('PrometheusExporter.chunks() are of about 64 KiB, none of them empty', async () => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 20_000; i++) gauge.set({ i }, i);
  const chunks = await chunksOf(new PrometheusExporter(registry));
  assert.ok(chunks.length > 4);
  for (const chunk of chunks.slice(0, -1))
    assert.ok(chunk.length > 60_000 && chunk.length <= 65_536, `${chunk.length}`);
  assert.ok(chunks.at(-1)!.length > 0);
});

test('PrometheusExporter.chunks() has no empty chunk where a help text or a series is larger than a chunk', async () => {
  const registry = new MetricsRegistry();
  new Gauge({ name: 'long', help: 'L.'.repeat(2000), registers: [registry] });
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['l'], registers: [registry] });
  for (let i = 0; i < 5; i++) gauge.set({ l: 'x'.repeat(5000) + i }, i);
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['l'], registers: [registry] });
  for (let i = 0; i < 5; i++) histogram.observe({ l: 'x'.repeat(5000) + i }, i);
  for (const chunk of await chunksOf(new PrometheusExporter(registry, { chunkBytes: 1024 })))
    assert.ok(chunk.length > 0);
});

test("PrometheusExporter.chunks() are the reader's to keep and to change", async () => {
  const registry = createRegistry();
  const exporter = new PrometheusExporter(registry, { chunkBytes: 1024 });
  const whole = await exporter.render();
  const kept: Uint8Array[] = [];
  const copies: Uint8Array[] = [];
  for await (const chunk of exporter.chunks()) {
    kept.push(chunk);
    copies.push(chunk.slice());
  }
  await exporter.render();
  assert.deepEqual(kept, copies);
  for (const chunk of kept) chunk.fill(0);
  assert.deepEqual(await exporter.render(), whole);
});

/** An exporter whose chunks are of the usual size, 16 KiB, and not larger for a single step. */
function createPooledExporter(): PrometheusExporter {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 10_000; i++) gauge.set({ i }, i);
  return new PrometheusExporter(registry, { chunkBytes: 16_384 });
}

test('PrometheusExporter.release() takes back what chunks() lent, once, and four chunks at most', async () => {
  const exporter = createPooledExporter();
  const chunks = await chunksOf(exporter);
  assert.ok(chunks.length > 8);
  for (const chunk of [...chunks, ...chunks]) exporter.release(chunk);
  const again = (await chunksOf(exporter)).map(({ buffer }) => buffer);
  assert.equal(new Set(again).size, again.length, 'two chunks share their memory');
  assert.equal(again.filter((memory) => chunks.some(({ buffer }) => buffer === memory)).length, 4);
});

test('PrometheusExporter.release() ignores memory that is not a chunk of this exporter', async () => {
  const exporter = createPooledExporter();
  const foreign = [new Uint8Array(16_384), ...(await chunksOf(createPooledExporter()))];
  for (const chunk of foreign) exporter.release(chunk);
  const used = (await chunksOf(exporter)).map(({ buffer }) => buffer);
  for (const { buffer } of foreign) assert.ok(!used.includes(buffer));
});

test('PrometheusExporter.render() of a registry without series is empty', async () => {
  const registry = new MetricsRegistry();
  assert.equal((await new PrometheusExporter(registry).render()).length, 0);
  new Counter({ name: 'c', help: 'C.', labelNames: ['a'], registers: [registry] });
  assert.equal((await new PrometheusExporter(registry).render()).length, 0);
  assert.deepEqual(await chunksOf(new PrometheusExporter(registry)), []);
});

test('PrometheusExporter refuses a chunkBytes that is no integer of at least 1024', () => {
  const registry = new MetricsRegistry();
  for (const chunkBytes of [0, 1023, 1024.5, NaN, Infinity, '2048' as never]) {
    assert.throws(() => new PrometheusExporter(registry, { chunkBytes }), {
      name: 'RangeError',
      message: /^Cannot create an exporter: expected chunkBytes to be an integer of at least 1024, got /,
    });
  }
});

test('PrometheusExporter may be left in the middle of a scrape', async () => {
  const registry = createRegistry();
  const exporter = new PrometheusExporter(registry, { chunkBytes: 1024 });
  const whole = await exporter.render();
  for await (const chunk of exporter.chunks()) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.deepEqual(await exporter.render(), whole);
});

test('PrometheusExporter serves scrapes at once, of one exporter or of several, all alike', async () => {
  const registry = createRegistry();
  const exporters = [1024, 5000, 64 * 1024].map((chunkBytes) => new PrometheusExporter(registry, { chunkBytes }));
  const whole = await exporters[0]!.render();
  const results = await Promise.all(Array.from({ length: 30 }, (_, i) => exporters[i % 3]!.render()));
  for (const result of results) assert.deepEqual(result, whole);
});

test('PrometheusExporter gives the event loop back while it renders 200,000 series', async () => {
  const registry = new MetricsRegistry({ maxSeries: Infinity });
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 200_000; i++) gauge.set({ i }, i / 3);
  const exporter = new PrometheusExporter(registry);
  for (let scrape = 0; scrape < 2; scrape++) {
    let ticks = 0;
    let isRendering = true;
    const ticking = (async () => {
      while (isRendering) {
        await turn();
        ticks++;
      }
    })();
    const bytes = await exporter.render();
    isRendering = false;
    await ticking;
    assert.ok(bytes.length > 5_000_000);
    // Each slice is half a millisecond of work at least; even the fastest machine needs ten of them.
    assert.ok(ticks >= 10, `${ticks} turns of the event loop`);
    for (let i = 0; i < 200_000; i += 2) gauge.set({ i }, i / 7 + scrape);
  }
});

test('PrometheusExporter never tears a histogram that is observed while it renders', async () => {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({
    name: 'h',
    help: 'H.',
    labelNames: ['i'],
    buckets: [1, 2, 3],
    registers: [registry],
  });
  const children = Array.from({ length: 400 }, (_, i) => histogram.labels(i));
  let n = 0;
  const observeAll = (): void => {
    for (const child of children) child.observe(n % 5);
    n++;
  };
  for (const chunkBytes of [1024, 1500, 3333]) {
    const exporter = new PrometheusExporter(registry, { chunkBytes });
    for (let round = 0; round < 5; round++) {
      let text = '';
      for await (const chunk of exporter.chunks()) {
        text += decoder.decode(chunk);
        observeAll();
        if (round % 2 === 0) await turn();
      }
      // The parser refuses falling buckets and a count other than the +Inf bucket; the sum tells the observations apart.
      const sums = new Map<string, number>();
      const counts = new Map<string, number>();
      for (const { name, labels, value } of parseExposition(text)[0]!.samples) {
        if (name === 'h_sum') sums.set(labels.get('i')!, value);
        if (name === 'h_count') counts.set(labels.get('i')!, value);
      }
      assert.equal(counts.size, 400);
      for (const [i, count] of counts) assert.equal(sums.get(i), sumOfFirst(count));
    }
  }
});

/** The sum of the first observations: 0, 1, 2, 3, 4, 0, 1, … */
function sumOfFirst(count: number): number {
  return Math.floor(count / 5) * 10 + [0, 0, 1, 3, 6][count % 5]!;
}

test('PrometheusExporter takes series that join or leave while it renders', async () => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 500; i++) gauge.set({ i }, i);
  let next = 500;
  let text = '';
  for await (const chunk of new PrometheusExporter(registry, { chunkBytes: 1024 }).chunks()) {
    text += decoder.decode(chunk);
    for (let k = 0; k < 7; k++) gauge.set({ i: next }, next++);
    gauge.remove(next - 400);
  }
  const seen = new Set(parseExposition(text)[0]!.samples.map(({ labels }) => Number(labels.get('i'))));
  for (let i = 0; i < 100; i++) assert.ok(seen.has(i), `${i}`);
});

test('PrometheusExporter rejects with the error of a gatherer that rejects', async () => {
  const exporter = new PrometheusExporter({ gather: () => Promise.reject(new Error('no families')) });
  await assert.rejects(exporter.render(), /no families/);
});
