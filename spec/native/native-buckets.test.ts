import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '../../lib/metrics/histogram.ts';
import type { NativeHistogram } from '../../lib/model/family.ts';
import { NativeSnapshot, nativeBuckets } from '../../lib/native/index.ts';
import type { NativeBucketsOptions } from '../../lib/native/native-buckets.ts';
import type { NativeHistogramChild } from '../../lib/native/native-child.ts';
import { MetricsRegistry } from '../../lib/registry/metrics-registry.ts';
import { SeededRandom } from '../support/seeded-random.ts';

function recorder(options?: NativeBucketsOptions): NativeHistogramChild {
  return new Histogram({ name: 'x_seconds', help: 'X.', registers: [], buckets: nativeBuckets(options) }).labels();
}

function latencies(count: number): number[] {
  const random = new SeededRandom(17);
  return Array.from({ length: count }, () => 0.001 * 10 ** (4 * random.next()));
}

test('nativeBuckets() refuse invalid options', () => {
  const refused: readonly [NativeBucketsOptions, string][] = [
    [{ bucketFactor: 1 }, 'bucketFactor to be a finite number above 1, got 1'],
    [{ zeroThreshold: -1 }, 'zeroThreshold to be a finite number of at least 0, got -1'],
    [{ maxBuckets: 0 }, 'maxBuckets to be a positive integer or Infinity, got 0'],
    [{ classicBounds: [1, 1] }, 'classicBounds to be finite numbers above 0 in strictly increasing order'],
    [{ bucketFactor: '1.1' as never }, 'bucketFactor to be a finite number above 1, got "1.1"'],
    [{ zeroThreshold: null as never }, 'zeroThreshold to be a finite number of at least 0, got null'],
    [{ minResetDuration: true as never }, 'minResetDuration to be a finite number of at least 0'],
    [{ minResetSeconds: 3600 } as never, 'the options to be among bucketFactor, .*, got "minResetSeconds"'],
    [{ classicBounds: ['1', '2'] as never }, 'classicBounds to be finite numbers above 0 in strictly increasing order'],
    [{ classicBounds: null as never }, 'classicBounds to be finite numbers above 0 in strictly increasing order'],
    [{ classicBounds: [0] }, 'classicBounds to be finite numbers above 0 in strictly increasing order'],
  ];
  for (const [options, message] of refused)
    assert.throws(() => nativeBuckets(options), { name: 'RangeError', message: new RegExp(message) });
});

test('Histogram refuses to reuse a metric with other native buckets', () => {
  const registry = new MetricsRegistry();
  const create = (options?: NativeBucketsOptions): object =>
    new Histogram({
      name: 'x_seconds',
      help: 'X.',
      registers: [registry],
      buckets: nativeBuckets(options),
      ifExists: 'reuse',
    });
  const { upperBounds } = nativeBuckets();
  const first = create();
  assert.equal(create({ bucketFactor: 1.095 }), first); // the same schema
  for (const options of [
    { bucketFactor: 1.01 },
    { maxBuckets: 40 },
    { classicBounds: [1] },
    { classicBounds: upperBounds },
  ])
    assert.throws(() => create(options), /^RangeError: Cannot reuse metric "x_seconds": expected the (bucketO|upperB)/);
  const classic = {
    name: 'x_seconds',
    help: 'X.',
    registers: [registry],
    buckets: upperBounds,
    ifExists: 'reuse',
  } as const;
  assert.throws(
    () => new Histogram(classic),
    /^RangeError: Cannot reuse metric "x_seconds": expected the bucketOptions/,
  );
});

test('nativeBuckets() are exposed as text in classic buckets at native bounds', async () => {
  const registry = new MetricsRegistry();
  const buckets = nativeBuckets({ classicBounds: [0.25, 1, 4] });
  const histogram = new Histogram({ name: 'x_seconds', help: 'X.', registers: [registry], buckets });
  for (const value of [-1, 0, 0.25, 0.375, 1, 4, 4.5]) histogram.observe(value);
  assert.equal(
    await registry.metrics(),
    `# HELP x_seconds X.
# TYPE x_seconds histogram
x_seconds_bucket{le="0.25"} 3
x_seconds_bucket{le="1.0"} 5
x_seconds_bucket{le="4.0"} 6
x_seconds_bucket{le="+Inf"} 7
x_seconds_sum 9.125
x_seconds_count 7
`,
  );
});

