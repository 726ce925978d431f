import type { Figure, Target } from '../case.ts';
import type { Spread } from '../statistics.ts';

/** Writes a number with three significant digits, thousands grouped: `3.21`, `46.1`, `5,060`. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  const decimals = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Writes a figure with its unit: `3.21 ns`. */
export function formatFigure(value: number, unit: Figure['unit']): string {
  return `${formatNumber(value)} ${unit}`;
}

/** Writes the smallest and the largest of the rounds: `3.10-3.40`. */
export function formatSpread({ min, max }: Spread): string {
  return `${formatNumber(min)}-${formatNumber(max)}`;
}

/** Formats the target of a figure: `at least 40x faster, at most 3x floor`. */
export function formatTarget({ timesFaster, shareOfBest, timesFloor, atMost }: Target, unit: Figure['unit']): string {
  return [
    timesFaster === undefined ? '' : `at least ${timesFaster}x faster`,
    shareOfBest === undefined ? '' : `at most ${shareOfBest} of the best`,
    timesFloor === undefined ? '' : `at most ${timesFloor}x floor`,
    atMost === undefined ? '' : `at most ${formatFigure(atMost, unit)}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
