import type { Series } from '../../model/family.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import { numberText } from './number-text.ts';

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
  /** The suffixes of a histogram's sum and count, {@link SUM_AND_COUNT} by default. */
  readonly totalSuffixes?: readonly [sum: string, count: string];
  /** The name of `_created` lines, escaped, in a format that has them. */
  readonly createdName?: string;
  /** Whether the lines keep the rules of OpenMetrics for sums and quantiles. */
  readonly isOpenMetrics?: boolean;
  /** Whether the start time follows the value, and exemplars without a time are left out, as OpenMetrics 2.0 requires. */
  readonly isOpenMetrics2?: boolean;
  /** Whether `le` and `quantile` come before the other labels; outside OpenMetrics as JavaScript writes numbers: `le="1"`. */
  readonly hasPointsFirst?: boolean;
}

/** Options that may differ between scrapes. */
export interface LineOptions {
  /** Whether exemplars are written. */
  readonly hasExemplars: boolean;
  /** The start time, in a `_created` line or behind the value, which is written only if it is given. */
  readonly createdSeconds: number | undefined;
}

/** The lines of the text formats without exemplars and start times. */
export const PLAIN: LineOptions = { hasExemplars: false, createdSeconds: undefined };

/** The text of a start time behind a value (OpenMetrics 2.0), nothing if there is none. */
export function startText(createdSeconds: number | undefined): string {
  return createdSeconds === undefined ? '' : ` st@${numberText(createdSeconds)}`;
}

/** The suffixes of sum and count in all formats, except for gauge histograms in OpenMetrics. */
export const SUM_AND_COUNT: readonly [sum: string, count: string] = ['_sum', '_count'];

/** Copies are made in steps of eight bytes, and so may read and write up to 7 bytes behind their end. */
export const SPARE_BYTES = 8;

/**
 * Copies UTF-8 text and returns the position behind it. Source and target must have {@link SPARE_BYTES} more: in the
 * source, more text or zeros; in the target they are overwritten.
 *
 * Copies eight bytes at a time, as a double, which is faster than `copyWithin()` or a loop over the bytes for texts of this
 * length. Of all doubles only a NaN may change its bytes, and UTF-8 is never one: the last
 * two bytes would be 0xf0 or more and then 0x7f or 0xff, but after 0xf0 or more comes 0x80 to 0xbf.
 */
export function copyText(target: DataView, at: number, source: DataView, start: number, length: number): number {
  for (let i = 0; i < length; i += 8) target.setFloat64(at + i, source.getFloat64(start + i, true), true);
  return at + length;
}

/** A text that many lines contain. */
export class TextPiece {
  /** Its length in bytes. */
  readonly length: number;
  readonly #view: DataView;

  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    this.length = bytes.length;
    const padded = new Uint8Array(bytes.length + SPARE_BYTES);
    padded.set(bytes);
    this.#view = new DataView(padded.buffer);
  }

  /** Writes it at `at`, where {@link SPARE_BYTES} more than its length must be free, and returns the position behind it. */
  write(target: DataView, at: number): number {
    return copyText(target, at, this.#view, 0, this.length);
  }
}
