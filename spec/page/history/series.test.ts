import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '../../../lib/metrics/histogram.ts';
import { quantileOfBuckets } from '../../../lib/model/buckets.ts';
import { HISTORY_SCRAPES, HistogramSeries, type NumberSeries, ScrapeClock } from '../../../lib/page/history/series.ts';
import { MetricsRegistry } from '../../../lib/registry/metrics-registry.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { scraped } from '../scraped.ts';

function clockOf(times: readonly number[]): ScrapeClock {
  const clock = new ScrapeClock();
  for (const time of times) clock.tick(time);
  return clock;
}

test('ScrapeClock has the times of the last 61 scrapes', () => {
  const clock = clockOf(Array.from({ length: 100 }, (_, i) => i * 5));
  assert.deepEqual(
    [clock.count, clock.oldest, clock.timeOf(99), clock.timeOf(39)],
    [100, 100 - HISTORY_SCRAPES, 495, 195],
  );
});

test('ScrapeClock.windowStart() returns the oldest scrape in the window, with a tolerance for timers', () => {
  const clock = clockOf([0, 5.1, 10, 15.2, 20]);
  assert.equal(clock.windowStart(10), 2);
  assert.equal(clock.windowStart(15), 1);
  assert.equal(clock.windowStart(1000), 0);
});

test('ScrapeClock.windowStart() returns the scrape before the last if the window holds no other', () => {
  assert.equal(clockOf([0, 100, 200]).windowStart(60), 1);
  assert.equal(clockOf([0]).windowStart(60), 0);
});

test('ScrapeClock.windowStart() returns no scrape older than the history', () => {
  const clock = clockOf(Array.from({ length: 500 }, (_, i) => i / 10));
  assert.equal(clock.windowStart(60), clock.oldest);
});

/** The counter `c_total` after scrapes with these values; undefined where it is missing. */
function counter(values: readonly (number | undefined)[], intervalSeconds = 5): NumberSeries {
  const expositions = values.map((value) => {
    return value === undefined ? 'other 1\n' : `# TYPE c_total counter\nc_total ${value}\nother 1\n`;
  });
  const family = scraped(expositions, intervalSeconds)
    .families()
    .find(({ name }) => name === 'c_total')!;
  return [...family.series.values()][0] as NumberSeries;
}

test('NumberSeries.rate() returns the increase per second over the window', () => {
  assert.equal(counter([10, 20, 45]).rate(60), 3.5);
  assert.equal(counter([10, 20, 45]).rate(5), 5);
});

test('NumberSeries.rate() treats a fall as a restart from 0', () => {
  // 10 to 30, a restart that counted up to 4, and on to 6.
  assert.equal(counter([10, 30, 4, 6]).rate(60), (20 + 4 + 2) / 15);
});

test('NumberSeries.rate() is NaN until two scrapes have the series', () => {
  assert.ok(Number.isNaN(counter([5]).rate(60)));
  assert.ok(Number.isNaN(counter([undefined, 5]).rate(60)));
});

test('NumberSeries.rate() bridges scrapes without the series', () => {
  assert.equal(counter([10, undefined, undefined, 40]).rate(60), 2);
});

test('NumberSeries.rates() returns the increase per second up to each scrape', () => {
  assert.deepEqual(counter([10, 20, 5, undefined, 8, 9]).rates(), [NaN, 2, 1, NaN, NaN, 0.2]);
});

test('NumberSeries.values() returns one value per scrape in the history', () => {
  assert.deepEqual(counter([1, undefined, 3]).values(), [1, NaN, 3]);
  const long = counter(Array.from({ length: 200 }, (_, i) => i));
  assert.deepEqual(
    long.values(),
    Array.from({ length: HISTORY_SCRAPES }, (_, i) => 200 - HISTORY_SCRAPES + i),
  );
  assert.equal(long.last, 199);
});

test('NumberSeries drops its old values during scrapes without it', () => {
  const values: (number | undefined)[] = Array.from({ length: 70 }, (_, i) => i);
  values.push(...new Array<undefined>(30).fill(undefined), 500);
  const shown = counter(values).values();
  assert.equal(shown.length, HISTORY_SCRAPES);
  assert.deepEqual(
    shown.slice(0, 30),
    Array.from({ length: 30 }, (_, i) => 40 + i),
  );
  assert.ok(shown.slice(30, 60).every(Number.isNaN));
  assert.equal(shown[60], 500);
});