test('NativeHistogramChild.bucketCounts count exactly, and never fall when the resolution is halved', () => {
  const child = recorder({ maxBuckets: 20, classicBounds: [0.01, 0.1, 1] });
  const bounds = [...nativeBuckets({ classicBounds: [0.01, 0.1, 1] }).upperBounds, Infinity];
  let before = bounds.map(() => 0);
  const values = latencies(500);
  values.forEach((value, i) => {
    child.observe(value);
    let sum = 0;
    const cumulative = child.bucketCounts.map((count) => (sum += count));
    if (child.native.schema === 3)
      assert.deepEqual(
        cumulative,
        bounds.map((bound) => values.slice(0, i + 1).filter((each) => each <= bound).length),
      );
    assert.ok(cumulative.every((count, bucket) => count >= before[bucket]!));
    assert.equal(sum, i + 1);
    before = cumulative;
  });
  assert.ok(child.native.schema < 3);
});

test('NativeHistogramChild.observe() refuses what is no finite number, and changes nothing', () => {
  const child = recorder();
  for (const value of [NaN, Infinity, -Infinity]) assert.throws(() => child.observe(value), RangeError);
  assert.throws(() => child.observe('1' as never), TypeError);
  assert.deepEqual([child.count, child.sum, child.isUpdated], [0, 0, false]);
});

test('NativeHistogramChild.observe() keeps to maxBuckets under hostile values', () => {
  const child = recorder({ bucketFactor: 1.001 });
  const random = new SeededRandom(3);
  for (let i = 0; i < 20_000; i++) {
    const magnitude = [5e-324, 1e-310, 1e308, 2 ** (2000 * random.next() - 1000)][i % 4]!;
    child.observe(i % 3 === 0 ? -magnitude : magnitude);
  }
  const { positive, negative, count } = child.snapshot();
  assert.ok(positive.indexes.length + negative.indexes.length <= 160);
  assert.equal(count, 20_000);
});

test('Histogram.quantile() of native buckets is in the bucket of the exact one', () => {
  const histogram = new Histogram({
    name: 'x_seconds',
    help: 'X.',
    labelNames: ['kind'],
    registers: [],
    buckets: nativeBuckets(),
  });
  const values = latencies(5000);
  values.forEach((value, i) => histogram.observe({ kind: i % 2 === 0 ? 'a' : 'b' }, value));
  const sorted = [...values].sort((a, b) => a - b);
  for (const q of [0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = sorted[Math.ceil(q * sorted.length) - 1]!;
    assert.ok(Math.abs(histogram.quantile(q) / exact - 1) < 2 ** (1 / 8) - 1, `${q}`);
  }
  assert.deepEqual([histogram.quantile(-1), histogram.quantile(2)], [-Infinity, Infinity]);
  assert.ok(Number.isNaN(histogram.quantile(0.5, { kind: 'c' })));
  assert.ok(Number.isNaN(recorder().quantile(0.5)));
});

test('NativeSnapshot.subtract() is what was observed since, and refuses a later snapshot', () => {
  const child = recorder();
  child.observe(1);
  const before = child.snapshot();
  child.observe(-3);
  child.observe(0);
  const { count, sum, zeroCount, negative } = child.snapshot().subtract(before);
  assert.deepEqual([count, sum, zeroCount, negative.counts.length], [2, -3, 1, 1]);
  assert.throws(() => before.subtract(child.snapshot()), /^RangeError: Cannot subtract a snapshot/);
});

test('NativeSnapshot.merge() equals one recorder of the lower resolution, in both orders', () => {
  const [fine, coarse, all] = [recorder({ bucketFactor: 1.01 }), recorder(), recorder()];
  latencies(1000).forEach((value, i) => {
    (i % 2 === 0 ? fine : coarse).observe(i % 5 === 0 ? -value : value);
    all.observe(i % 5 === 0 ? -value : value);
  });
  const expected = all.snapshot().toJSON();
  for (const merged of [fine.snapshot().merge(coarse.snapshot()), coarse.snapshot().merge(fine.snapshot())]) {
    const { sum, ...counts } = merged.toJSON();
    assert.deepEqual({ ...counts, sum: expected.sum }, expected);
    assert.ok(Math.abs(sum - expected.sum) < 1e-6);
  }
});

test('NativeSnapshot.merge() widens the zero bucket until it cuts no bucket', () => {
  const wide = recorder({ bucketFactor: 2, zeroThreshold: 3 });
  const narrow = recorder({ bucketFactor: 2 });
  for (const value of [0.5, 3.5, 5]) narrow.observe(value);
  wide.observe(2);
  const { zeroThreshold, zeroCount, positive } = wide.snapshot().merge(narrow.snapshot());
  assert.deepEqual([zeroThreshold, zeroCount, [...Array.from(positive.counts)]], [4, 3, [1]]);
});

test('NativeSnapshot.from() reads what toJSON() dumped, and refuses anything else', () => {
  const child = recorder();
  for (const value of latencies(100)) child.observe(value);
  const dump = child.snapshot().toJSON();
  const read = NativeSnapshot.from(JSON.parse(JSON.stringify(dump)));
  assert.deepEqual(read.toJSON(), dump);
  assert.equal(read.quantile(0.9), child.quantile(0.9));
  const wrongParts = [
    { schema: 9 },
    { zeroThreshold: null },
    { zeroThreshold: '1' },
    { positive: [[1, -1]] },
    { positive: [[1e9, 1]] },
    { negative: [[8193, 1]] },
  ];
  for (const wrong of [null, {}, ...wrongParts.map((part) => ({ ...dump, ...part }))])
    assert.throws(() => NativeSnapshot.from(wrong as never), /^TypeError: Cannot read a dump/);
});

test('Copies of native series keep their buckets, whatever is read later: of a collect() run, and of a removed series', async () => {
  const registry = new MetricsRegistry();
  const options = { name: 'x_seconds', help: 'X.', labelNames: ['kind'], registers: [registry] } as const;
  const histogram = new Histogram({ ...options, buckets: nativeBuckets({ bucketFactor: 2 }), async collect() {} });
  const [two, four] = [histogram.labels('two'), histogram.labels('four')];
  two.observe(2);
  four.observe(4);
  const [family] = await registry.gather();
  const live = histogram.series;
  histogram.remove('two');
  four.observe(8);
  assert.equal(four.native.count, 2);
  for (const series of [family!.series, live] as unknown as (readonly { readonly native: NativeHistogram }[])[])
    assert.deepEqual(Array.from(series[0]!.native.positive.indexes), [1]);
  assert.deepEqual(Array.from((family!.series[1] as { native?: NativeHistogram }).native!.positive.indexes), [2]);
});

test('NativeHistogramChild.observeWithExpectedInterval() also counts what could not be sent meanwhile', () => {
  const child = recorder();
  child.observeWithExpectedInterval(1, 0.25);
  assert.deepEqual([child.count, child.sum], [4, 2.5]);
  child.observeWithExpectedInterval(0.1, 0.25);
  assert.equal(child.count, 5);
  for (const interval of [0, -1, NaN, 1e-9])
    assert.throws(() => child.observeWithExpectedInterval(1, interval), RangeError);
  assert.equal(child.count, 5);
});

test('NativeHistogramChild.stop() observes the seconds since start()', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const child = recorder();
  const startedAt = child.start();
  now = 1500;
  assert.equal(child.stop(startedAt), 1.5);
  assert.deepEqual([child.count, child.sum], [1, 1.5]);
});

