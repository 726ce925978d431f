import type { Family } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { writeBytes, writeRange } from '../write-bytes.ts';
import { messageField, messageTag, textField, varintBytes, writeVarint } from './wire.ts';

const LABEL_FIELD = 1;
const NAME_FIELD = 1;
const VALUE_FIELD = 2;

/** Writes the labels of a series as the `label` fields of a Metric, the constant labels last. */
export class LabelPairs {
  readonly #names: readonly Uint8Array[];
  /** The constant labels, which are the same for every series. */
  readonly #end: Uint8Array;

  constructor({ labelNames, constantLabels }: Family, names: NameScheme) {
    this.#names = labelNames.map((name) => textField(NAME_FIELD, names.label(name)));
    const constants = constantLabels.map(([name, value]) => labelPair(names.label(name), value));
    this.#end = Uint8Array.from(constants.flatMap((pair) => [...pair]));
  }

  /** The most bytes that the labels with these values take. */
  maxBytes(values: readonly string[]): number {
    let most = this.#end.length;
    // Tags and lengths take up to 12 bytes, a UTF-16 unit up to three.
    this.#names.forEach((name, i) => (most += name.length + 3 * values[i]!.length + 12));
    return most;
  }

  /** Writes the labels at `at`, where {@link maxBytes} must be free, and returns the position behind them. */
  write(values: readonly string[], bytes: Uint8Array, at: number): number {
    let end = at;
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i]!;
      const length = encodeValue(values[i]!);
      bytes[end] = messageTag(LABEL_FIELD);
      end = writeVarint(bytes, end + 1, name.length + 1 + varintBytes(length) + length);
      end = writeBytes(bytes, end, name);
      bytes[end] = messageTag(VALUE_FIELD);
      end = writeVarint(bytes, end + 1, length);
      end = writeRange(bytes, end, scratch, 0, length);
    }
    return writeBytes(bytes, end, this.#end);
  }
}

/** Returns one `label` field. */
export function labelPair(name: string, value: string): Uint8Array {
  return messageField(LABEL_FIELD, textField(NAME_FIELD, name), textField(VALUE_FIELD, value));
}

/** Puts a label value into the scratch, since its length comes before it; returns its bytes. */
function encodeValue(value: string): number {
  if (3 * value.length > scratch.length) scratch = new Uint8Array(6 * value.length);
  return encoder.encodeInto(value, scratch).written;
}

const encoder = new TextEncoder();
let scratch = new Uint8Array(1024);
