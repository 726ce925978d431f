import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import { Summary } from '../../lib/metrics/summary.ts';
import { parse } from '../../lib/parse/index.ts';
import { NOT_NUMBERS, untyped } from '../support/refused-numbers.ts';

const OPTIONS = { name: 'fill_seconds', help: 'Time until filled.' };

test('Summary exposes sum and count and nothing else, from the start, unless quantiles are asked for', async () => {
  const registry = new MetricsRegistry();
  const summary = new Summary({ ...OPTIONS, registers: [registry] });
  const exposed = (sum: number, count: number): string =>
    `# HELP fill_seconds Time until filled.\n# TYPE fill_seconds summary\nfill_seconds_sum ${sum}\nfill_seconds_count ${count}\n`;
  assert.equal(await registry.metrics(), exposed(0, 0));
  summary.observe(0.5);
  summary.observe(0.25);
  assert.equal(await registry.metrics(), exposed(0.75, 2));
});

test('Summary exposes its quantiles in rising order, NaN before the first observation', async () => {
  const registry = new MetricsRegistry();
  const summary = new Summary({ ...OPTIONS, labelNames: ['side'], percentiles: [0.99, 0.5], registers: [registry] });
  summary.labels('buy');
  for (let i = 1; i <= 100; i++) summary.observe({ side: 'sell' }, 2);
  assert.deepEqual(summary.quantiles, [0.5, 0.99]);
  assert.equal(
    await registry.metrics(),
    `# HELP fill_seconds Time until filled.
# TYPE fill_seconds summary
fill_seconds{side="buy",quantile="0.5"} NaN
fill_seconds{side="buy",quantile="0.99"} NaN
fill_seconds_sum{side="buy"} 0
fill_seconds_count{side="buy"} 0
fill_seconds{side="sell",quantile="0.5"} 2
fill_seconds{side="sell",quantile="0.99"} 2
fill_seconds_sum{side="sell"} 200
fill_seconds_count{side="sell"} 100
`,
  );
});

test('Summary comes through OpenMetrics, as its strict parser reads it', async () => {
  const registry = new MetricsRegistry();
  const summary = new Summary({ ...OPTIONS, percentiles: [0.5], registers: [registry] });
  summary.observe(4);
  const exporter = new PrometheusExporter(registry);
  const accept = 'application/openmetrics-text';
  const [family] = parse(await exporter.render(accept), exporter.contentType(accept));
  assert.equal(family?.type, 'summary');
  assert.deepEqual(
    family?.samples.map(({ name, value }) => [name, value]),
    [
      ['fill_seconds', 4],
      ['fill_seconds_sum', 4],
      ['fill_seconds_count', 1],
    ],
  );
});

test('Summary.reset() takes every series back to its start and keeps it, clear() removes those with labels', () => {
  const summary = new Summary({ ...OPTIONS, percentiles: [0.5], registers: [] });
  summary.observe(3);
  summary.reset();
  const { count, sum, quantileValues } = summary.labels();
  assert.deepEqual({ count, sum, quantileValues }, { count: 0, sum: 0, quantileValues: [NaN] });
  const labelled = new Summary({ ...OPTIONS, labelNames: ['side'], registers: [] });
  labelled.observe({ side: 'buy' }, 1);
  const held = labelled.labels('buy');
  labelled.reset();
  assert.deepEqual([labelled.series, held.count, held.sum], [[held], 0, 0]);
  held.observe(2);
  assert.equal(held.sum, 2);
  labelled.clear();
  assert.equal(labelled.series.length, 0);
});

test('Summary.observe() refuses what is no finite number, and then changes nothing', () => {
  const summary = new Summary({ ...OPTIONS, percentiles: [0.5], registers: [] });
  for (const value of NOT_NUMBERS) {
    assert.throws(() => untyped(summary.labels(), 'observe')(value), {
      name: 'TypeError',
      message: /^Cannot observe a value of summary "fill_seconds"/,
    });
  }
  for (const value of [NaN, Infinity, -Infinity]) assert.throws(() => summary.observe(value), RangeError);
  assert.equal(summary.labels().count, 0);
  assert.deepEqual(summary.labels().quantileValues, [NaN]);
});

test('Summary refuses options that cannot be, and registers nothing then', () => {
  const registry = new MetricsRegistry();
  const wrong: readonly object[] = [
    { percentiles: 0.5 },
    { percentiles: [-0.1] },
    { percentiles: [1.1] },
    { percentiles: [NaN] },
    { percentiles: ['0.5'] },
    { percentiles: [0.5, 0.5] },
    { maxAgeSeconds: 0 },
    { maxAgeSeconds: NaN },
    { maxAgeSeconds: '60' },
    { ageBuckets: 0 },
    { ageBuckets: 2.5 },
  ];
  for (const options of wrong) {
    assert.throws(
      () => new Summary({ ...OPTIONS, ...options, registers: [registry] }),
      { name: 'RangeError', message: /^Cannot create summary "fill_seconds": expected / },
      JSON.stringify(options),
    );
  }
  assert.throws(() => new Summary({ ...OPTIONS, labelNames: ['quantile'], registers: [registry] }), /reserved/);
  assert.equal(registry.getSingleMetric('fill_seconds'), undefined);
});

