import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, MetricsRegistry, PrometheusExporter } from '../../../lib/core.ts';
import { type ParsedFamily, parseExposition } from '../../support/parse-exposition.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

// The lines that an encoder keeps between scrapes, against a model that is obviously right: what was set, by label set.

const BUCKETS: readonly number[] = [-1, 0.5, 10];
const TEXTS: readonly string[] = [
  '',
  'a',
  'b',
  '|',
  'a|b',
  '"',
  '\\',
  '\n',
  '__proto__',
  'constructor',
  '😀',
  'overflow',
];
const VALUES: readonly number[] = [
  0,
  -0,
  1,
  7,
  9,
  10,
  99,
  100,
  12345,
  99999,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53,
  -1,
  -10,
  0.5,
  0.1,
  1 / 3,
  -2 / 3,
  1e21,
  1e-7,
  -0.0000012345678901234567,
  123456.789,
  NaN,
  Infinity,
  -Infinity,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
];

type LabelPair = readonly [a: string, b: string];

/** What there should be: by label set, in the order of creation. */
interface Model {
  readonly counter: Map<string, number>;
  readonly gauge: Map<string, number>;
  readonly histogram: Map<string, number[]>;
  plain: number;
  constantLabels: Record<string, string>;
}

/** The metrics of one registry. */
interface Metrics {
  readonly registry: MetricsRegistry;
  readonly counter: Counter<'a' | 'b'>;
  readonly gauge: Gauge<'a' | 'b'>;
  readonly histogram: Histogram<'a' | 'b'>;
  readonly plain: Gauge<never>;
}

function createMetrics(constantLabels: Record<string, string>): Metrics {
  const registry = new MetricsRegistry({ constantLabels });
  const options = { labelNames: ['a', 'b'] as const, registers: [registry] };
  return {
    registry,
    counter: new Counter({ name: 'c_total', help: 'C.', ...options }),
    gauge: new Gauge({ name: 'g', help: 'G.', ...options }),
    histogram: new Histogram({ name: 'h', help: 'H.', buckets: BUCKETS, ...options }),
    plain: new Gauge({ name: 'plain', help: 'P.', registers: [registry] }),
  };
}

/** The exposition of new metrics that hold what the model says: nothing can have been kept from an earlier scrape. */
async function renderFromScratch(model: Model): Promise<string> {
  const { registry, counter, gauge, histogram, plain } = createMetrics(model.constantLabels);
  for (const [key, value] of model.counter) counter.labels(...pairOf(key)).inc(value);
  for (const [key, value] of model.gauge) gauge.labels(...pairOf(key)).set(value);
  for (const [key, values] of model.histogram) {
    const child = histogram.labels(...pairOf(key));
    for (const value of values) child.observe(value);
  }
  plain.set(model.plain);
  return registry.metrics();
}

function keyOf(pair: LabelPair): string {
  return JSON.stringify(pair);
}

function pairOf(key: string): LabelPair {
  return JSON.parse(key) as LabelPair;
}

/** The state of each series that a slow reader may rightly see, by family and label set. */
type States = Map<string, Set<string>>;

function statesOf(model: Model): Map<string, string> {
  const states = new Map<string, string>();
  for (const [key, value] of model.counter) states.set(`c_total ${key}`, String(value));
  for (const [key, value] of model.gauge) states.set(`g ${key}`, String(value));
  for (const [key, values] of model.histogram) states.set(`h ${key}`, stateOfHistogram(values));
  states.set('plain []', String(model.plain));
  return states;
}

function stateOfHistogram(values: readonly number[]): string {
  const cumulative = [...BUCKETS, Infinity].map((bound) => values.filter((value) => value <= bound).length);
  return JSON.stringify([...cumulative, values.reduce((sum, value) => sum + value, 0), values.length]);
}

/** Reads the states back from an exposition; a histogram's samples come together. */
function parsedStates(families: readonly ParsedFamily[]): Map<string, string> {
  const states = new Map<string, string>();
  for (const { name, type, samples } of families) {
    const numbers = new Map<string, number[]>();
    for (const { labels, value } of samples) {
      const key = `${name} ${JSON.stringify(labels.has('a') ? [labels.get('a'), labels.get('b')] : [])}`;
      const known = numbers.get(key);
      if (known === undefined) numbers.set(key, [value]);
      else known.push(value);
    }
    for (const [key, values] of numbers)
      states.set(key, type === 'histogram' ? JSON.stringify(values) : String(values[0]));
  }
  return states;
}

