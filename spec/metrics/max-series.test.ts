import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, MetricsRegistry } from '../../lib/core.ts';
import type { LabelBranch } from '../../lib/metrics/child.ts';
import { Summary } from '../../lib/summary.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { sampleOf } from '../support/sample-of.ts';
import { namesOf, scrape } from '../support/scrape.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { turn } from '../support/turn.ts';

const SELF = 'metrics_client_overflowed_updates_total';
const OPTIONS = { name: 'hits_total', help: 'Hits.', labelNames: ['a', 'b'] } as const;

test('Counter leads updates past maxSeries to one overflow series, so that the total stays right', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ ...OPTIONS, maxSeries: 3, registers: [registry] });
  for (let i = 0; i < 10; i++) counter.inc({ a: i, b: 'x' }, i);
  counter.inc({ a: 1, b: 'x' }, 100);
  assert.equal(
    await registry.metrics(),
    `# HELP hits_total Hits.
# TYPE hits_total counter
hits_total{a="0",b="x"} 0
hits_total{a="1",b="x"} 101
hits_total{a="2",b="x"} 2
hits_total{a="overflow",b="overflow"} 42

# HELP metrics_client_overflowed_updates_total Updates that went to the overflow series of a metric, because it had reached its maxSeries.
# TYPE metrics_client_overflowed_updates_total counter
metrics_client_overflowed_updates_total{metric="hits_total"} 7
`,
  );
  assert.equal(counter.overflowedUpdates, 7);
});

test('Histogram leads observations past maxSeries to one overflow series', async () => {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({ ...OPTIONS, name: 'h', buckets: [5], maxSeries: 1, registers: [registry] });
  for (let i = 0; i < 10; i++) histogram.observe({ a: i, b: 'x' }, i);
  const families = await scrape(registry);
  assert.equal(sampleOf(families, 'h_count', { a: '0', b: 'x' }), 1);
  assert.equal(sampleOf(families, 'h_count', { a: 'overflow', b: 'overflow' }), 9);
  assert.equal(sampleOf(families, 'h_sum', { a: 'overflow', b: 'overflow' }), 45);
  assert.equal(sampleOf(families, SELF, { metric: 'h' }), 9);
});

test('What a held child counts goes to the overflow series, once, while its removed series has no room', (t) => {
  t.mock.method(Date, 'now', () => 1_700_000_000_000);
  const options = { name: 'a', help: 'A.', labelNames: ['a'], maxSeries: 1, registers: [] } as const;
  const occupied = <M extends { labels(value: string): C; remove(value: string): boolean }, C>(metric: M): C => {
    const held = metric.labels('held');
    metric.remove('held');
    metric.labels('other');
    return held as C;
  };
  const counter = new Counter(options);
  const ofCounter = occupied<typeof counter, ReturnType<typeof counter.labels>>(counter);
  const histogram = new Histogram({ ...options, buckets: [1, 2] });
  const ofHistogram = occupied<typeof histogram, ReturnType<typeof histogram.labels>>(histogram);
  const summary = new Summary({ ...options, percentiles: [0, 1], maxAgeSeconds: 60 });
  const ofSummary = occupied<typeof summary, ReturnType<typeof summary.labels>>(summary);
  const plain = new Summary({ ...options, percentiles: [] });
  const ofPlain = occupied<typeof plain, ReturnType<typeof plain.labels>>(plain);
  for (const count of [1, 2]) {
    ofCounter.inc(3);
    ofHistogram.observe(1.5, { trace_id: 'a' });
    ofHistogram.observe(9);
    for (const child of [ofSummary, ofPlain]) {
      child.observe(2);
      child.observe(-5);
    }
    assert.deepEqual(
      counter.series.map(({ labelValues, value }) => [...labelValues, value]),
      [
        ['other', 0],
        ['overflow', 3 * count],
      ],
    );
    const [, inBuckets] = histogram.series;
    assert.deepEqual([inBuckets!.bucketCounts, inBuckets!.sum], [[0, count, count], 10.5 * count]);
    assert.deepEqual(inBuckets!.exemplars, [
      undefined,
      { labels: { trace_id: 'a' }, value: 1.5, timestampSeconds: 1_700_000_000 },
      undefined,
    ]);
    const [, { count: observations, sum, quantileValues } = assert.fail()] = summary.series;
    assert.deepEqual([observations, sum], [2 * count, -3 * count]);
    assert.ok(Math.abs(quantileValues[0]! + 5) < 0.06 && Math.abs(quantileValues[1]! - 2) < 0.03);
    assert.deepEqual([plain.series[1]!.count, plain.series[1]!.sum], [2 * count, -3 * count]);
    assert.deepEqual(
      [ofCounter.value, ofHistogram.sum, ofHistogram.exemplars, ofSummary.count, ofPlain.sum],
      [0, 0, undefined, 0, 0],
    );
  }
});