test('Summary with ifExists: "reuse" is the one that is there, unless its quantiles differ', () => {
  const registry = new MetricsRegistry();
  const options = { ...OPTIONS, percentiles: [0.5, 0.9], registers: [registry], ifExists: 'reuse' } as const;
  const first = new Summary(options);
  assert.equal(new Summary({ ...options, percentiles: [0.9, 0.5] }), first);
  assert.throws(() => new Summary({ ...options, percentiles: [0.5] }), /expected the quantiles of the registered one/);
});

test('Summary.startTimer() and time() observe seconds, in the series of the labels', async () => {
  const summary = new Summary({ ...OPTIONS, labelNames: ['side', 'state'], registers: [] });
  const end = summary.startTimer({ side: 'buy' });
  const seconds = end({ state: 'done' });
  assert.equal(summary.labels('buy', 'done').sum, seconds);
  assert.equal(await summary.time({ side: 'buy', state: 'done' }, async () => 'filled'), 'filled');
  assert.throws(
    () =>
      summary.labels('buy', 'done').time(() => {
        throw new Error('no');
      }),
    /no/,
  );
  assert.equal(summary.labels('buy', 'done').count, 3);
  assert.equal(summary.remove('buy', 'done'), true);
});

test('Summary with pruneAgedBuckets is rid, at a scrape, of series that were not observed for maxAgeSeconds', async () => {
  const clock = { milliseconds: performance.now() };
  const now = mock.method(performance, 'now', () => clock.milliseconds);
  try {
    const registry = new MetricsRegistry();
    const options = {
      ...OPTIONS,
      labelNames: ['symbol'],
      percentiles: [0.5],
      maxAgeSeconds: 60,
      registers: [registry],
    } as const;
    let collected = 0;
    const summary = new Summary({ ...options, pruneAgedBuckets: true, collect: () => void collected++ });
    summary.observe({ symbol: '\ud800' }, 1); // one that is exposed otherwise than it is kept
    summary.observe({ symbol: 'MSFT' }, 1);
    clock.milliseconds += 50_000;
    summary.observe({ symbol: 'MSFT' }, 2);
    clock.milliseconds += 15_000;
    assert.equal(summary.series.length, 2); // until a scrape comes
    const text = await registry.metrics();
    assert.equal(collected, 1);
    assert.deepEqual(
      summary.series.map(({ labelValues }) => labelValues),
      [['MSFT']],
    );
    assert.match(text, /^fill_seconds\{symbol="MSFT",quantile="0.5"\} 2$/m);
    assert.match(text, /^fill_seconds_count\{symbol="MSFT"\} 2$/m); // sum and count never forget
  } finally {
    now.mock.restore();
  }
});

test('Summary with pruneAgedBuckets is rid of series without quantiles too', async () => {
  const clock = { milliseconds: performance.now() };
  const now = mock.method(performance, 'now', () => clock.milliseconds);
  try {
    const registry = new MetricsRegistry();
    const options = {
      labelNames: ['symbol'],
      maxAgeSeconds: 60,
      pruneAgedBuckets: true,
      registers: [registry],
    } as const;
    const summary = new Summary({ ...OPTIONS, ...options });
    summary.observe({ symbol: 'MSFT' }, 1);
    assert.match(await registry.metrics(), /^fill_seconds_count\{symbol="MSFT"\} 1$/m);
    clock.milliseconds += 61_000;
    assert.equal(await registry.metrics(), '');
    assert.equal(summary.series.length, 0);
  } finally {
    now.mock.restore();
  }
});

test('Summary with pruneAgedBuckets is rid of the series of a metric without labels too, until the next observation', async () => {
  const registry = new MetricsRegistry();
  const options = { ...OPTIONS, maxAgeSeconds: 60, pruneAgedBuckets: true, registers: [registry] };
  const summary = new Summary(options);
  assert.equal(summary.series.length, 1);
  assert.equal(await registry.metrics(), '');
  summary.observe(2);
  summary.observe(3);
  assert.match(await registry.metrics(), /^fill_seconds_sum 5\nfill_seconds_count 2$/m);
});

test('Summary with pruneAgedBuckets waits for an asynchronous collect', async () => {
  const registry = new MetricsRegistry();
  const summary = new Summary({
    ...OPTIONS,
    percentiles: [0.5],
    maxAgeSeconds: 60,
    pruneAgedBuckets: true,
    registers: [registry],
    async collect() {
      await Promise.resolve();
      this.observe(1);
    },
  });
  assert.match(await registry.metrics(), /^fill_seconds_count 1$/m);
  summary.reset();
  assert.equal(summary.series.length, 1);
});
