import type { Family, Series } from '../../model/family.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import { HistogramLines, SummaryLines } from './distribution-lines.ts';
import { NumberLines } from './number-lines.ts';

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

/** What may differ from scrape to scrape. */
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

/** Returns what a family caches under a key, made by `make` if need be. */
export function cached<T extends object>(family: Family, key: string, make: () => T): T {
  let value = family.memo.get(key) as T | undefined;
  if (value === undefined) {
    value = make();
    family.memo.set(key, value);
  }
  return value;
}

/** Caches the lines of one family in one style. */
export class LineCache {
  readonly #style: LineStyle;
  #lines: FamilyLines | undefined;
  #options: LineOptions = PLAIN;

  constructor(style: LineStyle) {
    this.#style = style;
  }

  /** Returns the cache of a family for single numbers without more, which formats of the same sample name share. */
  static shared(family: Family, style: LineStyle): LineCache {
    const labels = [...family.labelNames, ...family.constantLabels.map(([name]) => name)].map((name) => style.names.label(name));
    const key = JSON.stringify([style.sampleName, labels]);
    return cached(family, key, () => new LineCache(style));
  }

  /**
   * Returns the lines of the family's series. After a removal the series are another array, which gets other lines: a
   * scrape that is under way goes on with those that it began with.
   */
  linesOf(family: Family, options: LineOptions): FamilyLines {
    const { hasExemplars, createdSeconds } = this.#options;
    const isSame = hasExemplars === options.hasExemplars && createdSeconds === options.createdSeconds;
    if (this.#lines === undefined || this.#lines.series !== family.series || !isSame) {
      this.#lines = newLines(family, this.#style, options);
      this.#options = options;
    }
    return this.#lines;
  }
}

function newLines(family: Family, style: LineStyle, options: LineOptions): FamilyLines {
  switch (family.type) {
    case 'histogram':
    case 'gaugehistogram':
      return new HistogramLines(family, style, options);
    case 'summary':
      return new SummaryLines(family, style, options);
    default:
      return new NumberLines(family, style, options);
  }
}
