import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, Info, MetricsRegistry, StateSet } from '../../lib/core.ts';
import type { Aggregator } from '../../lib/model/family.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { type MemoryWorker, memoryWorkers, valuesOf } from './memory-workers.ts';

// The oracle adds up, in plain maps, what the workers were told to count. All amounts are whole numbers or halves, so
// that every sum is exact in whatever order it is made.

const BUCKETS = [1, 2, 4];
const LABEL_VALUES = ['', 'a', 'b', 'ab', 'a"b', 'a,b', '__proto__', '\n', '漢', '1:a'];

class Application {
  readonly registry: MetricsRegistry;
  readonly counter: Counter<string>;
  readonly histogram: Histogram<string>;
  readonly gauges: ReadonlyMap<Aggregator, Gauge<string>>;
  /** What its gauges hold. */
  readonly held = new Map<string, number>();
  readonly worker: MemoryWorker;

  /** The order of the label names differs between workers, as between versions of a program. */
  constructor(start: (registry: MetricsRegistry) => MemoryWorker, labelNames: readonly string[]) {
    const registers = [(this.registry = new MetricsRegistry())];
    this.counter = new Counter({ name: 'counted_total', help: 'Counter.', labelNames, registers });
    this.histogram = new Histogram({
      name: 'seen_seconds',
      help: 'Histogram.',
      labelNames,
      buckets: BUCKETS,
      registers,
    });
    const aggregators = ['sum', 'min', 'max', 'average', 'omit'] as const;
    this.gauges = new Map(
      aggregators.map((aggregator) => [
        aggregator,
        new Gauge({ name: `gauge_${aggregator}`, help: 'Gauge.', labelNames, aggregator, registers }),
      ]),
    );
    this.worker = start(this.registry);
  }
}

function keyOf(name: string, labels: Readonly<Record<string, string>>, more = ''): string {
  const pairs = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = pairs.map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  const own = more === '' ? texts : [...texts, more].sort();
  return `${name}{${own.join(',')}}`;
}

function merge(aggregator: Aggregator, values: readonly number[]): number {
  switch (aggregator) {
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'average':
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    default:
      return values.reduce((sum, value) => sum + value, 0);
  }
}

for (const seed of [1, 2, 3, 4]) {
  test(`Aggregation merges random registries of workers that come and go as an oracle does, seed ${seed}`, async () => {
    const random = new SeededRandom(seed);
    const { aggregation, start } = memoryWorkers();
    const names = ['x', 'y', 'zone', 'seven', 'eight', 'nine', 'ten'];
    const spawn = (): Application => new Application(start, random.int(2) === 0 ? names : [...names].reverse());
    const applications = [spawn(), spawn(), spawn()];
    const counted = new Map<string, number>();
    const add = (key: string, amount: number): void => void counted.set(key, (counted.get(key) ?? 0) + amount);
    for (let round = 0; round < 25; round++) {
      for (let step = 0; step < 60; step++) {
        const { counter, histogram, gauges, held } = random.pick(applications);
        const labels = Object.fromEntries(names.map((name, i) => [name, i < 2 ? random.pick(LABEL_VALUES) : 'same']));
        switch (random.int(4)) {
          case 0: {
            const amount = random.int(9) / 2;
            counter.inc(labels, amount);
            add(keyOf('counted_total', labels), amount);
            break;
          }
          case 1: {
            const value = random.int(12) / 2;
            histogram.observe(labels, value);
            const bucket = BUCKETS.findIndex((bound) => value <= bound);
            add(keyOf('seen_seconds_sum', labels), value);
            for (let i = 0; i <= BUCKETS.length; i++)
              add(
                keyOf('seen_seconds_bucket', labels, `bucket="${i}"`),
                Number(i === (bucket < 0 ? BUCKETS.length : bucket)),
              );
            break;
          }
          default: {
            const [aggregator, gauge] = random.pick([...gauges]);
            const value = random.int(100) - 50;
            gauge.set(labels, value);
            held.set(keyOf(`gauge_${aggregator}`, labels), value);
          }
        }
      }
      // A worker that ends has reported, since what it counted after its last report is nowhere else.
      if (random.int(3) === 0) {
        const ending = applications.splice(random.int(applications.length), 1)[0]!;
        await ending.worker.report();
        ending.worker.kill();
        applications.push(spawn());
      }
      const values = valuesOf(await aggregation.gather());
      const expected = new Map(counted);
      for (const aggregator of ['sum', 'min', 'max', 'average'] as const) {
        const keys = new Set(
          applications.flatMap(({ held }) => [...held.keys()].filter((key) => key.startsWith(`gauge_${aggregator}{`))),
        );
        for (const key of keys)
          expected.set(
            key,
            merge(
              aggregator,
              applications.flatMap(({ held }) => held.get(key) ?? []),
            ),
          );
      }
      for (const key of [...values.keys()].filter((one) => one.startsWith('metrics_client_'))) values.delete(key);
      assert.deepEqual(new Map([...values].sort()), new Map([...expected].sort()));
    }
  });
}

