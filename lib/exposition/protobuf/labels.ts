import type { Exemplar, Family } from '../../model/family.ts';
import { allocate, type Memory } from '../memory.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import {
  beginMessage,
  copyBytes,
  DOUBLE_FIELD_BYTES,
  endMessage,
  fieldBytes,
  MAX_TAG_AND_LENGTH,
  MAX_TIMESTAMP_BYTES,
  maxTextFieldBytes,
  SPARE_BYTES,
  writeDoubleField,
  writeTextField,
  writeTimestampField,
} from './wire.ts';

/** `Metric.label`, `Exemplar.label`. */
const LABEL_FIELD = 1;
const LABEL_NAME_FIELD = 1;
const LABEL_VALUE_FIELD = 2;

/** Writes the labels of a family's series as the `label` fields of their metrics, the constant labels last. */
export class LabelPairs {
  /** The fields of the label names, and how many bytes they take. */
  readonly #names: readonly Memory[];
  readonly #nameBytes: readonly number[];
  /** The fields of the constant labels. */
  readonly #constants: Memory;
  readonly #constantBytes: number;

  constructor({ labelNames, constantLabels }: Family, names: NameScheme) {
    const escaped = labelNames.map((name) => names.label(name));
    this.#names = escaped.map((name) => allocate(maxTextFieldBytes(name) + SPARE_BYTES));
    this.#nameBytes = escaped.map((name, i) => writeTextField(this.#names[i]!.bytes, 0, LABEL_NAME_FIELD, name));
    const constants = constantLabels.map(([name, value]) => [names.label(name), value] as const);
    this.#constants = allocate(constants.reduce((sum, [name, value]) => sum + maxLabelBytes(name, value), SPARE_BYTES));
    this.#constantBytes = constants.reduce(
      (at, [name, value]) => writeLabel(this.#constants.bytes, at, name, value),
      0,
    );
  }

  /** How many bytes must be free for labels with these values. */
  maxBytes(values: readonly string[]): number {
    let most = this.#constantBytes + SPARE_BYTES;
    for (let i = 0; i < this.#names.length; i++)
      most += MAX_TAG_AND_LENGTH + this.#nameBytes[i]! + maxTextFieldBytes(values[i]!);
    return most;
  }

  /** Writes the labels at `at`, where {@link maxBytes} must be free, and returns the position behind them. */
  write(values: readonly string[], { bytes, view }: Memory, at: number): number {
    let end = at;
    for (let i = 0; i < this.#names.length; i++) {
      const value = values[i]!;
      const nameBytes = this.#nameBytes[i]!;
      const start = beginMessage(bytes, end, LABEL_FIELD, nameBytes + fieldBytes(value.length));
      const valueAt = copyBytes(view, start, this.#names[i]!.view, 0, nameBytes);
      end = endMessage(bytes, end, start, writeTextField(bytes, valueAt, LABEL_VALUE_FIELD, value));
    }
    return copyBytes(view, end, this.#constants.view, 0, this.#constantBytes);
  }
}

/** Writes a label of any name and returns the position behind it. */
function writeLabel(bytes: Uint8Array, at: number, name: string, value: string): number {
  const start = beginMessage(bytes, at, LABEL_FIELD, fieldBytes(name.length) + fieldBytes(value.length));
  const end = writeTextField(bytes, writeTextField(bytes, start, LABEL_NAME_FIELD, name), LABEL_VALUE_FIELD, value);
  return endMessage(bytes, at, start, end);
}

function maxLabelBytes(name: string, value: string): number {
  return maxTextFieldBytes(name) + maxTextFieldBytes(value) + MAX_TAG_AND_LENGTH;
}

/** Writes an exemplar as a field and returns the position behind it. */
export function writeExemplar(
  target: Memory,
  at: number,
  field: number,
  { labels, value, timestampSeconds }: Exemplar,
): number {
  const { bytes } = target;
  const start = beginMessage(bytes, at, field, 1);
  let end = start;
  for (const name in labels) if (Object.hasOwn(labels, name)) end = writeLabel(bytes, end, name, labels[name]!);
  end = writeDoubleField(target, end, 2, value);
  if (timestampSeconds !== undefined) end = writeTimestampField(bytes, end, 3, timestampSeconds);
  return endMessage(bytes, at, start, end);
}

/** How many bytes must be free for an exemplar. */
export function maxExemplarBytes({ labels }: Exemplar): number {
  let most = MAX_TAG_AND_LENGTH + DOUBLE_FIELD_BYTES + MAX_TIMESTAMP_BYTES;
  for (const name in labels) if (Object.hasOwn(labels, name)) most += maxLabelBytes(name, labels[name]!);
  return most;
}
