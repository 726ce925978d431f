import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram, type HistogramChild, MetricsRegistry } from '../../lib/core.ts';
import { NOT_NUMBERS, untyped } from '../support/refused-numbers.ts';
import { sampleOf } from '../support/sample-of.ts';
import { scrape } from '../support/scrape.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const OPTIONS = { name: 'scan_seconds', help: 'Time of a scan.' };

test('Histogram starts with empty buckets, sum and count, and is exposed before its first observation', async () => {
  const registry = new MetricsRegistry();
  new Histogram({ ...OPTIONS, buckets: [0.1, 1], registers: [registry] });
  assert.equal(
    await registry.metrics(),
    `# HELP scan_seconds Time of a scan.
# TYPE scan_seconds histogram
scan_seconds_bucket{le="0.1"} 0
scan_seconds_bucket{le="1.0"} 0
scan_seconds_bucket{le="+Inf"} 0
scan_seconds_sum 0
scan_seconds_count 0
`,
  );
});

test('Histogram.observe() counts a value on a bound in the bucket of that bound', async () => {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({ ...OPTIONS, buckets: [-1, 0, 1], registers: [registry] });
  for (const value of [-2, -1, -0.5, -0, 0, 0.25, 1, 1.25, 100]) histogram.observe(value);
  assert.deepEqual(histogram.labels().bucketCounts, [2, 3, 2, 2]);
  assert.equal(histogram.labels().count, 9);
  assert.equal(histogram.labels().sum, 99);
  // With a bound of -1, as everywhere, what is above all bounds is in +Inf alone.
  const families = await scrape(registry);
  assert.equal(sampleOf(families, 'scan_seconds_bucket', { le: '-1.0' }), 2);
  assert.equal(sampleOf(families, 'scan_seconds_bucket', { le: '1.0' }), 7);
  assert.equal(sampleOf(families, 'scan_seconds_bucket', { le: '+Inf' }), 9);
});

test('Histogram.observe() counts in the series of the labels', async () => {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({ ...OPTIONS, labelNames: ['strategy'], buckets: [1], registers: [registry] });
  histogram.observe({ strategy: 'swing' }, 0.5);
  histogram.labels('swing').observe(2);
  histogram.labels({ strategy: 'momentum' }).observe(1);
  assert.equal(
    await registry.metrics(),
    `# HELP scan_seconds Time of a scan.
# TYPE scan_seconds histogram
scan_seconds_bucket{strategy="swing",le="1.0"} 1
scan_seconds_bucket{strategy="swing",le="+Inf"} 2
scan_seconds_sum{strategy="swing"} 2.5
scan_seconds_count{strategy="swing"} 2
scan_seconds_bucket{strategy="momentum",le="1.0"} 1
scan_seconds_bucket{strategy="momentum",le="+Inf"} 1
scan_seconds_sum{strategy="momentum"} 1
scan_seconds_count{strategy="momentum"} 1
`,
  );
});

test('Histogram.observe() refuses what is no finite number, naming the metric, and leaves the histogram', () => {
  const plain = new Histogram({ ...OPTIONS, buckets: [1], registers: [] });
  const labelled = new Histogram({ ...OPTIONS, buckets: [1], labelNames: ['strategy'], registers: [] });
  plain.observe(0.5);
  labelled.observe({ strategy: 'a' }, 0.5);
  const message = /^Cannot observe a value of histogram "scan_seconds": expected a finite number, got /;
  for (const value of [...NOT_NUMBERS, undefined, NaN, Infinity, -Infinity]) {
    const refused = { name: typeof value === 'number' ? 'RangeError' : 'TypeError', message };
    if (typeof value !== 'object' || value === null) assert.throws(() => untyped(plain, 'observe')(value), refused);
    assert.throws(() => untyped(labelled, 'observe')({ strategy: 'a' }, value), refused);
    assert.throws(() => untyped(labelled.labels('a'), 'observe')(value), refused);
  }
  assert.throws(() => untyped(plain, 'observe')(), TypeError);
  for (const child of [plain.labels(), labelled.labels('a')]) {
    assert.deepEqual(child.bucketCounts, [1, 0]);
    assert.equal(child.sum, 0.5);
  }
});