test('Aggregation never lets a counter of fractions fall, to the last bit, while workers end and others start', async () => {
  const random = new SeededRandom(5);
  const { aggregation, start } = memoryWorkers();
  const spawn = () => {
    const registry = new MetricsRegistry();
    const counter = new Counter({ name: 'seconds_total', help: 'Seconds.', registers: [registry] });
    return { counter, worker: start(registry) };
  };
  const workers = [spawn(), spawn(), spawn(), spawn()];
  let before = 0;
  for (let round = 0; round < 500; round++) {
    const i = random.int(workers.length);
    workers[i]!.counter.inc(random.next());
    if (random.int(3) === 0) {
      workers[i]!.worker.kill();
      workers[i] = spawn();
    }
    const value = valuesOf(await aggregation.gather()).get('seconds_total{}')!;
    assert.ok(value >= before, `${value} after ${before}`);
    before = value;
  }
  assert.ok(before > 50);
});

test('Aggregation keeps what was counted before a counter was reset or a series removed, and drops what all have removed', async () => {
  const { aggregation, start } = memoryWorkers();
  const counters = [1, 2].map(() => {
    const registry = new MetricsRegistry();
    const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers: [registry] });
    start(registry);
    return counter;
  });
  const [first, second] = counters as [Counter<'kind'>, Counter<'kind'>];
  const value = async (kind: string) => valuesOf(await aggregation.gather()).get(`jobs_total{kind="${kind}"}`);
  first.inc({ kind: 'a' }, 10);
  second.inc({ kind: 'a' }, 5);
  first.inc({ kind: 'b' }, 3);
  assert.deepEqual([await value('a'), await value('b')], [15, 3]);
  first.remove({ kind: 'a' });
  assert.deepEqual([await value('a'), await value('b')], [15, 3]);
  first.inc({ kind: 'a' }, 2);
  assert.equal(await value('a'), 17);
  first.remove({ kind: 'a' });
  second.remove({ kind: 'a' });
  assert.deepEqual([await value('a'), await value('b')], [undefined, 3]);
});

test('Aggregation does not count twice what a collector leaves out for one scrape and has again in the next', async () => {
  const { aggregation, start } = memoryWorkers();
  let hasIt = true;
  for (const _worker of [1, 2]) {
    const registry = new MetricsRegistry();
    const series = () => (hasIt || _worker === 1 ? [{ value: 100 }] : []);
    registry.registerCollector({
      name: 'cpu',
      collect: () => [{ name: 'cpu_total', help: 'Time.', type: 'counter', series: series() }],
    });
    start(registry);
  }
  const value = async () => valuesOf(await aggregation.gather()).get('cpu_total{}');
  assert.equal(await value(), 200);
  hasIt = false;
  assert.equal(await value(), 200);
  hasIt = true;
  assert.equal(await value(), 200);
});

test('Aggregation merges infos, states and summaries, and takes first and omit at their word', async () => {
  const { aggregation, start } = memoryWorkers();
  for (const worker of [1, 2]) {
    const registry = new MetricsRegistry({ constantLabels: { app: 'shop' } });
    const registers = [registry];
    new Info({ name: 'build_info', help: 'Build.', labelNames: ['version'], registers }).set({ version: '1' });
    const states = new StateSet({ name: 'mode', help: 'Mode.', states: ['idle', 'busy'], registers });
    states.select(worker === 1 ? 'idle' : 'busy');
    new Gauge({ name: 'port', help: 'Port.', aggregator: 'first', registers }).set(8000 + worker);
    new Gauge({ name: 'own', help: 'Nobody else.', aggregator: 'omit', registers }).set(worker);
    registry.registerCollector({
      name: 'summary',
      collect: () => [
        {
          name: 'size_bytes',
          help: 'Size.',
          type: 'summary',
          unit: 'bytes',
          quantiles: [0.5],
          series: [{ quantileValues: [worker], sum: worker * 10, count: worker }],
        },
      ],
    });
    start(registry);
  }
  const families = await aggregation.gather();
  const values = valuesOf(families);
  for (const key of [...values.keys()].filter((one) => one.startsWith('metrics_client_'))) values.delete(key);
  assert.deepEqual(Object.fromEntries(values), {
    'build_info{app="shop",version="1"}': 1,
    'mode{app="shop",mode="idle"}': 1,
    'mode{app="shop",mode="busy"}': 1,
    'port{app="shop"}': 8001,
    'size_bytes_sum{app="shop"}': 30,
    'size_bytes_count{app="shop"}': 3,
  });
  const summary = families.find(({ name }) => name === 'size_bytes')!;
  assert.equal(summary.unit, 'bytes');
  assert.deepEqual('quantiles' in summary && summary.quantiles, []);
});

test('Aggregation.gather() keeps the array of series while none goes, so that encoders keep their lines', async () => {
  const { aggregation, start } = memoryWorkers();
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'open', help: 'Open.', labelNames: ['pool'], registers: [registry] });
  start(registry);
  gauge.set({ pool: 'a' }, 1);
  const familyOf = async () => (await aggregation.gather()).find(({ name }) => name === 'open')!;
  const { series, cache } = await familyOf();
  gauge.set({ pool: 'b' }, 2);
  const later = await familyOf();
  assert.equal(later.series, series);
  assert.equal(later.series.length, 2);
  assert.equal(later.cache, cache);
  gauge.remove({ pool: 'a' });
  const last = await familyOf();
  assert.notEqual(last.series, series);
  assert.deepEqual(
    last.series.map(({ labelValues }) => labelValues),
    [['b']],
  );
});

