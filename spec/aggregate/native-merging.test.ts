import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Histogram, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import type { Gatherer, HistogramSeries, NativeHistogram } from '../../lib/model/family.ts';
import { type NativeBucketsOptions, type NativeHistogramChild, nativeBuckets } from '../../lib/native/index.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { type DecodedMetric, decodeProtobuf } from '../support/decode-protobuf.ts';
import { type CompositeValue2, readOpenMetrics2 } from '../support/read-openmetrics2.ts';
import { recountNative } from '../support/recount-native.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { turn } from '../support/turn.ts';
import { type MemoryWorker, memoryWorkers, valuesOf } from './memory-workers.ts';

// The oracle recounts, in plain numbers, every value that the workers were told to observe, also those that have ended.

const PROTOBUF = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

/** A worker with one native histogram. */
class Recorder {
  readonly registry = new MetricsRegistry();
  readonly histogram: Histogram<never, NativeHistogramChild>;
  readonly worker: MemoryWorker;
  readonly options: NativeBucketsOptions;

  constructor(start: (registry: Gatherer) => MemoryWorker, options: NativeBucketsOptions = {}) {
    this.options = options;
    const about = { name: 'wait_seconds', help: 'Wait.', registers: [this.registry] };
    this.histogram = new Histogram({ ...about, buckets: nativeBuckets(options) });
    this.worker = start(this.registry);
  }

  observe(...values: readonly number[]): void {
    for (const value of values) this.histogram.observe(value);
  }
}

/** The histogram as protobuf has it, read by a decoder that shares no code with the encoder. */
async function scraped(aggregation: Gatherer): Promise<DecodedMetric> {
  const bytes = await new PrometheusExporter(aggregation).render(PROTOBUF);
  return decodeProtobuf(bytes).find(({ name }) => name === 'wait_seconds')!.metrics[0]!;
}

/** What OpenMetrics 2.0 has of the histogram, whose reader demands that the buckets come to the count. */
async function valueIn2(aggregation: Gatherer): Promise<{ count: number; isNative: boolean }> {
  const bytes = await new PrometheusExporter(aggregation).render('application/openmetrics-text; version=2.0.0');
  const families = readOpenMetrics2(new TextDecoder().decode(bytes));
  const { value } = families.find(({ name }) => name === 'wait_seconds')!.samples[0]!;
  const { count, native } = value as CompositeValue2;
  return { count, isNative: native !== undefined };
}

/** The live series of an aggregate. */
async function seriesOf(aggregation: Gatherer): Promise<HistogramSeries> {
  const families = await aggregation.gather();
  return families.find(({ name }) => name === 'wait_seconds')!.series[0] as HistogramSeries;
}

async function nativeOf(aggregation: Gatherer): Promise<NativeHistogram> {
  return (await seriesOf(aggregation)).native!;
}

function populated(pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  return pairs.filter(([, count]) => count > 0);
}

/** Values of many magnitudes and both signs, in quarters of powers of two, so that sums are exact in any order. */
function randomValue(random: SeededRandom): number {
  const magnitude = (4 + random.int(4)) * 2 ** (random.int(24) - 16);
  const kind = random.int(10);
  return kind === 0 ? 0 : kind < 4 ? -magnitude : magnitude;
}