test('Histogram drops a final +Inf bound and freezes the others', () => {
  const buckets = [1, 2, Infinity];
  const histogram = new Histogram({ ...OPTIONS, buckets, registers: [] });
  buckets[0] = 50;
  assert.deepEqual(histogram.upperBounds, [1, 2]);
  assert.ok(Object.isFrozen(histogram.upperBounds));
  histogram.observe(1);
  assert.deepEqual(histogram.labels().bucketCounts, [1, 0, 0]);
});

test('Histogram without bounds has the +Inf bucket alone', async () => {
  const registry = new MetricsRegistry();
  new Histogram({ ...OPTIONS, buckets: [], registers: [registry] }).observe(3);
  assert.equal(sampleOf(await scrape(registry), 'scan_seconds_bucket', { le: '+Inf' }), 1);
});

test('Histogram refuses bad buckets and the label le, and leaves nothing registered', () => {
  const registry = new MetricsRegistry();
  assert.throws(
    () => new Histogram({ ...OPTIONS, buckets: [2, 1], registers: [registry] }),
    /Cannot create histogram "scan_seconds"/,
  );
  assert.throws(() => new Histogram({ ...OPTIONS, labelNames: ['le'], registers: [registry] }), /label "le"/);
  assert.throws(
    () => new Histogram({ ...OPTIONS, labelNames: ['quantile'], registers: [registry] }),
    /label "quantile"/,
  );
  assert.equal(registry.getSingleMetric('scan_seconds'), undefined);
});

test('Histogram.startTimer() observes the seconds that have passed by the monotonic clock, and returns them', (t) => {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  const plain = new Histogram({ ...OPTIONS, registers: [] });
  const labelled = new Histogram({ ...OPTIONS, labelNames: ['endpoint', 'status'], registers: [] });
  const ends = [
    plain.startTimer(),
    labelled.startTimer({ endpoint: '/a', status: 200 }),
    labelled.labels('/b', 200).startTimer(),
  ];
  const endWithStatus = labelled.startTimer({ endpoint: '/c' });
  now += 250;
  assert.deepEqual(
    ends.map((end) => end()),
    [0.25, 0.25, 0.25],
  );
  assert.equal(endWithStatus({ status: 500 }), 0.25);
  for (const child of [
    plain.labels(),
    labelled.labels('/a', 200),
    labelled.labels('/b', 200),
    labelled.labels('/c', 500),
  ]) {
    assert.equal(child.count, 1);
    assert.equal(child.sum, 0.25);
  }
});

test('Histogram.startTimer() reads its labels at the end, and lets those of the end win', () => {
  const histogram = new Histogram({ ...OPTIONS, labelNames: ['endpoint', 'status'], registers: [] });
  const labels: Record<string, string> = {};
  const end = histogram.startTimer(labels);
  Object.assign(labels, { endpoint: '/a', status: 'none' });
  end({ status: 'ok' });
  assert.equal(histogram.series.length, 1);
  assert.deepEqual(histogram.series[0]!.labelValues, ['/a', 'ok']);
});

test('Histogram.startTimer() may be ended several times', () => {
  const histogram = new Histogram({ ...OPTIONS, registers: [] });
  const end = histogram.startTimer();
  end();
  end();
  assert.equal(histogram.labels().count, 2);
});

test('Histogram.time() observes a call until it has returned or thrown, and passes result and error on', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const histogram = new Histogram({ ...OPTIONS, labelNames: ['endpoint'], registers: [] });
  const error = new Error('no');
  assert.equal(
    histogram.time({ endpoint: '/a' }, () => (now += 500)),
    500,
  );
  assert.throws(
    () =>
      histogram.time({ endpoint: '/a' }, () => {
        now += 1500;
        throw error;
      }),
    (thrown) => thrown === error,
  );
  assert.equal(
    histogram.labels('/b').time(() => (now += 1000)),
    3000,
  );
  assert.equal(histogram.labels('/a').count, 2);
  assert.equal(histogram.labels('/a').sum, 2);
  assert.equal(histogram.labels('/b').sum, 1);
});

