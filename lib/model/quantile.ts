/**
 * Estimates the `q`-quantile of observations counted in buckets, as PromQL's `histogram_quantile` does: it takes the
 * observations of a bucket to lie evenly between its bounds.
 *
 * - `-Infinity` for a `q` below 0, `+Infinity` above 1, `NaN` for NaN; `NaN` without observations, and for `q` = 0 if
 *   the lowest bucket is empty.
 * - In the lowest bucket the lower bound is 0, unless the upper bound is not above 0: then that bound.
 * - Above all bounds: the highest bound.
 *
 * `bucketCounts` are not cumulative and one more than `upperBounds`.
 */
export function quantileOfBuckets(q: number, upperBounds: readonly number[], bucketCounts: readonly number[]): number {
  if (Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const total = bucketCounts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || upperBounds.length === 0) return NaN;
  const rank = q * total;
  let below = 0;
  let bucket = 0;
  while (bucket < upperBounds.length && below + bucketCounts[bucket]! < rank) below += bucketCounts[bucket++]!;
  if (bucket === upperBounds.length) return upperBounds.at(-1)!;
  const upper = upperBounds[bucket]!;
  if (bucket === 0 && upper <= 0) return upper;
  const lower = bucket === 0 ? 0 : upperBounds[bucket - 1]!;
  return lower + (upper - lower) * ((rank - below) / bucketCounts[bucket]!);
}
