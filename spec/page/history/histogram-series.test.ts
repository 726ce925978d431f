import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistogramSeries } from '../../../lib/page/history/histogram-series.ts';
import { Histogram } from '../../../lib/metrics/histogram.ts';
import { quantileOfBuckets } from '../../../lib/model/quantile.ts';
import { MetricsRegistry } from '../../../lib/registry/metrics-registry.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { scraped } from '../scraped.ts';

const BOUNDS = [1, 2, 4];

/** An exposition of the histogram `h` with these observations. */
async function exposed(observations: readonly number[], buckets = BOUNDS): Promise<string> {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({ name: 'h', help: 'H.', buckets, registers: [registry] });
  for (const value of observations) histogram.observe(value);
  return registry.metrics();
}

function seriesOf(expositions: readonly string[]): HistogramSeries {
  const [series] = scraped(expositions).families()[0]!.series.values();
  assert.ok(series instanceof HistogramSeries);
  return series;
}

test('HistogramSeries.over() has what was observed in the window, not before', async () => {
  const series = seriesOf([await exposed([9, 9]), await exposed([9, 9, 0.5, 1.5]), await exposed([9, 9, 0.5, 1.5, 3])]);
  assert.deepEqual(series.over(60), { bucketCounts: [1, 1, 1, 0], count: 3, sum: 5, seconds: 10 });
  assert.deepEqual(series.over(5), { bucketCounts: [0, 0, 1, 0], count: 1, sum: 3, seconds: 5 });
});

test('HistogramSeries.over() takes one bucket that fell for a start of all from 0', async () => {
  const series = seriesOf([await exposed([0.5, 0.5, 3]), await exposed([3, 3, 3, 5])]);
  assert.deepEqual(series.over(60), { bucketCounts: [0, 0, 3, 1], count: 4, sum: 14, seconds: 5 });
});

test('HistogramSeries.quantile() is that of all observations of the window, as PromQL estimates it', async () => {
  const random = new SeededRandom(3);
  const before = Array.from({ length: 50 }, () => random.next() * 6);
  const added = Array.from({ length: 200 }, () => random.next() * 6);
  const series = seriesOf([await exposed(before), await exposed([...before, ...added])]);
  const counts = [...BOUNDS, Infinity].map(
    (bound, i) => added.filter((v) => v <= bound && v > (BOUNDS[i - 1] ?? 0)).length,
  );
  for (const q of [0.5, 0.95, 0.99]) {
    assert.equal(series.quantile(q, series.over(60)), quantileOfBuckets(q, BOUNDS, counts));
  }
});

test('HistogramSeries.quantile() is NaN where nothing was observed', async () => {
  const series = seriesOf([await exposed([1]), await exposed([1])]);
  assert.ok(Number.isNaN(series.quantile(0.5, series.over(60))));
});

test('HistogramSeries.steps() has the observations between any two scrapes', async () => {
  const series = seriesOf([await exposed([1]), await exposed([1, 3]), await exposed([1, 3, 9, 9])]);
  assert.deepEqual(
    series.steps().map(({ bucketCounts }) => bucketCounts),
    [
      [0, 0, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 2],
    ],
  );
});

test('HistogramSeries bridges scrapes that do not have the series', async () => {
  const series = seriesOf([await exposed([1]), 'h2 1\n', await exposed([1, 3])]);
  assert.deepEqual(series.over(60), { bucketCounts: [0, 0, 1, 0], count: 1, sum: 3, seconds: 10 });
  assert.deepEqual(
    series.steps().map(({ count }) => count),
    [0, 0, 0],
  );
});

test('History begins a histogram anew when its bounds are others', async () => {
  const series = seriesOf([await exposed([1, 1, 1]), await exposed([1, 1, 1, 1], [1, 8])]);
  assert.deepEqual(series.upperBounds, [1, 8]);
  assert.equal(series.over(60).count, 0);
  assert.deepEqual(series.last.bucketCounts, [4, 0, 0]);
});
