import type { NativeHistogram } from '../model/family.ts';
import { upperBoundOf } from './resolution.ts';

/** A bucket with its bounds, by increasing values. */
export interface BoundedBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** Generates the populated buckets by increasing values. */
export function* bucketsOf(histogram: NativeHistogram): Generator<BoundedBucket, void> {
  const { schema, zeroThreshold, zeroCount, positive, negative } = histogram;
  for (let i = negative.indexes.length - 1; i >= 0; i--) {
    const index = negative.indexes[i]!;
    const [lower, upper] = [-upperBoundOf(index, schema), -upperBoundOf(index - 1, schema)];
    yield { lower, upper: Math.min(upper, -zeroThreshold), count: negative.counts[i]! };
  }
  if (zeroCount > 0) {
    // Where all others have one sign, those near zero are taken to have it too, as PromQL does.
    const lower = negative.indexes.length === 0 && positive.indexes.length > 0 ? 0 : -zeroThreshold;
    const upper = positive.indexes.length === 0 && negative.indexes.length > 0 ? 0 : zeroThreshold;
    yield { lower, upper, count: zeroCount };
  }
  for (let i = 0; i < positive.indexes.length; i++) {
    const index = positive.indexes[i]!;
    const [lower, upper] = [upperBoundOf(index - 1, schema), upperBoundOf(index, schema)];
    yield { lower: Math.max(lower, zeroThreshold), upper, count: positive.counts[i]! };
  }
}

/**
 * Estimates the `q`-quantile as PromQL's `histogram_quantile` does for native histograms: the observations of a bucket are taken
 * to be spread evenly over its logarithms, those of the zero bucket evenly.
 * Where that share of them ends exactly between two buckets, this is the end of the lower one. Prometheus 3, which counts from
 * the highest bucket if `q` is at least 0.5, then returns the start of the upper one.
 *
 * `-Infinity` for a `q` below 0, `+Infinity` above 1; `NaN` for NaN, or without observations.
 */
export function quantileOfNative(q: number, histogram: NativeHistogram): number {
  if (Number.isNaN(q) || histogram.count === 0) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const rank = q * histogram.count;
  let below = 0;
  let last: BoundedBucket | undefined;
  for (const bucket of bucketsOf(histogram)) {
    if (below + bucket.count >= rank) return valueAt((rank - below) / bucket.count, bucket);
    below += bucket.count;
    last = bucket;
  }
  return last!.upper;
}

function valueAt(share: number, { lower, upper }: BoundedBucket): number {
  if (lower <= 0 && upper >= 0) return lower + (upper - lower) * share;
  const [from, to] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper))];
  const value = 2 ** (from + (to - from) * share);
  // The logarithms are rounded; the bounds are not.
  return lower > 0 ? Math.min(Math.max(value, lower), upper) : Math.max(Math.min(-value, upper), lower);
}