function randomOptions(random: SeededRandom): NativeBucketsOptions {
  return {
    bucketFactor: random.pick([1.01, 1.1, 1.1, 1.5, 4]),
    zeroThreshold: random.pick([0, 2 ** -128, 2 ** -12, 0.0003, 0.003]),
    maxBuckets: random.pick([20, 40, 160]),
    maxZeroThreshold: random.pick([0, 0.001]),
    classicBounds: random.pick([[1], [0.1, 1, 10], undefined])!,
  };
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`Aggregation merges native histograms of workers that come and go as a recount does, seed ${seed}`, async () => {
    const random = new SeededRandom(seed);
    const { aggregation, start } = memoryWorkers();
    const spawn = (): Recorder => {
      const { classicBounds, ...options } = randomOptions(random);
      return new Recorder(start, classicBounds === undefined ? options : { ...options, classicBounds });
    };
    const workers = [spawn(), spawn(), spawn()];
    const observed: number[] = [];
    let lowest = Infinity;
    let widest = 0;
    let before: readonly number[] = [];
    for (let round = 0; round < 30; round++) {
      for (let step = random.int(40); step >= 0; step--) {
        const value = randomValue(random);
        random.pick(workers).observe(value);
        observed.push(value);
      }
      const { histogram, worker } = random.pick(workers);
      const what = random.int(6);
      if (what === 0) {
        // What is not reported is nowhere else: a worker says what it has before it ends.
        await worker.report();
        worker.kill();
        workers.splice(
          workers.findIndex((one) => one.worker === worker),
          1,
          spawn(),
        );
      } else if (what === 1) {
        await worker.report();
        const { count } = histogram.labels();
        if (random.int(2) === 0) histogram.clear();
        else histogram.labels().reset();
        // Fewer than before: as of any counter, that it began again is seen by a count that has fallen.
        for (let i = random.int(Math.max(1, count)) - 1; i > 0; i--) {
          const value = randomValue(random);
          histogram.observe(value);
          observed.push(value);
        }
      }
      for (const one of workers) {
        const { schema, zeroThreshold, count } = one.histogram.labels().snapshot();
        if (count === 0) continue;
        lowest = Math.min(lowest, schema);
        widest = Math.max(widest, zeroThreshold);
      }
      const { native, count, sum } = await scraped(aggregation);
      assert.ok(native!.schema <= lowest && native!.zeroThreshold >= widest);
      const { zeroCount, positive, negative } = recountNative(observed, native!.schema, native!.zeroThreshold);
      assert.deepEqual(
        [count, sum, native!.zeroCount, populated(native!.positive), populated(native!.negative)],
        [observed.length, observed.reduce((total, value) => total + value, 0), zeroCount, positive, negative],
      );
      const { bucketCounts } = await seriesOf(aggregation);
      let total = 0;
      const cumulative = bucketCounts.map((one) => (total += one));
      assert.equal(total, observed.length);
      assert.ok(before.every((one, i) => cumulative[i]! >= one));
      before = cumulative;
    }
  });
}

test('Aggregation has each native observation in the classic buckets of text scrapers: bounds of the first worker', async () => {
  const { aggregation, start } = memoryWorkers();
  const fine = new Recorder(start, { bucketFactor: 1.01 });
  fine.observe(0.3, 2 ** -8, 100, -5);
  await aggregation.gather();
  const coarse = new Recorder(start, { bucketFactor: 2, classicBounds: [3, 5] });
  coarse.observe(0, 0.4, 8, 9);
  const text = new TextDecoder().decode(await new PrometheusExporter(aggregation).render());
  const bounds = Array.from({ length: 12 }, (_, i) => 2 ** (i - 8));
  const all = [0.3, 2 ** -8, 100, -5, 0, 0.4, 8, 9];
  for (const bound of bounds) {
    const found = new RegExp(
      `^wait_seconds_bucket\\{le="${bound.toString().replace(/^(\d+)$/, '$1.0')}"\\} (\\d+)$`,
      'm',
    );
    assert.equal(Number(found.exec(text)?.[1]), all.filter((value) => value <= bound).length, `${bound}`);
  }
  assert.match(text, /^wait_seconds_count 8$/m);
});

test('Aggregation adds up a native series that was reset and halved between two reports, though no bucket has fallen', async (t) => {
  let milliseconds = 0;
  t.mock.method(performance, 'now', () => milliseconds);
  const { aggregation, start } = memoryWorkers();
  const one = new Recorder(start, { bucketFactor: 2, maxBuckets: 2, minResetDuration: 10 });
  one.observe(1, 2);
  assert.equal((await nativeOf(aggregation)).count, 2);
  milliseconds = 20_000;
  one.observe(4); // the third bucket resets the series, and is counted
  one.observe(1, 1, 2, 2); // now it halves the resolution
  const { count, positive, createdSeconds } = await nativeOf(aggregation);
  assert.deepEqual([count, Array.from(positive.indexes), Array.from(positive.counts)], [7, [0, 1], [3, 4]]);
  assert.equal(createdSeconds, undefined); // since the start of the family
});

test('Aggregation adds up a native series that was reset after its resolution was halved', async () => {
  const { aggregation, start } = memoryWorkers();
  const one = new Recorder(start, { bucketFactor: 2, maxBuckets: 2 });
  one.observe(1, 2, 4);
  assert.equal((await nativeOf(aggregation)).schema, -1);
  one.histogram.labels().reset();
  one.observe(1, 1, 2, 2, 2);
  const { schema, count } = await nativeOf(aggregation);
  assert.deepEqual([schema, count], [-1, 8]);
});