test('Counter stays bounded under hostile label values, and counts every update', () => {
  const random = new SeededRandom(3);
  const counter = new Counter({ ...OPTIONS, maxSeries: 50, registers: [] });
  let total = 0;
  for (let i = 0; i < 20_000; i++) {
    const labels = { a: random.text(12, { hasLoneSurrogates: true }), b: random.text(3) };
    if (i % 3 === 0) counter.inc(labels);
    else if (i % 3 === 1) counter.labels(labels.a, labels.b).inc();
    else counter.labels(labels).inc();
    total++;
  }
  assert.equal(counter.series.length, 51);
  assert.equal(
    counter.series.reduce((sum, { value }) => sum + value, 0),
    total,
  );
});

test('Counter forgets label values that were removed', () => {
  const counter = new Counter({ ...OPTIONS, maxSeries: 10, registers: [] });
  const kept = counter.labels('kept', 'too');
  for (let i = 0; i < 1000; i++) {
    counter.inc({ a: `a${i}`, b: `b${i}` });
    counter.inc({ a: 'kept', b: `b${i}` });
    counter.remove(`a${i}`, `b${i}`);
    counter.remove('kept', `b${i}`);
  }
  assert.equal(counter.overflowedUpdates, 0);
  const branch = kept.parent;
  const root = branch.parent as LabelBranch;
  assert.equal(branch.get('too'), kept);
  assert.equal(root.get('kept'), branch);
  for (let i = 0; i < 1000; i++) assert.deepEqual([branch.get(`b${i}`), root.get(`a${i}`)], [undefined, undefined]);
  assert.equal(counter.series.length, 1);
});

test('Counter warns of its first overflow once, naming the metric', async (t) => {
  const warnings = await collectWarnings(t);
  const counter = new Counter({ ...OPTIONS, name: 'warned_total', maxSeries: 1, registers: [] });
  for (let i = 0; i < 100; i++) counter.inc({ a: i, b: i });
  await turn();
  const own = warnings.filter(({ message }) => message.startsWith('Metric "warned_total" has reached its 1 series; '));
  assert.deepEqual(
    own.map(({ code }) => code),
    ['METRICS_TOO_MANY_SERIES'],
  );
});

test('Counter has room again after a removal, whether or not there is an overflow series', () => {
  const counter = new Counter({ ...OPTIONS, maxSeries: 2, registers: [] });
  counter.inc({ a: 1, b: 1 });
  counter.inc({ a: 2, b: 2 });
  counter.inc({ a: 3, b: 3 });
  assert.equal(counter.overflowedUpdates, 1);
  assert.equal(counter.remove(1, 1), true);
  counter.inc({ a: 3, b: 3 });
  assert.equal(counter.overflowedUpdates, 1);
  assert.deepEqual(
    counter.series.map(({ labelValues }) => labelValues[0]),
    ['2', 'overflow', '3'],
  );
  counter.inc({ a: 4, b: 4 });
  assert.equal(counter.overflowedUpdates, 2);
  counter.remove('overflow', 'overflow');
  counter.inc({ a: 4, b: 4 });
  assert.equal(counter.overflowedUpdates, 3);
  assert.deepEqual(
    counter.series.map(({ labelValues, value }) => [labelValues[0], value]),
    [
      ['2', 1],
      ['3', 1],
      ['overflow', 1],
    ],
  );
  counter.clear();
  counter.inc({ a: 5, b: 5 });
  counter.inc({ a: 6, b: 6 });
  assert.equal(counter.overflowedUpdates, 3);
  assert.equal(counter.series.length, 2);
});

