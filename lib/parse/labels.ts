import { escapedText, ownCopy, readLabelName, readQuoted } from './names.ts';
import { BACKSLASH, CLOSING_BRACE, COMMA, codesOf, EQUALS, LINE_FEED, QUOTE, type Scanner } from './scanner.ts';

/** At most this many label names are shared; a hostile exposition can have any number. */
const MAX_SHARED_NAMES = 1000;

/** A label name. */
export interface LabelName {
  readonly name: string;
  /** The start of a label with this name, `method="`, as character codes. */
  readonly opening: Uint16Array;
  /** The start value for the hash of a label with this name. */
  readonly hash: number;
}

/**
 * The labels of the current sample, in the order of the text; there is one list per parser.
 *
 * The hash of the labels is the sum of their hashes, so their order does not matter, and the metric of a bucket is
 * found by subtracting the hash of `le`. A label with an empty value is the same as no label and has the hash 0.
 */
export class LabelList {
  /** The names, which also predict those of the next sample; the array can be longer than the list. */
  names: LabelName[] = [];
  readonly values: string[] = [];
  readonly #hashes: number[] = [];
  /** Where each label begins in the text. */
  readonly starts: number[] = [];
  /** Where the value of each label begins. */
  readonly valueStarts: number[] = [];
  length = 0;
  #hash = 0;
  /** The index of the label that distinguishes the samples of one metric (`le`, `quantile`, a state set's name), or -1. */
  pointIndex = -1;
  byName: ReadonlyMap<string, string> = NO_LABELS;
  readonly #sharedNames: Map<string, LabelName>;

  constructor(sharedNames: Map<string, LabelName>) {
    this.#sharedNames = sharedNames;
  }

  /** Empties the list. `names` are the label names to expect. */
  clear(names: LabelName[]): void {
    this.names = names;
    this.length = 0;
    this.#hash = 0;
    this.pointIndex = -1;
    this.byName = NO_LABELS;
  }

  /** The hash of all labels except the one at `pointIndex`. */
  get metricHash(): number {
    return this.pointIndex === -1 ? this.#hash : (this.#hash - this.#hashes[this.pointIndex]!) | 0;
  }

  /** The index of a label, or -1. */
  indexOf(name: string): number {
    for (let i = 0; i < this.length; i++) if (this.names[i]!.name === name) return i;
    return -1;
  }

  /**
   * Reads labels from behind the opening brace to behind the closing one into the empty list.
   *
   * Labels with the expected names, without escapes or blanks, are read here, with one look at each character. The
   * first other label and all after it are read by `#readRest()`.
   */
  read(scanner: Scanner): void {
    const byName = new Map<string, string>();
    this.byName = byName;
    const { text, codes } = scanner;
    const { names } = this;
    let at = scanner.at;
    for (let i = 0; i < names.length; i++) {
      const labelName = names[i]!;
      const { name, opening } = labelName;
      if (!scanner.isAt(at, opening)) break;
      const valueStart = at + opening.length;
      let end = valueStart;
      let hash = labelName.hash;
      let code = codes[end]!;
      while (code !== QUOTE && code !== BACKSLASH && code !== LINE_FEED) {
        hash = Math.imul(hash ^ code, FNV_PRIME);
        code = codes[++end]!;
      }
      const after = codes[end + 1];
      if (code !== QUOTE || (after !== COMMA && after !== CLOSING_BRACE)) break;
      const value = text.slice(valueStart, end);
      byName.set(name, value);
      this.#push(value, hash, at, valueStart);
      at = end + 2;
      if (after === COMMA) continue;
      scanner.at = at;
      return;
    }
    scanner.at = at;
    this.#readRest(scanner, byName);
  }

  /** Reads labels in any valid spelling, from before a label name or the closing brace. */
  #readRest(scanner: Scanner, byName: Map<string, string>): void {
    const areBlanksAllowed = !scanner.format.isOpenMetrics;
    if (areBlanksAllowed) scanner.skipBlanks();
    let isFirst = this.length === 0;
    while (scanner.code() !== CLOSING_BRACE || !(isFirst || areBlanksAllowed)) {
      isFirst = false;
      const start = scanner.at;
      const labelName = this.#sharedName(readLabelName(scanner));
      const { name } = labelName;
      if (byName.has(name)) scanner.fail(start, 'each label name once in a sample');
      if (areBlanksAllowed) scanner.skipBlanks();
      if (scanner.code() !== EQUALS) scanner.fail(scanner.at, `"=" after the label name ${name}`);
      scanner.at++;
      if (areBlanksAllowed) scanner.skipBlanks();
      if (scanner.code() !== QUOTE) scanner.fail(scanner.at, 'a label value in double quotes');
      const valueStart = scanner.at + 1;
      const value = readQuoted(scanner, 'label value');
      byName.set(name, value);
      this.names[this.length] = labelName;
      this.#push(value, hashOf(value, labelName.hash), start, valueStart);
      if (areBlanksAllowed) scanner.skipBlanks();
      const code = scanner.code();
      if (code === CLOSING_BRACE) break;
      if (code !== COMMA) scanner.fail(scanner.at, '"," or "}" after a label value', undefined, ESCAPE_REMEDY);
      scanner.at++;
      if (areBlanksAllowed) scanner.skipBlanks();
    }
    // No name stays twice: `read()` does not check for that.
    this.names.length = this.length;
    scanner.at++;
  }

  #push(value: string, hash: number, start: number, valueStart: number): void {
    const i = this.length++;
    // The bits are mixed because the sum of plain FNV hashes collides for similar labels.
    const mixed = value === '' ? 0 : Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^ (hash >>> 12);
    this.values[i] = value;
    this.#hashes[i] = mixed;
    this.#hash = (this.#hash + mixed) | 0;
    this.starts[i] = start;
    this.valueStarts[i] = valueStart;
  }

  /** The one object for a name, so that names are compared and hashed once. */
  #sharedName(name: string): LabelName {
    const shared = this.#sharedNames.get(name);
    if (shared !== undefined) return shared;
    const own = ownCopy(name);
    const written = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(own) ? own : `"${escapedText(own)}"`;
    const labelName = { name: own, opening: codesOf(`${written}="`), hash: hashOf(own, FNV_OFFSET) };
    if (this.#sharedNames.size < MAX_SHARED_NAMES) this.#sharedNames.set(own, labelName);
    return labelName;
  }
}

/** FNV-1a over UTF-16 code units. */
function hashOf(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash;
}

/** All samples without labels share this map. */
const NO_LABELS: ReadonlyMap<string, string> = new Map();
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
const ESCAPE_REMEDY = 'A quote inside a value is written \\".';
