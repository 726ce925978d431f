import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '../../lib/core.ts';
import { quantileOfBuckets } from '../../lib/model/buckets.ts';
import { SeededRandom } from '../support/seeded-random.ts';

/**
 * PromQL's `histogram_quantile` for classic buckets, written down again from promql/quantile.go of Prometheus 3: over
 * cumulative counts, +Inf among the bounds, the bucket found by a search.
 */
function histogramQuantile(q: number, upperBounds: readonly number[], counts: readonly number[]): number {
  if (Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  let total = 0;
  const buckets = [...upperBounds, Infinity].map((upperBound, i) => ({ upperBound, count: (total += counts[i]!) }));
  if (buckets.length < 2 || total === 0) return NaN;
  const rank = q * total;
  let b = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  if (b === -1) b = buckets.length - 1;
  if (b === buckets.length - 1) return buckets[b - 1]!.upperBound;
  if (b === 0 && buckets[0]!.upperBound <= 0) return buckets[0]!.upperBound;
  const start = b === 0 ? 0 : buckets[b - 1]!.upperBound;
  const before = b === 0 ? 0 : buckets[b - 1]!.count;
  return start + (buckets[b]!.upperBound - start) * ((rank - before) / (buckets[b]!.count - before));
}

test('quantileOfBuckets() takes the observations of a bucket to lie evenly in it', () => {
  // 10 observations up to 1, 10 up to 2, 20 up to 4.
  const quantile = (q: number) => quantileOfBuckets(q, [1, 2, 4], [10, 10, 20, 0]);
  assert.equal(quantile(0), 0);
  assert.equal(quantile(0.125), 0.5);
  assert.equal(quantile(0.25), 1);
  assert.equal(quantile(0.375), 1.5);
  assert.equal(quantile(0.5), 2);
  assert.equal(quantile(0.75), 3);
  assert.equal(quantile(1), 4);
});

test('quantileOfBuckets() gives the highest bound for what lies above it', () => {
  assert.equal(quantileOfBuckets(0.99, [1, 2], [1, 1, 100]), 2);
  assert.equal(quantileOfBuckets(0.5, [1, 2], [0, 0, 5]), 2);
});

test('quantileOfBuckets() takes the lowest bucket to begin at 0, or to be its bound if that is not above 0', () => {
  assert.equal(quantileOfBuckets(0.5, [10], [4, 0]), 5);
  assert.equal(quantileOfBuckets(0.5, [-10, 10], [4, 0, 0]), -10);
  assert.equal(quantileOfBuckets(0.5, [0, 10], [4, 0, 0]), 0);
  assert.equal(quantileOfBuckets(0.5, [-10, 10], [0, 4, 0]), 0);
});

test('quantileOfBuckets() skips empty buckets', () => {
  assert.equal(quantileOfBuckets(0.5, [1, 2, 3, 4], [0, 0, 0, 2, 0]), 3.5);
  assert.equal(quantileOfBuckets(0.5, [1, 2, 3, 4], [1, 0, 0, 1, 0]), 1);
});

test('quantileOfBuckets() answers a q outside of 0 to 1, and no observations, as PromQL does', () => {
  assert.equal(quantileOfBuckets(-0.1, [1], [1, 0]), -Infinity);
  assert.equal(quantileOfBuckets(1.1, [1], [1, 0]), Infinity);
  assert.ok(Number.isNaN(quantileOfBuckets(NaN, [1], [1, 0])));
  assert.ok(Number.isNaN(quantileOfBuckets(0.5, [1], [0, 0])));
  assert.ok(Number.isNaN(quantileOfBuckets(0.5, [], [7])));
  assert.ok(Number.isNaN(quantileOfBuckets(0, [1, 2], [0, 1, 0])));
});

test('Histogram.quantile() agrees with a second writing of histogram_quantile on random buckets', () => {
  const random = new SeededRandom(11);
  for (let round = 0; round < 3000; round++) {
    const bounds = [...new Set(Array.from({ length: random.int(20) }, () => random.int(400) / 4 - 20))].sort(
      (a, b) => a - b,
    );
    const histogram = new Histogram({ name: 'h', help: 'H.', buckets: bounds, registers: [] });
    for (let i = random.int(60); i > 0; i--) histogram.observe(random.next() * 140 - 30);
    const counts = histogram.labels().bucketCounts;
    for (const q of [0, 1, random.next(), random.int(100) / 100, -1, 2]) {
      assert.equal(histogram.quantile(q), histogramQuantile(q, bounds, counts), JSON.stringify({ q, bounds, counts }));
    }
  }
});
