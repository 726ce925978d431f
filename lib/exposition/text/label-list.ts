import type { Family } from '../../model/family.ts';
import type { LabelWriter } from '../label-writer.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { writeBytes } from '../write-bytes.ts';
import { escapeLabelValue } from './escape.ts';
import { labelNameText } from './name-text.ts';

/**
 * Writes the label lists of a family's series in the text formats, `a="x",b="y"`, the constant labels last.
 *
 * Straight into bytes: a scrape that finds new series, or a custom collector's, which are always new, would otherwise
 * leave 800 bytes of strings behind for each line, and the garbage collector would stop the loop for them.
 */
export class LabelList implements LabelWriter {
  /** What stands before each value: `a="`, then `",b="`. */
  readonly #beforeValues: readonly Uint8Array[];
  /** What stands behind the last value. */
  readonly #end: Uint8Array;

  constructor({ labelNames, constantLabels }: Family, names: NameScheme) {
    const nameText = (name: string): string => labelNameText(names.label(name));
    this.#beforeValues = labelNames.map((name, i) => encoder.encode(`${i === 0 ? '' : '",'}${nameText(name)}="`));
    const constants = constantLabels.map(([name, value]) => `${nameText(name)}="${escapeLabelValue(value)}"`).join(',');
    const isBetween = labelNames.length > 0 && constants !== '';
    this.#end = encoder.encode(`${labelNames.length > 0 ? '"' : ''}${isBetween ? ',' : ''}${constants}`);
  }

  /** Whether no series has labels at all. */
  get isEmpty(): boolean {
    return this.#beforeValues.length === 0 && this.#end.length === 0;
  }

  maxBytes(values: readonly string[]): number {
    let most = this.#end.length;
    // Three bytes for a UTF-16 unit: a character of the basic plane in UTF-8. An escaped one takes two.
    this.#beforeValues.forEach((before, i) => (most += before.length + 3 * values[i]!.length));
    return most;
  }

  write(values: readonly string[], bytes: Uint8Array, at: number): number {
    let end = at;
    for (let i = 0; i < this.#beforeValues.length; i++) {
      end = writeBytes(bytes, end, this.#beforeValues[i]!);
      end = writeValue(bytes, end, values[i]!);
    }
    return writeBytes(bytes, end, this.#end);
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
