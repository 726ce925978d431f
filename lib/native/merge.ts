import type { NativeBucketCounts, NativeHistogram } from '../model/family.ts';
import { upperBoundOf } from './resolution.ts';

/** The parts of a native histogram that are added up. */
export type NativeCounts = Pick<
  NativeHistogram,
  'schema' | 'zeroThreshold' | 'zeroCount' | 'positive' | 'negative' | 'sum'
>;

/**
 * Returns the observations of all these histograms, at least one; with `sign` -1, those of the first without those of the others.
 *
 * The result has the lowest of their resolutions and the widest of their zero buckets. If that ends inside a populated bucket of one
 * of them, it is widened to the end of that bucket, so every observation is counted where it would have been counted had there been
 * one histogram from the start. Buckets that come to 0 are left out.
 *
 * @see https://prometheus.io/docs/specs/native_histograms/#zero-bucket
 */
export function mergeNative(histograms: readonly NativeCounts[], sign: 1 | -1 = 1): NativeCounts {
  const schema = Math.min(...histograms.map((one) => one.schema));
  const zeroThreshold = commonThreshold(histograms);
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
function commonThreshold(histograms: readonly NativeCounts[]): number {
  let threshold = Math.max(...histograms.map((one) => one.zeroThreshold));
  for (let before = -1; before !== threshold; ) {
    before = threshold;
    for (const { schema, zeroThreshold, positive, negative } of histograms) {
      // Its buckets begin where its own zero bucket ends, which need not be a bound.
      if (zeroThreshold >= threshold) continue;
      threshold = Math.max(endOfCut(positive, schema, threshold), endOfCut(negative, schema, threshold), threshold);
    }
  }
  return threshold;
}

/** Returns the end of the bucket that the threshold is inside of; 0 if it is in none. */
function endOfCut({ indexes }: NativeBucketCounts, schema: number, threshold: number): number {
  for (let i = 0; i < indexes.length; i++) {
    if (upperBoundOf(indexes[i]! - 1, schema) >= threshold) return 0;
    const end = upperBoundOf(indexes[i]!, schema);
    if (end > threshold) return end;
  }
  return 0;
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
  const push = (index: number, count: number): void => {
    if (count === 0) return;
    indexes.push(index);
    counts.push(count);
  };
  // Rounds up: the bound of an even bucket is one of the wider buckets too.
  const widened = (i: number): number => (added.indexes[i]! + (1 << halvings) - 1) >> halvings;
  let at = 0;
  for (let i = from; i < length; ) {
    const index = widened(i);
    let count = 0;
    for (; i < length && widened(i) === index; i++) count += times * added.counts[i]!;
    for (; at < sum.indexes.length && sum.indexes[at]! < index; at++) push(sum.indexes[at]!, sum.counts[at]!);
    if (sum.indexes[at] === index) count += sum.counts[at++]!;
    push(index, count);
  }
  for (; at < sum.indexes.length; at++) push(sum.indexes[at]!, sum.counts[at]!);
  return { indexes, counts };
}
