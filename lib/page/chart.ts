import { HISTORY_SCRAPES, type ScrapeClock } from './history/series.ts';

// The geometry of the charts. Coordinates run from 0 to 1: `x` and `left` from the left, `y` and `bottom` from the bottom.

/** The time axis of a chart, which ends with the last scrape. */
interface TimeAxis {
  /** When each scrape was taken, oldest first, in seconds. */
  readonly times: readonly number[];
  /** Time between the left edge and the last scrape. */
  readonly spanSeconds: number;
  /** Lines are interrupted between scrapes that are further apart. */
  readonly gapSeconds: number;
}

/** The least and greatest value of a vertical axis. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

/** A point of a line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One time step and one bucket of a heat strip, by its edges. */
interface HeatCell {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
  /** Above 0, up to 1 for the cell with the most observations per second. */
  readonly heat: number;
}

/** The cells of a heat strip. */
export interface HeatStrip {
  readonly cells: readonly HeatCell[];
  /** The lowest bucket that is drawn. */
  readonly firstBucket: number;
  /** One more than the highest bucket that is drawn. */
  readonly endBucket: number;
}

/** The axis spans at least this many scrapes, so that the first ones do not fill the whole width. */
const LEAST_SCRAPES = 12;

/** A heat strip has at least this many buckets, so that a single one does not fill the whole height. */
const LEAST_BUCKETS = 4;

/** Returns the axis for all scrapes in the history, where one is taken every `intervalSeconds`. */
export function axisOf(clock: ScrapeClock, intervalSeconds: number): TimeAxis {
  const { oldest, count } = clock;
  const times = Array.from({ length: count - oldest }, (_, i) => clock.timeOf(oldest + i));
  const elapsed = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const least = LEAST_SCRAPES * intervalSeconds;
  const most = (HISTORY_SCRAPES - 1) * intervalSeconds;
  return { times, spanSeconds: Math.min(Math.max(elapsed, least), most), gapSeconds: 3 * intervalSeconds };
}

/**
 * Returns the range of a vertical axis for these values. With `fromZero` it starts at 0, unless a value is negative.
 * Equal values are centred. Without a finite value the range is 0 to 1.
 */
export function rangeOf(values: readonly number[], { fromZero }: { readonly fromZero: boolean }): ValueRange {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { min: 0, max: 1 };
  const greatest = Math.max(...finite);
  const least = Math.min(...finite);
  if (fromZero && least >= 0) return { min: 0, max: greatest === 0 ? 1 : greatest };
  if (greatest > least) return { min: least, max: greatest };
  const margin = Math.abs(least) / 2 || 1;
  return { min: least - margin, max: least + margin };
}

/** Returns the lines through the values over time. A value that is not finite and a gap in time both end a line. */
export function lineSegments(values: readonly number[], axis: TimeAxis, range: ValueRange): Point[][] {
  const { times, gapSeconds } = axis;
  const segments: Point[][] = [];
  let open: Point[] | undefined;
  for (const [i, value] of values.entries()) {
    const time = times[i]!;
    if (i > 0 && time - times[i - 1]! > gapSeconds) open = undefined;
    const x = xOf(axis, time);
    if (!Number.isFinite(value) || x < 0) {
      open = undefined;
      continue;
    }
    if (open === undefined) segments.push((open = []));
    open.push({ x, y: (value - range.min) / (range.max - range.min) });
  }
  return segments;
}

/**
 * Returns the heat strip of the bucket counts between each scrape and the one before. Empty buckets above and below all
 * observations are left out. Heat is the square root of the rate, so that rare observations stay visible beside many.
 */
export function heatStrip(steps: readonly (readonly number[])[], axis: TimeAxis): HeatStrip {
  const { times, gapSeconds } = axis;
  const shown = steps
    .map((counts, i) => ({ counts, from: times[i - 1] ?? NaN, to: times[i]! }))
    .filter(({ from, to }) => to - from <= gapSeconds && xOf(axis, to) > 0);
  const hasObservations = (bucket: number): boolean => shown.some(({ counts }) => counts[bucket]! > 0);
  const bucketCount = steps[0]?.length ?? 0;
  let firstBucket = 0;
  let endBucket = bucketCount;
  while (endBucket > 0 && !hasObservations(endBucket - 1)) endBucket--;
  while (firstBucket < endBucket && !hasObservations(firstBucket)) firstBucket++;
  if (endBucket > 0) {
    endBucket = Math.min(bucketCount, Math.max(endBucket, firstBucket + LEAST_BUCKETS));
    firstBucket = Math.max(0, Math.min(firstBucket, endBucket - LEAST_BUCKETS));
  }
  const rate = (count: number, from: number, to: number): number => count / (to - from);
  const greatest = Math.max(0, ...shown.map(({ counts, from, to }) => rate(Math.max(...counts), from, to)));
  const height = 1 / (endBucket - firstBucket);
  const cells = shown.flatMap(({ counts, from, to }) =>
    counts.slice(firstBucket, endBucket).flatMap((count, row) => {
      if (!(count > 0)) return [];
      const [left, right] = [Math.max(0, xOf(axis, from)), xOf(axis, to)];
      const heat = Math.sqrt(rate(count, from, to) / greatest);
      return [{ left, right, bottom: row * height, top: (row + 1) * height, heat }];
    }),
  );
  return { cells, firstBucket, endBucket };
}

function xOf({ times, spanSeconds }: TimeAxis, time: number): number {
  return 1 - ((times.at(-1) ?? 0) - time) / spanSeconds;
}