test('Aggregation has the earliest time of its native series, if all of them were reset', async (t) => {
  let milliseconds = 0;
  t.mock.method(performance, 'now', () => milliseconds);
  const { aggregation, start } = memoryWorkers({ timeoutSeconds: 3600 });
  const recorders = [1, 2].map(() => new Recorder(start, { bucketFactor: 2, maxBuckets: 1, minResetDuration: 10 }));
  const createdSeconds = recorders.map(({ histogram }, i) => {
    histogram.observe(1);
    milliseconds = 20_000 * (i + 1);
    histogram.observe(2); // resets it
    return histogram.labels().native.createdSeconds!;
  });
  assert.ok(createdSeconds.every(Number.isFinite));
  assert.equal((await nativeOf(aggregation)).createdSeconds, Math.min(...createdSeconds));
  new Recorder(start).observe(1);
  assert.equal((await nativeOf(aggregation)).createdSeconds, undefined);
});

test('Aggregation never lets the sum of a native histogram fall, to the last bit, while workers end and others start', async () => {
  const random = new SeededRandom(7);
  const { aggregation, start } = memoryWorkers();
  const workers = [0, 1, 2, 3].map(() => new Recorder(start));
  let [before, nativeBefore] = [0, 0];
  for (let round = 0; round < 200; round++) {
    for (const worker of workers) worker.observe(random.next() * 10 ** random.int(3));
    const check = async (): Promise<void> => {
      const { sum, native } = await seriesOf(aggregation);
      assert.ok(sum >= before && native!.sum >= nativeBefore);
      [before, nativeBefore] = [sum, native!.sum];
    };
    await check();
    workers.shift()!.worker.kill();
    await check();
    workers.push(new Recorder(start));
    await check();
  }
});

test('Aggregation has the latest exemplar of a native histogram of each classic bucket, by increasing value', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const { aggregation, start } = memoryWorkers();
  const [one, two] = [new Recorder(start), new Recorder(start, { classicBounds: [1] })];
  one.histogram.labels().observe(3, { trace_id: 'old' });
  one.histogram.labels().observe(1.5, { trace_id: 'below' });
  t.mock.timers.tick(1000);
  two.histogram.labels().observe(3.5, { trace_id: 'new' });
  const expected = [
    { labels: { trace_id: 'below' }, value: 1.5, timestampSeconds: 1000 },
    { labels: { trace_id: 'new' }, value: 3.5, timestampSeconds: 1001 },
  ];
  await aggregation.gather();
  assert.deepEqual((await nativeOf(aggregation)).exemplars, expected);
  assert.deepEqual((await scraped(aggregation)).native!.exemplars, expected);
});

/** A worker with a histogram of fixed buckets, and the name of the native ones. */
function fixedWorker(start: (registry: Gatherer) => MemoryWorker, buckets: readonly number[]) {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({
    name: 'wait_seconds',
    help: 'Wait.',
    buckets: [...buckets],
    registers: [registry],
  });
  return { histogram, worker: start(registry) };
}

/** The counts of all workers up to some bounds, those of {@link nativeBuckets} by default. */
async function countsUpTo(aggregation: Gatherer, ...bounds: readonly number[]): Promise<readonly number[]> {
  const { bucketCounts } = await seriesOf(aggregation);
  return bounds.map((bound) =>
    bucketCounts.slice(0, upperBounds.indexOf(bound) + 1 || undefined).reduce((total, count) => total + count),
  );
}

const { upperBounds } = nativeBuckets();