test('Aggregation gives each worker a label of its place if told so, and a worker that starts the place of one that ended', async () => {
  const { aggregation, start } = memoryWorkers({ workerLabel: 'worker' });
  const spawn = (amount: number) => {
    const registry = new MetricsRegistry();
    new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] }).inc(amount);
    new Gauge({ name: 'open', help: 'Open.', aggregator: 'omit', registers: [registry] }).set(amount);
    return start(registry);
  };
  const jobs = async () => {
    const values = valuesOf(await aggregation.gather());
    return [1, 2].flatMap((place) => [
      values.get(`jobs_total{worker="${place}"}`),
      values.get(`open{worker="${place}"}`),
    ]);
  };
  const first = spawn(1);
  spawn(2);
  assert.deepEqual(await jobs(), [1, 1, 2, 2]);
  first.kill();
  assert.deepEqual(await jobs(), [1, undefined, 2, 2]);
  spawn(10);
  assert.deepEqual(await jobs(), [11, 10, 2, 2]);
});

test('Aggregation answers gathers that follow each other at once, with a registry of its own', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  const { aggregation } = memoryWorkers({ registry });
  for (let i = 1; i <= 100; i++) {
    counter.inc();
    assert.equal(valuesOf(await aggregation.gather()).get('jobs_total{}'), i);
  }
});

test('Aggregation keeps series apart whose labels read alike', async () => {
  const { aggregation, start } = memoryWorkers();
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'open', help: 'Open.', labelNames: ['x', 'y'], registers: [registry] });
  gauge.set({ x: 'a', y: 'b' }, 1);
  gauge.set({ x: 'a1:yb', y: '' }, 2);
  gauge.set({ x: 'a1:y1:b', y: '' }, 4);
  start(registry);
  const family = (await aggregation.gather()).find(({ name }) => name === 'open')!;
  assert.deepEqual(
    family.series.map((series) => 'value' in series && series.value),
    [1, 2, 4],
  );
});

test('Aggregation takes exemplars, the latest of all workers, and the earliest start time', async (t) => {
  const now = t.mock.method(Date, 'now', () => 1_000_000);
  const { aggregation, start } = memoryWorkers();
  const counters = [2000, 1000].map((startSeconds) => {
    now.mock.mockImplementation(() => startSeconds * 1000);
    const registry = new MetricsRegistry();
    const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
    start(registry);
    return counter;
  });
  for (const [i, seconds] of [5000, 4000].entries()) {
    now.mock.mockImplementation(() => seconds * 1000);
    counters[i]!.labels().inc(1, { trace_id: `at ${seconds}` });
  }
  const family = (await aggregation.gather()).find(({ name }) => name === 'jobs_total')!;
  assert.equal(family.createdSeconds, 1000);
  assert.equal(family.hasExemplars, true);
  const [series] = family.series;
  assert.deepEqual('exemplar' in series! && series.exemplar, {
    labels: { trace_id: 'at 5000' },
    value: 1,
    timestampSeconds: 5000,
  });
});

test('Aggregation adds up what counts up whatever aggregator it was given, and leaves it out only if told to', async () => {
  const { aggregation, start } = memoryWorkers();
  for (const amount of [2, 3]) {
    const registers = [new MetricsRegistry()];
    new Counter({ name: 'max_total', help: 'Max.', aggregator: 'max', registers }).inc(amount);
    new Counter({ name: 'omitted_total', help: 'Omitted.', aggregator: 'omit', registers }).inc(amount);
    start(registers[0]!);
  }
  const values = valuesOf(await aggregation.gather());
  assert.deepEqual([values.get('max_total{}'), values.get('omitted_total{}')], [5, undefined]);
});

test('Aggregation drops a series when it has expired in all workers, and keeps what one that comes back had counted', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { aggregation, start } = memoryWorkers();
  const counters = [1, 2].map(() => {
    const registry = new MetricsRegistry({ idleSeconds: 60 });
    start(registry);
    return new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers: [registry] });
  });
  const [first, second] = counters as [Counter<'kind'>, Counter<'kind'>];
  const value = async () => valuesOf(await aggregation.gather()).get('jobs_total{kind="a"}');
  first.inc({ kind: 'a' }, 10);
  second.inc({ kind: 'a' }, 5);
  assert.equal(await value(), 15);
  now += 40_000;
  second.inc({ kind: 'a' });
  now += 40_000;
  assert.equal(await value(), 16); // expired in the first worker
  first.inc({ kind: 'a' }, 2);
  assert.equal(await value(), 18);
  now += 80_000;
  assert.equal(await value(), undefined);
  first.inc({ kind: 'a' }, 2);
  assert.equal(await value(), 2);
});
