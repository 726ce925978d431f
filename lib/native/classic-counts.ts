import { BIAS } from './cells.ts';
import type { NativeCounts } from './merge.ts';
import { keyOf, resolutionOf } from './resolution.ts';

/**
 * Returns for each upper bound of a classic bucket, above 0, the index of the last native bucket that begins below it. A native
 * bucket that contains the bound counts below it, so that no cumulative count falls when a resolution is halved.
 */
export function endsOf(upperBounds: readonly number[], schema: number): readonly number[] {
  if (upperBounds !== last?.upperBounds || schema !== last.schema) {
    const resolution = resolutionOf(schema);
    last = { upperBounds, schema, ends: upperBounds.map((bound) => keyOf(bound, resolution) - BIAS) };
  }
  return last.ends;
}

/** Kept: most series of a family have one resolution. */
let last: { upperBounds: readonly number[]; schema: number; ends: readonly number[] } | undefined;

/**
 * Adds the observations to the counts of classic buckets, not cumulative, of which the last is that above all bounds. `ends` are
 * from {@link endsOf}. Zero and negative values are in the first.
 */
export function addToClassic(
  counted: number[],
  { zeroCount, positive, negative }: Pick<NativeCounts, 'zeroCount' | 'positive' | 'negative'>,
  ends: readonly number[],
): void {
  counted[0]! += zeroCount;
  for (let i = 0; i < negative.counts.length; i++) counted[0]! += negative.counts[i]!;
  let bucket = 0;
  for (let i = 0; i < positive.counts.length; i++) {
    while (bucket < ends.length && positive.indexes[i]! > ends[bucket]!) bucket++;
    counted[bucket]! += positive.counts[i]!;
  }
}
