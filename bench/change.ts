import type { Reading } from './reading.ts';

/** How a figure changed between two revisions; less is better. */
export interface Change {
  readonly percent: number;
  readonly verdict: 'better' | 'worse' | 'no change';
}

/** Compares two readings: a change counts when the medians lie more than 5 % apart and the spreads do not overlap. */
export function changeBetween(before: Reading, after: Reading): Change {
  const percent = before.median === after.median ? 0 : (after.median / before.median - 1) * 100;
  const isApart = after.spread.min > before.spread.max || after.spread.max < before.spread.min;
  if (!isApart || Math.abs(percent) <= 5) return { percent, verdict: 'no change' };
  return { percent, verdict: percent < 0 ? 'better' : 'worse' };
}
