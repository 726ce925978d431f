import type { ValueRange } from './range-of.ts';
import type { TimeAxis } from './time-axis.ts';

/** A point of a chart, both from 0 to 1: `x` from left to right, `y` from bottom to top. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Returns the lines that join the values over time; a value that is no finite number, or a gap in time, ends a line. */
export function lineSegments(values: readonly number[], axis: TimeAxis, range: ValueRange): Point[][] {
  const { times, spanSeconds, gapSeconds } = axis;
  const last = times.at(-1) ?? 0;
  const segments: Point[][] = [];
  let open: Point[] | undefined;
  for (const [i, value] of values.entries()) {
    const time = times[i]!;
    if (i > 0 && time - times[i - 1]! > gapSeconds) open = undefined;
    const x = 1 - (last - time) / spanSeconds;
    if (!Number.isFinite(value) || x < 0) {
      open = undefined;
      continue;
    }
    if (open === undefined) segments.push((open = []));
    open.push({ x, y: (value - range.min) / (range.max - range.min) });
  }
  return segments;
}
