import type { Series } from '../../model/family.ts';
import type { LineTarget } from './line-target.ts';

/** Writes the lines of a family whose series have several lines each. */
export interface SeriesLines {
  /** The array of series that the lines are of, which only grows. */
  readonly series: readonly Series[];
  /** How many bytes must be free for the lines of a series. */
  maxBytes(index: number): number;
  /** Writes the lines of a series at `start`, where {@link maxBytes} must be free, and returns the position behind them. */
  write(index: number, target: LineTarget, start: number): number;
}