test('Aggregation merges native histograms with fixed ones of the same bounds as classic ones, while a fixed one lives', async () => {
  const { aggregation, start } = memoryWorkers();
  const native = new Recorder(start);
  native.observe(0.5, 3);
  assert.equal((await scraped(aggregation)).native!.positive.length, 2);
  const fixed = fixedWorker(start, upperBounds);
  fixed.histogram.observe(2);
  const mixed = await scraped(aggregation);
  assert.deepEqual([mixed.native, mixed.count, await countsUpTo(aggregation, 1, 4)], [undefined, 3, [1, 3]]);
  await fixed.worker.report();
  fixed.worker.kill();
  native.observe(5);
  // What the ended one counted has no native form. The classic one still has it, so that nothing falls.
  const { native: buckets, count } = await scraped(aggregation);
  assert.deepEqual([count, populated(buckets!.positive).length], [3, 3]);
  assert.deepEqual([await countsUpTo(aggregation, 1, 4, 8), (await seriesOf(aggregation)).sum], [[1, 3, 4], 10.5]);
  new Recorder(start).observe(0.5); // takes the place of the fixed one
  assert.deepEqual([(await scraped(aggregation)).count, await countsUpTo(aggregation, 1, 4, 8)], [4, [2, 4, 5]]);
});

test('Aggregation merges native histograms natively once the fixed ones of the same bounds have ended', async () => {
  const { aggregation, start } = memoryWorkers();
  const fixed = fixedWorker(start, upperBounds);
  fixed.histogram.observe(2);
  assert.equal((await scraped(aggregation)).count, 1);
  new Recorder(start).observe(0.5, 3);
  assert.deepEqual([(await scraped(aggregation)).native, (await scraped(aggregation)).count], [undefined, 3]);
  fixed.worker.kill();
  const { native, count } = await scraped(aggregation);
  assert.deepEqual([native!.positive.length > 0, count], [true, 2]);
  assert.deepEqual(await countsUpTo(aggregation, 1, 4), [1, 3]);
  // OpenMetrics 2.0 has both forms in one value, with one count.
  assert.deepEqual(await valueIn2(aggregation), { count: 3, isNative: false });
});

test('Aggregation has both forms if a worker asked for classicBounds, at the bounds of the first worker', async () => {
  const { aggregation, start } = memoryWorkers();
  new Recorder(start).observe(0.5, 3);
  assert.deepEqual((await scraped(aggregation)).buckets, []);
  const asking = new Recorder(start, { classicBounds: [1, 4] });
  asking.observe(2, 2 ** -9, 100, -1);
  const expected = upperBounds.map((bound) => [bound, [0.5, 3, 2, 2 ** -9, -1].filter((one) => one <= bound).length]);
  const { native, buckets, count } = await scraped(aggregation);
  assert.deepEqual([native!.positive.length > 0, count], [true, 6]);
  assert.deepEqual(
    buckets!.map((one) => [one.bound, one.count]),
    expected,
  );
  asking.worker.kill();
  assert.equal((await scraped(aggregation)).buckets!.length, upperBounds.length);
});

test('Aggregation has the classic form alone of a series that fixed buckets counted, if both are asked for', async () => {
  const { aggregation, start } = memoryWorkers();
  const fixed = fixedWorker(start, [1, 4]);
  fixed.histogram.observe(2);
  await aggregation.gather();
  const native = new Recorder(start, { classicBounds: [1, 4] });
  native.observe(0.5, 3);
  for (const end of [() => {}, () => fixed.worker.kill()]) {
    end();
    const { native: buckets, count, buckets: classic } = await scraped(aggregation);
    assert.deepEqual([buckets, count, classic!.map((one) => one.count)], [undefined, 3, [1, 3, 3]]);
  }
});

test('Aggregation has the native buckets of its workers in OpenMetrics 2.0', async () => {
  const { aggregation, start } = memoryWorkers();
  for (const bucketFactor of [1.1, 2]) new Recorder(start, { bucketFactor }).observe(0.5, 3, -1);
  assert.deepEqual(await valueIn2(aggregation), { count: 6, isNative: true });
});

test('Aggregation keeps the native counts of an ended worker, also if the next one in its place has more', async () => {
  const { aggregation, start } = memoryWorkers();
  const first = new Recorder(start);
  first.observe(1, 2);
  await aggregation.gather();
  first.worker.kill();
  assert.equal((await nativeOf(aggregation)).count, 2);
  new Recorder(start).observe(1, 2, 2, 3);
  assert.deepEqual([(await nativeOf(aggregation)).count, (await scraped(aggregation)).sum], [6, 11]);
});

