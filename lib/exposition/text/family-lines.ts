import type { Series } from '../../model/family.ts';
import type { NameScheme } from '../names/name-schemes.ts';

/** Writes the lines of a family's series, some series at a time. */
export interface FamilyLines {
  /** The array of series that the lines are of. It only grows. */
  readonly series: readonly Series[];
  readonly seriesPerStep: number;
  /**
   * Returns the lines of the series from `first` to `end`, with their current values. `first` is a multiple of
   * {@link seriesPerStep}, and `end` at most so many more. Copy the lines at once: the next call may change them.
   */
  linesOf(first: number, end: number): Uint8Array;
}

/** What a text format decides about the lines of a family. */
export interface LineStyle {
  /** The name that sample names begin with, escaped. Histograms and summaries add suffixes. */
  readonly sampleName: string;
  readonly names: NameScheme;
  /** The suffixes of a histogram's sum and count. */
  readonly totalSuffixes: readonly [sum: string, count: string];
  /** The name of `_created` lines, escaped, in a format that has them. */
  readonly createdName?: string;
  /** Whether the lines keep the rules of OpenMetrics for sums and quantiles. */
  readonly isOpenMetrics: boolean;
}

/** Options that may differ between scrapes. */
export interface LineOptions {
  /** Whether exemplars are written. */
  readonly hasExemplars: boolean;
  /** The time in `_created` lines, which are written only if it is given. */
  readonly createdSeconds: number | undefined;
}

/** The lines of the text formats without exemplars and `_created`. */
export const PLAIN: LineOptions = { hasExemplars: false, createdSeconds: undefined };

/** The suffixes of sum and count in all formats, except for gauge histograms in OpenMetrics. */
export const SUM_AND_COUNT: LineStyle['totalSuffixes'] = ['_sum', '_count'];
