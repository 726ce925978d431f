import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitOf } from '../../../lib/page/text/format.ts';
import { numbersOf, promqlOf, seriesTitle } from '../../../lib/page/text/series-text.ts';
import { scraped } from '../scraped.ts';

/** The numbers in the rows of the last scrape, such as `total 30, rate 2/s`. */
function texts(...expositions: readonly string[]): string[] {
  const history = scraped(expositions);
  return history.families().flatMap((family) =>
    history.seriesOf(family).map((series) =>
      numbersOf(series, unitOf(series.name, family.unit))
        .map(({ label, text }) => `${label} ${text}`.trim().replaceAll('\u00a0', ' '))
        .join(', '),
    ),
  );
}

const HISTOGRAM = (low: number, high: number): string => `# TYPE h_seconds histogram
h_seconds_bucket{le="0.1"} ${low}
h_seconds_bucket{le="0.2"} ${low + high}
h_seconds_bucket{le="+Inf"} ${low + high}
h_seconds_sum 1
h_seconds_count ${low + high}
`;

test('numbersOf() shows a counter’s total and its rate, which needs two scrapes', () => {
  assert.deepEqual(texts('# TYPE a_bytes_total counter\na_bytes_total 2000\n'), ['total 2 kB, rate –']);
  const later = texts(
    '# TYPE a_bytes_total counter\na_bytes_total 2000\n',
    '# TYPE a_bytes_total counter\na_bytes_total 7000\n',
  );
  assert.deepEqual(later, ['total 7 kB, rate 1 kB/s']);
});

test('numbersOf() shows a gauge’s value', () => {
  assert.deepEqual(texts('match_ratio{strategy="swing"} 0.25\nload NaN\n'), ['25 %', 'NaN']);
});

test('numbersOf() shows a histogram’s rate and the quantiles of the window', () => {
  assert.deepEqual(texts(HISTOGRAM(5, 5)), ['rate –, p50 –, p95 –, p99 –']);
  assert.deepEqual(texts(HISTOGRAM(5, 5), HISTOGRAM(5, 15)), ['rate 2/s, p50 150 ms, p95 195 ms, p99 199 ms']);
});

test('seriesTitle() writes a series as the exposition does', () => {
  assert.equal(seriesTitle({ name: 'a', labels: [] }), 'a');
  assert.equal(
    seriesTitle({
      name: 'a',
      labels: [
        ['x', '1'],
        ['y', '"'],
      ],
    }),
    'a{x="1", y="\\""}',
  );
});

test('promqlOf() queries a value, a rate or a percentile', () => {
  assert.equal(promqlOf({ kind: 'gauge', name: 'a', labels: [] }), 'a');
  assert.equal(
    promqlOf({
      kind: 'counter',
      name: 'a_total',
      labels: [
        ['x', '1'],
        ['y', '2'],
      ],
    }),
    'rate(a_total{x="1", y="2"}[5m])',
  );
  assert.equal(promqlOf({ kind: 'histogram', name: 'h', labels: [] }), 'histogram_quantile(0.95, rate(h_bucket[5m]))');
});

test('promqlOf() escapes label values for PromQL', () => {
  assert.equal(promqlOf({ kind: 'gauge', name: 'a', labels: [['x', 'say "\\"\n']] }), 'a{x="say \\"\\\\\\"\\n"}');
});