/** A scrape that is read chunk by chunk while the metrics change. */
class SlowReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #decoder = new TextDecoder();
  readonly #states: States = new Map();
  /** The series that were there all the time, so that they must be in what was read, once. */
  readonly #constant: Set<string>;
  #text = '';

  constructor(exporter: PrometheusExporter, model: Model) {
    this.#chunks = exporter.chunks()[Symbol.asyncIterator]();
    this.#constant = new Set(statesOf(model).keys());
    this.note(model);
  }

  /** Takes note of a change. */
  note(model: Model): void {
    const states = statesOf(model);
    for (const [series, state] of states) this.#states.set(series, (this.#states.get(series) ?? new Set()).add(state));
    for (const series of this.#constant) if (!states.has(series)) this.#constant.delete(series);
  }

  /** Reads a chunk; at the end checks what was read, and returns false. */
  async read(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done !== true) {
      assert.ok(value.length > 0);
      this.#text += this.#decoder.decode(value, { stream: true });
      return true;
    }
    const read = parsedStates(parseExposition(this.#text));
    for (const [series, state] of read) assert.ok(this.#states.get(series)?.has(state), `${series} was never ${state}`);
    for (const series of this.#constant) assert.ok(read.has(series), `${series} is missing`);
    return false;
  }
}

/** One random change, made to the metrics and to the model alike. */
function change(random: SeededRandom, metrics: Metrics, model: Model): void {
  const { counter, gauge, histogram, plain, registry } = metrics;
  const pair: LabelPair = [random.pick(TEXTS), random.pick(TEXTS)];
  const [a, b] = pair;
  const key = keyOf(pair);
  const kind = random.int(1000);
  if (kind < 300) {
    const amount = random.int(3) === 0 ? random.next() * 10 ** random.int(10) : random.int(10 ** random.int(7));
    if (random.int(2) === 0) counter.inc({ a, b }, amount);
    else counter.inc({ b, a }, amount);
    model.counter.set(key, (model.counter.get(key) ?? 0) + amount);
  } else if (kind < 700) {
    const value = random.int(4) === 0 ? (random.next() - 0.5) * 10 ** (random.int(30) - 15) : random.pick(VALUES);
    if (random.int(2) === 0) gauge.set({ a, b }, value);
    else gauge.labels(a, b).set(value);
    model.gauge.set(key, value);
  } else if (kind < 850) {
    const value = random.pick([-5, -1, 0, 0.1, 0.5, 3, 10, 11.25, 1e9]);
    histogram.observe({ a, b }, value);
    const values = model.histogram.get(key);
    if (values === undefined) model.histogram.set(key, [value]);
    else values.push(value);
  } else if (kind < 880) {
    plain.set((model.plain = random.pick(VALUES)));
  } else if (kind < 910) {
    assert.equal(counter.remove(a, b), model.counter.delete(key));
  } else if (kind < 940) {
    assert.equal(gauge.remove({ a, b }), model.gauge.delete(key));
  } else if (kind < 965) {
    assert.equal(histogram.remove(a, b), model.histogram.delete(key));
  } else if (kind < 971) {
    gauge.reset();
    model.gauge.clear();
  } else if (kind < 974) {
    counter.clear();
    model.counter.clear();
  } else if (kind < 977) {
    histogram.clear();
    model.histogram.clear();
  } else if (kind < 985) {
    registry.setDefaultLabels(
      (model.constantLabels = random.pick([{}, { zone: 'eu' }, { zone: 'a "longer" one', shard: '1' }])),
    );
  } else if (kind < 990) {
    plain.reset();
    model.plain = 0;
  }
}

test('NumberLines agrees with a rendering from scratch after any changes, and a slow reader sees no torn line', async () => {
  for (const seed of [1, 2, 3]) {
    const random = new SeededRandom(seed);
    const model: Model = { counter: new Map(), gauge: new Map(), histogram: new Map(), plain: 0, constantLabels: {} };
    const metrics = createMetrics({});
    const exporters = [1024, 1500, 4096].map((chunkBytes) => new PrometheusExporter(metrics.registry, { chunkBytes }));
    let readers: SlowReader[] = [];
    let mostSeries = 0;
    for (let step = 0; step < 2000; step++) {
      change(random, metrics, model);
      for (const reader of readers) reader.note(model);
      mostSeries = Math.max(mostSeries, model.gauge.size);
      if (random.int(20) === 0 && readers.length < 4) readers.push(new SlowReader(random.pick(exporters), model));
      if (random.int(3) === 0) readers = await readOn(readers);
      if (random.int(6) === 0)
        assert.equal(await metrics.registry.metrics(), await renderFromScratch(model), `seed ${seed}, step ${step}`);
    }
    while (readers.length > 0) readers = await readOn(readers);
    assert.ok(mostSeries > 64, `${mostSeries} series are too few to fill a block`);
  }
});

/** Lets each reader read a chunk, and returns those that are not at their end. */
async function readOn(readers: readonly SlowReader[]): Promise<SlowReader[]> {
  const reading: SlowReader[] = [];
  for (const reader of readers) if (await reader.read()) reading.push(reader);
  return reading;
}

test('a scrape in the middle of another one does not disturb it, though series were removed meanwhile', async () => {
  for (const isHistogram of [false, true]) {
    const registry = new MetricsRegistry();
    const options = { name: 'x', help: 'X.', labelNames: ['i'] as const, registers: [registry] };
    const metric = isHistogram ? new Histogram({ ...options, buckets: [1] }) : new Gauge(options);
    for (let i = 0; i < 1000; i++) metric.labels(i);
    const exporter = new PrometheusExporter(registry, { chunkBytes: 1024 });
    const chunks = exporter.chunks();
    let text = '';
    const read = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) text += new TextDecoder().decode((await chunks.next()).value ?? undefined);
    };
    await read(3);
    for (let i = 0; i < 950; i++) metric.remove(i);
    await exporter.render();
    await read(1000);
    const [family] = parseExposition(text);
    const seen = new Set(family!.samples.map(({ labels }) => labels.get('i')));
    for (let i = 950; i < 1000; i++) assert.ok(seen.has(String(i)));
    const [after] = parseExposition(new TextDecoder().decode(await exporter.render()));
    assert.equal(new Set(after!.samples.map(({ labels }) => labels.get('i'))).size, 50);
  }
});

test('a scrape between two chunks of another one does not tear its lines, though values grew meanwhile', async () => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 640; i++) gauge.set({ i }, 1);
  const exporter = new PrometheusExporter(registry, { chunkBytes: 1024 });
  await exporter.render();
  let value = 1;
  let text = '';
  for await (const chunk of exporter.chunks()) {
    text += new TextDecoder().decode(chunk);
    value = value > 1e12 ? 1 : value * 1000.5;
    for (let i = 0; i < 640; i++) gauge.set({ i }, value);
    await exporter.render();
  }
  assert.equal(parseExposition(text)[0]!.samples.length, 640);
});

test('NumberLines keeps lines of a kilobyte each, whose positions need more than 16 bits', async () => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['a'], registers: [registry] });
  const labelOf = (i: number): string => `${i}`.padStart(1000, 'x');
  for (const round of [1, 2, 3]) {
    for (let i = 0; i < 200; i++) gauge.set({ a: labelOf(i) }, i / round);
    const [family] = parseExposition(await registry.metrics());
    assert.deepEqual(
      family!.samples.map(({ labels, value }) => [labels.get('a'), value]),
      Array.from({ length: 200 }, (_, i) => [labelOf(i), i / round]),
    );
  }
});

test('NumberLines writes the lines beyond those that it keeps as it does the others', async () => {
  const count = 131_072 + 300;
  const registry = new MetricsRegistry({ maxSeries: Infinity });
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['a'], registers: [registry] });
  const children = Array.from({ length: count }, (_, i) => gauge.labels(i));
  for (const round of [1, 1000, 7]) {
    children.forEach((child, i) => child.set(i * round));
    const lines = (await registry.metrics()).split('\n').slice(2, -1);
    assert.equal(lines.length, count);
    assert.ok(lines.every((line, i) => line === `g{a="${i}"} ${i * round}`));
  }
});