test('Histogram.time() observes a promise until it has settled', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const histogram = new Histogram({ ...OPTIONS, registers: [] });
  const child = histogram.labels();
  let resolve = (_value: string): void => undefined;
  const done = histogram.time(() => new Promise<string>((settle) => (resolve = settle)));
  assert.equal(child.count, 0);
  now = 750;
  resolve('bars');
  assert.equal(await done, 'bars');
  assert.equal(child.sum, 0.75);
  await assert.rejects(
    histogram.time(async () => {
      throw new Error('no');
    }),
    /no/,
  );
  assert.equal(child.count, 2);
});

test('Histogram.time() refuses wrong labels before it calls the function, and keeps no label object', () => {
  const histogram = new Histogram({ ...OPTIONS, labelNames: ['endpoint'], registers: [] });
  let calls = 0;
  assert.throws(() => untyped(histogram, 'time')({ endpoint: '/a', colour: 'red' }, () => calls++), /label "colour"/);
  assert.equal(calls, 0);
  const labels = { endpoint: '/a' };
  histogram.time(labels, () => (labels.endpoint = '/b'));
  assert.deepEqual(
    histogram.series.map(({ labelValues, count }) => [labelValues, count]),
    [[['/a'], 1]],
  );
});

test('Histogram.quantile() reads the series of the labels, or all together, and creates none', () => {
  const histogram = new Histogram({ ...OPTIONS, labelNames: ['strategy'], buckets: [1, 2, 4], registers: [] });
  for (let i = 0; i < 10; i++) histogram.observe({ strategy: 'a' }, 0.5);
  for (let i = 0; i < 10; i++) histogram.observe({ strategy: 'b' }, 3);
  assert.equal(histogram.quantile(0.5, { strategy: 'a' }), 0.5);
  assert.equal(histogram.quantile(0.5, { strategy: 'b' }), 3);
  assert.equal(histogram.quantile(0.5), 1);
  assert.equal(histogram.quantile(0.75), 3);
  assert.ok(Number.isNaN(histogram.quantile(0.5, { strategy: 'c' })));
  assert.equal(histogram.series.length, 2);
  assert.throws(() => untyped(histogram, 'quantile')(0.5, { colour: 'red' }), /label "colour"/);
});

test('Histogram: series keep to themselves, however many are created, removed, held and back', () => {
  const random = new SeededRandom(14);
  const histogram = new Histogram({ name: 'x', help: 'X.', labelNames: ['a'], buckets: [1, 2], registers: [] });
  /** By label value, what the child held must have; those of removed series count on from 0. */
  const expected = new Map<HistogramChild, { counts: number[]; sum: number }>();
  const live = new Map<number, HistogramChild>();
  const forget = (child: HistogramChild | undefined): void => {
    if (child !== undefined && expected.has(child)) expected.set(child, { counts: [0, 0, 0], sum: 0 });
  };
  for (let i = 0; i < 20_000; i++) {
    const label = random.int(150);
    if (random.int(4) === 0) {
      forget(live.get(label));
      assert.equal(histogram.remove(`${label}`), live.delete(label));
    } else if (random.int(500) === 0) {
      histogram.clear();
      for (const child of live.values()) forget(child);
      live.clear();
    } else {
      const child = histogram.labels(`${label}`);
      assert.equal(live.get(label) ?? child, child);
      live.set(label, child);
      if (!expected.has(child)) expected.set(child, { counts: [0, 0, 0], sum: 0 });
    }
    const children = [...expected.keys()];
    if (children.length === 0) continue;
    const child = children[random.int(children.length)]!;
    const value = random.int(4);
    child.observe(value);
    live.set(Number(child.labelValues[0]), child);
    const wanted = expected.get(child)!;
    wanted.counts[value <= 1 ? 0 : value - 1]!++;
    wanted.sum += value;
  }
  for (const [child, { counts, sum }] of expected) {
    assert.deepEqual(child.bucketCounts, counts);
    assert.equal(child.sum, sum);
  }
  assert.deepEqual(new Set(histogram.series), new Set(live.values()));
});