test('NumberSeries.rate() equals the sum of every step, for random counters with restarts', () => {
  const random = new SeededRandom(11);
  for (let round = 0; round < 300; round++) {
    const values: number[] = [random.int(100)];
    for (let i = 0; i < 2 + random.int(80); i++)
      values.push(random.int(5) === 0 ? random.int(20) : values.at(-1)! + random.int(50));
    const inWindow = values.slice(-13);
    let total = 0;
    for (const [i, value] of inWindow.entries()) {
      if (i > 0) total += value < inWindow[i - 1]! ? value : value - inWindow[i - 1]!;
    }
    assert.equal(counter(values).rate(60), total / ((inWindow.length - 1) * 5));
  }
});

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

test('HistogramSeries.over() returns the observations in the window, none from before', async () => {
  const series = seriesOf([await exposed([9, 9]), await exposed([9, 9, 0.5, 1.5]), await exposed([9, 9, 0.5, 1.5, 3])]);
  assert.deepEqual(series.over(60), { bucketCounts: [1, 1, 1, 0], count: 3, sum: 5, seconds: 10 });
  assert.deepEqual(series.over(5), { bucketCounts: [0, 0, 1, 0], count: 1, sum: 3, seconds: 5 });
});

test('HistogramSeries.over() treats the fall of one bucket as a restart of all from 0', async () => {
  const series = seriesOf([await exposed([0.5, 0.5, 3]), await exposed([3, 3, 3, 5])]);
  assert.deepEqual(series.over(60), { bucketCounts: [0, 0, 3, 1], count: 4, sum: 14, seconds: 5 });
});

test('HistogramSeries.quantile() estimates the quantile of the window as PromQL does', async () => {
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

test('HistogramSeries.quantile() is NaN without observations', async () => {
  const series = seriesOf([await exposed([1]), await exposed([1])]);
  assert.ok(Number.isNaN(series.quantile(0.5, series.over(60))));
});

test('HistogramSeries.steps() returns the observations between consecutive scrapes', async () => {
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

test('HistogramSeries bridges scrapes without the series', async () => {
  const series = seriesOf([await exposed([1]), 'h2 1\n', await exposed([1, 3])]);
  assert.deepEqual(series.over(60), { bucketCounts: [0, 0, 1, 0], count: 1, sum: 3, seconds: 10 });
  assert.deepEqual(
    series.steps().map(({ count }) => count),
    [0, 0, 0],
  );
});

test('History starts a histogram afresh if its bounds change', async () => {
  const series = seriesOf([await exposed([1, 1, 1]), await exposed([1, 1, 1, 1], [1, 8])]);
  assert.deepEqual(series.upperBounds, [1, 8]);
  assert.equal(series.over(60).count, 0);
  assert.deepEqual(series.last!.bucketCounts, [4, 0, 0]);
});

test('HistogramSeries adds up what was counted before and after restarts, over scrapes that miss the series', () => {
  const text = (low: number, high: number): string => `# TYPE h histogram
h_bucket{le="1"} ${low}
h_bucket{le="+Inf"} ${low + high}
h_sum ${low + 10 * high}
h_count ${low + high}
`;
  const history = scraped([text(5, 5), text(7, 6), text(1, 0), 'other 1\n', text(2, 4), text(0, 1)]);
  const [series] = history.seriesOf(history.family('h')!) as HistogramSeries[];
  const { bucketCounts, count, sum, seconds } = series!.over(60);
  // 2 and 1, a restart to 1 and 0, 1 and 4, a restart to 0 and 1.
  assert.deepEqual([bucketCounts, count, sum, seconds], [[4, 6], 10, 64, 25]);
  const rates = new Array<number>(6).fill(NaN);
  series!.addRatesTo(rates);
  assert.deepEqual(rates, [NaN, 3 / 5, 1 / 5, NaN, NaN, 1 / 5]);
  series!.addRatesTo(rates);
  assert.deepEqual(rates, [NaN, 6 / 5, 2 / 5, NaN, NaN, 2 / 5]);
  assert.deepEqual(series!.last!.bucketCounts, [0, 1]);
});
