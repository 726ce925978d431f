import type { Series } from '../../model/family.ts';

/** Writes the lines of a family whose series have several lines each. */
export interface SeriesLines {
  /** The array of series that the lines are of, which only grows. */
  readonly series: readonly Series[];
  /** How many bytes the lines of a series take at most. */
  maxBytes(index: number): number;
  /** Writes the lines of a series at `start`, where {@link maxBytes} must be free, and returns the position behind them. */
  write(index: number, bytes: Uint8Array, start: number): number;
}
