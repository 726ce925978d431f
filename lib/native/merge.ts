import type { NativeBucketCounts, NativeHistogram } from '../model/family.ts';
import { upperBoundOf, widened } from './resolution.ts';

/** The parts of a native histogram that are added up. */
export type NativeCounts = Pick<
  NativeHistogram,
  'schema' | 'zeroThreshold' | 'zeroCount' | 'positive' | 'negative' | 'sum'
>;

/**
 * Returns the observations of all these histograms, at least one; with `sign` -1, those of the first without those of the others.
 *
 * The result has the lowest of their resolutions and the widest of their zero buckets. That is widened if it ends inside a populated
 * bucket, or if it takes buckets that are one with others at the resolution of the result, to the end of that wider bucket. So
 * every observation is counted where it would have been counted had there been one histogram from the start. Buckets that come to
 * 0 are left out.
 *
 * Where it has only taken part of a wider bucket, Prometheus does not widen: then it counts observations twice, in the sum and in a rate
 * over the time of the change (2.42 and 3.5.3).
 *
 * @see https://prometheus.io/docs/specs/native_histograms/#zero-bucket
 */
export function mergeNative(histograms: readonly NativeCounts[], sign: 1 | -1 = 1): NativeCounts {
  const schema = Math.min(...histograms.map((one) => one.schema));
  const zeroThreshold = commonThreshold(histograms, schema);
  let [zeroCount, sum] = [0, 0];
  let [positive, negative] = [NO_BUCKETS, NO_BUCKETS];
  for (const [i, one] of histograms.entries()) {
    const times = i === 0 ? 1 : sign;
    sum = i === 0 ? one.sum : sum + times * one.sum;
    const zeros = takenByZero(one.positive, one.schema, zeroThreshold);
    const negativeZeros = takenByZero(one.negative, one.schema, zeroThreshold);
    zeroCount += times * (one.zeroCount + totalOf(one.positive, zeros) + totalOf(one.negative, negativeZeros));
    positive = withBuckets(positive, one.positive, zeros, one.schema - schema, times);
    negative = withBuckets(negative, one.negative, negativeZeros, one.schema - schema, times);
  }
  return { schema, zeroThreshold, zeroCount, positive, negative, sum };
}

/** Returns how many observations there are in the first `length` of these buckets. */
export function totalOf({ counts }: NativeBucketCounts, length = counts.length): number {
  let total = 0;
  for (let i = 0; i < length; i++) total += counts[i]!;
  return total;
}

/** Before the first observation. */
export const NO_BUCKETS: NativeBucketCounts = { indexes: [], counts: [] };

/** Widening to the end of one bucket may cut one of another histogram, so this goes on until none is cut. */
function commonThreshold(histograms: readonly NativeCounts[], schema: number): number {
  let threshold = Math.max(...histograms.map((one) => one.zeroThreshold));
  for (let before = -1; before !== threshold; ) {
    before = threshold;
    for (const one of histograms) {
      // Its buckets begin where its own zero bucket ends, which need not be a bound.
      if (one.zeroThreshold >= threshold) continue;
      for (const { indexes } of [one.positive, one.negative])
        threshold = endOfCut(indexes, one.schema, schema, threshold);
    }
  }
  return threshold;
}

/**
 * Returns the end of the bucket of the schema `to` that goes beyond the threshold and has buckets from below it; without one, the
 * threshold.
 */
function endOfCut(indexes: ArrayLike<number>, from: number, to: number, threshold: number): number {
  for (let i = 0; i < indexes.length && upperBoundOf(indexes[i]! - 1, from) < threshold; i++) {
    const end = upperBoundOf(widened(indexes[i]!, from - to), to);
    if (end > threshold) return end;
  }
  return threshold;
}

/** Returns how many of these buckets the zero bucket contains. */
function takenByZero({ indexes }: NativeBucketCounts, schema: number, zeroThreshold: number): number {
  let taken = 0;
  while (taken < indexes.length && upperBoundOf(indexes[taken]!, schema) <= zeroThreshold) taken++;
  return taken;
}

/** Returns `sum` with these buckets from the one at `from` on, `2 ** halvings` times as wide, `times` 1 or -1. */
function withBuckets(
  sum: NativeBucketCounts,
  added: NativeBucketCounts,
  from: number,
  halvings: number,
  times: 1 | -1,
): NativeBucketCounts {
  const { length } = added.indexes;
  if (from === length) return sum;
  const indexes: number[] = [];
  const counts: number[] = [];
  let at = 0;
  for (let i = from; i < length; ) {
    const index = widened(added.indexes[i]!, halvings);
    let count = 0;
    for (; i < length && widened(added.indexes[i]!, halvings) === index; i++) count += times * added.counts[i]!;
    for (; at < sum.indexes.length && sum.indexes[at]! < index; at++) {
      indexes.push(sum.indexes[at]!);
      counts.push(sum.counts[at]!);
    }
    if (at < sum.indexes.length && sum.indexes[at] === index) count += sum.counts[at++]!;
    if (count === 0) continue;
    indexes.push(index);
    counts.push(count);
  }
  for (; at < sum.indexes.length; at++) {
    indexes.push(sum.indexes[at]!);
    counts.push(sum.counts[at]!);
  }
  return { indexes, counts };
}
