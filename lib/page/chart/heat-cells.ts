import type { TimeAxis } from './time-axis.ts';

/** One step of time and one bucket of a heat strip: edges from 0 to 1, from the left and from the bottom. */
export interface HeatCell {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
  /** Above 0, up to 1 for the cell with the most observations per second. */
  readonly heat: number;
}

/** What a heat strip shows. */
export interface HeatStrip {
  readonly cells: readonly HeatCell[];
  /** The buckets that are drawn, from the lowest that has observations up to and without `endBucket`. */
  readonly firstBucket: number;
  readonly endBucket: number;
}

/** As many are drawn even if fewer have observations, so that one bucket does not fill the whole height. */
const LEAST_BUCKETS = 4;

/**
 * Returns the heat strip of bucket counts, one list for each remembered scrape: observations since the scrape before.
 * Buckets above and below all observations are left out. Heat grows with the square root of the rate, so that few
 * observations beside many are still seen.
 */
export function heatCells(steps: readonly (readonly number[])[], axis: TimeAxis): HeatStrip {
  const { times, spanSeconds, gapSeconds } = axis;
  const last = times.at(-1) ?? 0;
  const xOf = (time: number): number => 1 - (last - time) / spanSeconds;
  const shown = steps
    .map((counts, i) => ({ counts, from: times[i - 1] ?? NaN, to: times[i]! }))
    .filter(({ from, to }) => to - from <= gapSeconds && xOf(to) > 0);
  const has = (bucket: number): boolean => shown.some(({ counts }) => counts[bucket]! > 0);
  let firstBucket = 0;
  let endBucket = steps[0]?.length ?? 0;
  while (endBucket > 0 && !has(endBucket - 1)) endBucket--;
  while (firstBucket < endBucket && !has(firstBucket)) firstBucket++;
  if (endBucket > 0) {
    const bucketCount = steps[0]!.length;
    endBucket = Math.min(bucketCount, Math.max(endBucket, firstBucket + LEAST_BUCKETS));
    firstBucket = Math.max(0, Math.min(firstBucket, endBucket - LEAST_BUCKETS));
  }
  const rate = (count: number, from: number, to: number): number => count / (to - from);
  const greatest = Math.max(0, ...shown.map(({ counts, from, to }) => rate(Math.max(...counts), from, to)));
  const height = 1 / (endBucket - firstBucket);
  const cells = shown.flatMap(({ counts, from, to }) =>
    counts.slice(firstBucket, endBucket).flatMap((count, row) => {
      if (!(count > 0)) return [];
      const heat = Math.sqrt(rate(count, from, to) / greatest);
      return [{ left: Math.max(0, xOf(from)), right: xOf(to), bottom: row * height, top: (row + 1) * height, heat }];
    }),
  );
  return { cells, firstBucket, endBucket };
}