test('Aggregation merges native histograms of workers of an older version as classic ones, until these have ended', async () => {
  const { aggregation, start } = memoryWorkers();
  const [old, other] = [new Recorder((registry) => start(registry, true)), new Recorder(start)];
  old.observe(0.5, 3);
  other.observe(2, 100);
  const { native, buckets } = await scraped(aggregation);
  assert.deepEqual([native, buckets!.find(({ bound }) => bound === 2)!.count], [undefined, 2]);
  old.worker.kill();
  other.observe(5);
  assert.deepEqual([(await nativeOf(aggregation)).count, (await seriesOf(aggregation)).sum], [3, 110.5]);
});

test('Aggregation merges native histograms of metrics that an asynchronous collect() fills', async () => {
  const { aggregation, start } = memoryWorkers();
  const registers = [new MetricsRegistry()];
  const values = [0.5, 3];
  const histogram: Histogram<never, NativeHistogramChild> = new Histogram({
    ...{ name: 'wait_seconds', help: 'Wait.', buckets: nativeBuckets(), registers },
    async collect() {
      await turn();
      for (const value of values.splice(0)) histogram.observe(value);
    },
  });
  start(registers[0]!);
  new Recorder(start).observe(1);
  assert.equal((await nativeOf(aggregation)).count, 3);
  values.push(7, 7, -1);
  assert.deepEqual([(await nativeOf(aggregation)).count, (await scraped(aggregation)).sum], [6, 17.5]);
});

test('Aggregation refuses native histograms beside fixed ones of other bounds, until these have ended', async (t) => {
  const warnings = await collectWarnings(t);
  const { aggregation, start } = memoryWorkers();
  const fixed = fixedWorker(start, [0.1, 1]);
  fixed.histogram.observe(2);
  await aggregation.gather();
  const native = new Recorder(start, { classicBounds: [0.1, 1] });
  native.observe(5);
  const refused = async () => valuesOf(await aggregation.gather()).get('metrics_client_refused_families_total{}');
  assert.equal(await refused(), 1);
  assert.equal((await scraped(aggregation)).count, 1);
  await turn(); // Node emits warnings a little late
  assert.equal(warnings.filter(({ code }) => code === 'METRICS_NOT_MERGED').length, 1);
  fixed.worker.kill();
  await aggregation.gather();
  assert.deepEqual((await nativeOf(aggregation)).sum, 5);
});

test('Aggregation keeps the native series of workers apart by the label of workers', async () => {
  const { aggregation, start } = memoryWorkers({ workerLabel: 'worker' });
  for (const [i, bucketFactor] of [2, 1.1].entries()) new Recorder(start, { bucketFactor }).observe(i + 1);
  const families = await aggregation.gather();
  const { series } = families.find(({ name }) => name === 'wait_seconds')!;
  assert.deepEqual(
    (series as readonly HistogramSeries[]).map(({ labelValues, native }) => [labelValues, native!.schema, native!.sum]),
    [
      [['1'], 0, 1],
      [['2'], 3, 2],
    ],
  );
});

test('Aggregation merges what another aggregation has merged', async () => {
  const { aggregation: inner, start: startInner } = memoryWorkers();
  const { aggregation: outer, start: startOuter } = memoryWorkers();
  const [one, two] = [new Recorder(startInner), new Recorder(startOuter, { bucketFactor: 2 })];
  startOuter(inner);
  one.observe(1, 2);
  two.observe(3);
  assert.equal((await nativeOf(outer)).count, 3);
  one.observe(5);
  await one.worker.report();
  one.worker.kill();
  new Recorder(startInner, { bucketFactor: 4, zeroThreshold: 1.5 }).observe(1.25, 7);
  const { count, sum, schema, zeroThreshold, zeroCount } = await nativeOf(outer);
  assert.deepEqual([count, sum, schema, zeroThreshold, zeroCount], [6, 19.25, -1, 1.5, 2]);
});

test('Aggregation takes native histograms and other metrics in the order in which they were reported', async () => {
  const { aggregation, start } = memoryWorkers();
  const recorder = new Recorder(start);
  const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [recorder.registry] });
  recorder.observe(1);
  counter.inc();
  // The first native report of an aggregation loads code; what comes meanwhile waits, also the end of the worker.
  const asked = aggregation.gather();
  await recorder.worker.report();
  counter.inc();
  recorder.observe(2);
  await recorder.worker.report();
  recorder.worker.kill();
  await asked;
  assert.deepEqual(
    [(await nativeOf(aggregation)).count, valuesOf(await aggregation.gather()).get('jobs_total{}')],
    [2, 2],
  );
});