test('Counter keeps a series whose labels are all "overflow" apart from the overflow series', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ ...OPTIONS, maxSeries: 2, registers: [registry] });
  counter.inc({ a: 'overflow', b: 'overflow' }, 5);
  counter.inc({ a: 1, b: 1 });
  counter.inc({ a: 2, b: 2 });
  counter.inc({ a: 3, b: 3 });
  counter.inc({ a: 'overflow', b: 'overflow' });
  const [family] = await scrape(registry);
  assert.deepEqual(
    family!.samples.map(({ labels, value }) => [labels.get('a'), labels.get('b'), value]),
    [
      ['overflow', 'overflow', 6],
      ['1', '1', 1],
      ['overflow_2', 'overflow_2', 2],
    ],
  );
  assert.equal(counter.overflowedUpdates, 2);
  assert.equal(counter.remove('overflow', 'overflow'), true);
  assert.equal(counter.remove('overflow', 'overflow'), false);
  assert.deepEqual(
    counter.series.map(({ value }) => value),
    [1, 2],
  );
  assert.equal(counter.remove('overflow_2', 'overflow_2'), true);
  assert.deepEqual(
    counter.series.map(({ value }) => value),
    [1],
  );
});

test('Counter counts updates of labels that are all "overflow" in the overflow series if that was first', () => {
  const counter = new Counter({ ...OPTIONS, maxSeries: 1, registers: [] });
  counter.inc({ a: 1, b: 1 });
  counter.inc({ a: 2, b: 2 });
  counter.inc({ a: 'overflow', b: 'overflow' });
  counter.remove(1, 1);
  counter.inc({ a: 'overflow', b: 'overflow' });
  assert.deepEqual(
    counter.series.map(({ labelValues, value }) => [labelValues[0], value]),
    [['overflow', 3]],
  );
  counter.inc({ a: 3, b: 3 });
  assert.equal(counter.series.length, 2);
});

test('Counter.clear() removes the overflow series, for held children and for none', () => {
  for (const isHeld of [false, true]) {
    const counter = new Counter({ ...OPTIONS, maxSeries: 2, registers: [] });
    const fill = (): void => {
      for (let i = 0; i < 4; i++) {
        if (isHeld) counter.labels(i, i).inc();
        else counter.inc({ a: i, b: i });
      }
    };
    for (let round = 0; round < 3; round++) {
      fill();
      assert.deepEqual(
        counter.series.map(({ labelValues, value }) => [labelValues[0], value]),
        [
          ['0', 1],
          ['1', 1],
          ['overflow', 2],
        ],
      );
      counter.clear();
      assert.deepEqual(counter.series, []);
    }
  }
});

test('maxSeries of the registry holds for its metrics unless they have their own', () => {
  const registry = new MetricsRegistry({ maxSeries: 2 });
  const ruled = new Gauge({ name: 'ruled', help: 'R.', labelNames: ['a'], registers: [registry] });
  const own = new Gauge({ name: 'own', help: 'O.', labelNames: ['a'], maxSeries: 5, registers: [registry] });
  const unlimited = new Gauge({
    name: 'unlimited',
    help: 'U.',
    labelNames: ['a'],
    maxSeries: Infinity,
    registers: [registry],
  });
  for (let a = 0; a < 10; a++) for (const gauge of [ruled, own, unlimited]) gauge.set({ a }, a);
  assert.deepEqual(
    [ruled, own, unlimited].map(({ series }) => series.length),
    [3, 6, 10],
  );
});

test('maxSeries is 100,000 unless given, and Infinity has no limit', () => {
  const counter = new Counter({ name: 'c', help: 'C.', labelNames: ['a'], registers: [] });
  const unlimited = new Counter({
    name: 'u',
    help: 'U.',
    labelNames: ['a'],
    registers: [new MetricsRegistry({ maxSeries: Infinity })],
  });
  for (let a = 0; a < 100_010; a++) {
    counter.inc({ a });
    unlimited.inc({ a });
  }
  assert.equal(counter.series.length, 100_001);
  assert.equal(counter.labels('overflow').value, 10);
  assert.equal(unlimited.series.length, 100_010);
});

test('MetricsRegistry says nothing of overflows while there are none', async () => {
  const registry = new MetricsRegistry();
  new Counter({ ...OPTIONS, registers: [registry] }).inc({ a: 1, b: 1 });
  assert.deepEqual(namesOf(await scrape(registry)), ['hits_total']);
});
