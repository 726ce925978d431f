import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbersOf } from '../../../lib/page/text/numbers-of.ts';
import { unitOf } from '../../../lib/page/text/unit-of.ts';
import { scraped } from '../scraped.ts';

/** What the rows of the last scrape say, such as `total 30, rate 2/s`. */
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

test('numbersOf() a counter are its total and its rate, which needs two scrapes', () => {
  assert.deepEqual(texts('# TYPE a_bytes_total counter\na_bytes_total 2000\n'), ['total 2 kB, rate –']);
  const later = texts(
    '# TYPE a_bytes_total counter\na_bytes_total 2000\n',
    '# TYPE a_bytes_total counter\na_bytes_total 7000\n',
  );
  assert.deepEqual(later, ['total 7 kB, rate 1 kB/s']);
});

test('numbersOf() a gauge is its value', () => {
  assert.deepEqual(texts('finpilot_match_rate{strategy="swing"} 0.25\nload NaN\n'), ['25 %', 'NaN']);
});

test('numbersOf() a histogram are its rate and the quantiles of the window', () => {
  assert.deepEqual(texts(HISTOGRAM(5, 5)), ['rate –, p50 –, p95 –, p99 –']);
  assert.deepEqual(texts(HISTOGRAM(5, 5), HISTOGRAM(5, 15)), ['rate 2/s, p50 150 ms, p95 195 ms, p99 199 ms']);
});
