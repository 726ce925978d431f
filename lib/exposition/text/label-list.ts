import type { Family } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { escapeLabelValue } from './escape.ts';
import type { LineTarget } from './line-target.ts';
import { labelNameText } from './name-text.ts';
import { SPARE_BYTES, TextPiece } from './text-piece.ts';

/**
 * Writes the label lists of a family's series in the text formats, `a="x",b="y"`, the constant labels last.
 *
 * Straight into bytes: a scrape that finds new series, or a custom collector's, which are always new, would otherwise
 * leave 800 bytes of strings behind for each line, and the garbage collector would stop the loop for them.
 */
export class LabelList {
  /** What stands before each value: `a="`, then `",b="`. */
  readonly #beforeValues: readonly TextPiece[];
  /** What stands behind the last value. */
  readonly #end: TextPiece;

  constructor({ labelNames, constantLabels }: Family, names: NameScheme) {
    const nameText = (name: string): string => labelNameText(names.label(name));
    this.#beforeValues = labelNames.map((name, i) => new TextPiece(`${i === 0 ? '' : '",'}${nameText(name)}="`));
    const constants = constantLabels.map(([name, value]) => `${nameText(name)}="${escapeLabelValue(value)}"`).join(',');
    const isBetween = labelNames.length > 0 && constants !== '';
    this.#end = new TextPiece(`${labelNames.length > 0 ? '"' : ''}${isBetween ? ',' : ''}${constants}`);
  }

  /** Whether no series has labels at all. */
  get isEmpty(): boolean {
    return this.#beforeValues.length === 0 && this.#end.length === 0;
  }

  /** How many bytes must be free for the labels with these values. */
  maxBytes(values: readonly string[]): number {
    let most = this.#end.length + SPARE_BYTES;
    // Three bytes for a UTF-16 unit: a character of the basic plane in UTF-8. An escaped one takes two.
    this.#beforeValues.forEach((before, i) => (most += before.length + 3 * values[i]!.length));
    return most;
  }

  /** Writes the labels at `at`, where {@link maxBytes} must be free, and returns the position behind them. */
  write(values: readonly string[], { bytes, view }: LineTarget, at: number): number {
    let end = at;
    for (let i = 0; i < this.#beforeValues.length; i++) {
      end = this.#beforeValues[i]!.write(view, end);
      end = writeValue(bytes, end, values[i]!);
    }
    return this.#end.write(view, end);
  }
}

/** Writes a label value, escaped. */
function writeValue(bytes: Uint8Array, at: number, value: string): number {
  const { length } = value;
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i);
    if (unit > 127 || unit === QUOTE || unit === BACKSLASH || unit === LINE_FEED) {
      return at + encoder.encodeInto(escapeLabelValue(value), bytes.subarray(at)).written;
    }
    bytes[at + i] = unit;
  }
  return at + length;
}

const QUOTE = 34;
const BACKSLASH = 92;
const LINE_FEED = 10;
const encoder = new TextEncoder();
