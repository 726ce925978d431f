import type { Exemplar, Family } from '../../model/family.ts';
import { isLegacyLabelName, isLegacyMetricName } from '../../model/names.ts';
import type { Memory } from '../memory.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import { SPARE_BYTES, TextPiece } from './family-lines.ts';
import { MAX_NUMBER_LENGTH, writeNumber } from './number-text.ts';

/** Escapes a label value for the text formats: backslash, double quote and line feed. */
export function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/[\\"\n]/g, escapeCharacter) : value;
}

/** Escapes a help text for the Prometheus text formats: backslash and line feed, but no quotes. */
export function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}

/** Returns an escaped metric name as metadata lines contain it: in quotes unless it is an identifier. */
export function metricNameText(name: string): string {
  return isLegacyMetricName(name) ? name : `"${escapeLabelValue(name)}"`;
}

/** Returns an escaped label name as label lists contain it: in quotes unless it is an identifier. */
function labelNameText(name: string): string {
  return isLegacyLabelName(name) ? name : `"${escapeLabelValue(name)}"`;
}

/** The text around the labels of a line: `name{` and `} `, or `{"name",` and `} ` where the name needs quotes. */
export function lineFrame(sampleName: string, hasLabels: boolean): { readonly open: string; readonly close: string } {
  const text = metricNameText(sampleName);
  if (text !== sampleName) return { open: `{${text}${hasLabels ? ',' : ''}`, close: '} ' };
  return hasLabels ? { open: `${text}{`, close: '} ' } : { open: text, close: ' ' };
}

/**
 * Writes the label lists of a family's series in the text formats, `a="x",b="y"`, the constant labels last, or first.
 *
 * Writes bytes, not strings: strings would leave garbage for each line of a new series, and all series of custom
 * collectors are new at each scrape. Collecting that garbage would stop the event loop.
 */
export class LabelList {
  /** The text before each value: `a="`, then `",b="`. */
  readonly #beforeValues: readonly TextPiece[];
  /** The text behind the last value: a quotation mark at least, if there are labels. */
  readonly #end: TextPiece;

  constructor({ labelNames, constantLabels }: Family, names: NameScheme, hasConstantsFirst = false) {
    const nameText = (name: string): string => labelNameText(names.label(name));
    const constants = constantLabels.map(([name, value]) => `${nameText(name)}="${escapeLabelValue(value)}"`);
    const first = hasConstantsFirst ? constants.map((text) => `${text},`).join('') : '';
    this.#beforeValues = labelNames.map((name, i) => new TextPiece(`${i === 0 ? first : '",'}${nameText(name)}="`));
    const last = hasConstantsFirst && labelNames.length > 0 ? [] : constants;
    this.#end = new TextPiece((labelNames.length > 0 ? ['"', ...last] : last).join(','));
  }

  /** Whether no series has any label. */
  get isEmpty(): boolean {
    return this.#end.length === 0;
  }

  /** How many bytes must be free for labels with these values. */
  maxBytes(values: readonly string[]): number {
    let most = this.#end.length + SPARE_BYTES;
    for (let i = 0; i < this.#beforeValues.length; i++)
      most += this.#beforeValues[i]!.length + maxTextBytes(values[i]!);
    return most;
  }

  /** Writes the labels at `at`, where {@link maxBytes} must be free, and returns the position behind them. */
  write(values: readonly string[], { bytes, view }: Memory, at: number): number {
    let end = at;
    for (let i = 0; i < this.#beforeValues.length; i++) {
      end = this.#beforeValues[i]!.write(view, end);
      end = writeText(bytes, end, values[i]!);
    }
    return this.#end.write(view, end);
  }
}

/** How many bytes must be free for {@link writeExemplar}. */
export function maxExemplarBytes(exemplar: Exemplar | undefined): number {
  if (exemplar === undefined) return 0;
  const { labels } = exemplar;
  let most = ' # {} '.length + 2 * MAX_NUMBER_LENGTH + 1;
  for (const name in labels) {
    if (Object.hasOwn(labels, name)) most += maxTextBytes(name) + maxTextBytes(labels[name]!) + '"",""="",'.length;
  }
  return most;
}

/**
 * Writes an exemplar, if there is one, behind the value of a sample: ` # {trace_id="x"} 0.67 1520879607.789`. Returns the
 * position behind it.
 */
export function writeExemplar(bytes: Uint8Array, start: number, exemplar: Exemplar | undefined): number {
  if (exemplar === undefined) return start;
  const { labels, value, timestampSeconds } = exemplar;
  let at = start;
  bytes[at++] = SPACE;
  bytes[at++] = HASH;
  bytes[at++] = SPACE;
  bytes[at++] = OPENING_BRACE;
  let isFirst = true;
  for (const name in labels) {
    if (!Object.hasOwn(labels, name)) continue;
    if (!isFirst) bytes[at++] = COMMA;
    isFirst = false;
    if (isLegacyLabelName(name)) at = writeText(bytes, at, name);
    else {
      bytes[at++] = QUOTE;
      at = writeText(bytes, at, name);
      bytes[at++] = QUOTE;
    }
    bytes[at++] = EQUALS;
    bytes[at++] = QUOTE;
    at = writeText(bytes, at, labels[name]!);
    bytes[at++] = QUOTE;
  }
  bytes[at++] = CLOSING_BRACE;
  bytes[at++] = SPACE;
  at = writeNumber(bytes, at, value);
  if (timestampSeconds === undefined) return at;
  bytes[at++] = SPACE;
  return writeNumber(bytes, at, timestampSeconds);
}

/** Three bytes for a UTF-16 unit: a character of the basic plane in UTF-8. An escaped one takes two. */
function maxTextBytes(text: string): number {
  return 3 * text.length;
}

/** Writes a text, escaped as label values are. */
function writeText(bytes: Uint8Array, at: number, text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127 || unit === QUOTE || unit === BACKSLASH || unit === LINE_FEED) {
      return at + encoder.encodeInto(escapeLabelValue(text), bytes.subarray(at)).written;
    }
    bytes[at + i] = unit;
  }
  return at + length;
}

const LINE_FEED = 10;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;
const encoder = new TextEncoder();