test('A removed series with native buckets comes back from 0 with its next update', () => {
  const histogram = new Histogram({
    name: 'x_seconds',
    help: 'X.',
    labelNames: ['kind'],
    registers: [],
    maxSeries: 2,
    buckets: nativeBuckets(),
  });
  const child = histogram.labels('a');
  child.observe(1);
  histogram.remove('a');
  assert.equal(histogram.series.length, 0);
  child.observe(2);
  assert.deepEqual([histogram.series.length, child.count, child.sum], [1, 1, 2]);
  for (const kind of ['b', 'c', 'd']) histogram.observe({ kind }, 3);
  const [, , overflow] = histogram.series;
  assert.deepEqual([overflow!.labelValues, overflow!.count], [['overflow'], 2]);
});

test('NativeSnapshot.percentileDistribution() has the columns and totals of HdrHistogram', () => {
  const child = recorder();
  for (const value of latencies(1000)) child.observe(value);
  const lines = child.snapshot().percentileDistribution(0.001).split('\n');
  assert.equal(lines[0], '       Value     Percentile TotalCount 1/(1-Percentile)');
  const rows = lines.filter((line) => /^ *\d/.test(line)).map((line) => line.trim().split(/ +/).map(Number));
  assert.ok(rows.every((row, i) => i === 0 || (row[0]! >= rows[i - 1]![0]! && row[1]! >= rows[i - 1]![1]!)));
  assert.deepEqual(rows.at(-1)!.slice(1), [1, 1000]);
  assert.match(lines.at(-3)!, /^#\[Max {5}= .*, Total count {4}= {9}1000\]$/);

  const positive = [[0, 5e15] as const, [8, 1] as const];
  const many = NativeSnapshot.from({ schema: 3, zeroThreshold: 0, zeroCount: 0, sum: 5e15, positive, negative: [] });
  assert.ok(many.percentileDistribution().split('\n').length < 300);
});

test('NativeHistogramChild.observe() asks for one exemplar, also when the series is reset', (t) => {
  let milliseconds = 0;
  t.mock.method(performance, 'now', () => (milliseconds += 2000));
  let asked = 0;
  const next = (): undefined => void asked++;
  const buckets = nativeBuckets({ maxBuckets: 1, minResetDuration: 1 });
  const registers = [new MetricsRegistry({ exemplars: { next } })];
  const child = new Histogram({ name: 'x_seconds', help: 'X.', registers, buckets }).labels();
  for (const value of [1, 2, 4, 8]) child.observe(value);
  assert.deepEqual([asked, child.count], [4, 1]);
});
