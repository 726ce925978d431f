import { Labels, NO_LABELS } from './labels.ts';
import { escapedText, ownCopy, readLabelName, readQuoted } from './names.ts';
import { BACKSLASH, CLOSING_BRACE, COMMA, codesOf, EQUALS, LINE_FEED, QUOTE, type Scanner } from './scanner.ts';

/**
 * The labels of the current sample; there is one list per parser.
 *
 * Most samples have the label names of the one before, and many of its values: the buckets of a series differ in `le`. So
 * names are kept as a tree, in which each line is a path, and each node has its last value.
 *
 * The hash of the labels is the sum of their hashes, so their order does not matter, and the metric of a bucket is
 * found by subtracting the hash of `le`.
 */
export class LabelList {
  byName = NO_LABELS;
  /** The label that distinguishes the samples of one metric (`le`, `quantile`, a state set's name), if the sample has it. */
  point: Label | undefined;
  readonly #values: string[] = [];
  #hash = 0;
  #root = new Label();
  /** Where the path of the sample ends. */
  #last = this.#root;
  /** The run of lines that the tree belongs to. Positions are valid in one run, and that also bounds the tree's size. */
  #codes: Scanner['codes'] | undefined;
  /** The names of the line, from the first that is new to the tree. */
  #names: Set<string> | undefined;

  /** Empties the list. */
  clear(): void {
    this.byName = NO_LABELS;
    this.point = undefined;
    this.#last = this.#root;
    this.#hash = 0;
  }

  /** The hash of all labels except the point label. */
  get metricHash(): number {
    return this.point === undefined ? this.#hash : (this.#hash - this.point.hash) | 0;
  }

  /** The label with a name. */
  find(name: string): Label | undefined {
    let label: Label | undefined = this.#last;
    while (label !== undefined && label.name !== name) label = label.parent;
    return label;
  }

  /** Reads the labels of a sample, from behind the opening brace to behind the closing one. */
  read(scanner: Scanner): Labels {
    this.clear();
    if (this.#codes !== scanner.codes) {
      this.#codes = scanner.codes;
      this.#root = new Label();
    }
    this.#names = undefined;
    const { isOpenMetrics } = scanner.format;
    let label = this.#root;
    let count = 0;
    for (;;) {
      const { next } = label;
      if (next !== undefined && scanner.isAt(scanner.at, next.opening)) {
        label = next;
        label.start = scanner.at;
        scanner.at += next.opening.length;
      } else {
        scanner.skipOptionalBlanks();
        if (scanner.code() === CLOSING_BRACE && (count === 0 || !isOpenMetrics)) break;
        label = this.#readName(scanner, label);
      }
      label.readValue(scanner);
      this.#values[count++] = label.value;
      this.#hash = (this.#hash + label.hash) | 0;
      scanner.skipOptionalBlanks();
      const code = scanner.code();
      if (code === CLOSING_BRACE) break;
      if (code !== COMMA) scanner.fail(scanner.at, '"," or "}" after a label value', undefined, ESCAPE_REMEDY);
      scanner.at++;
    }
    scanner.at++;
    this.#last = label;
    if (count > 0) this.byName = new Labels(label.names, this.#values.slice(0, count));
    return this.byName;
  }

  /** Reads a label in any valid spelling, from its name to behind the opening quote of its value. */
  #readName(scanner: Scanner, parent: Label): Label {
    const start = scanner.at;
    const name = readLabelName(scanner);
    let label = parent.children.get(name);
    if (label === undefined) {
      this.#names ??= new Set(parent.names);
      if (this.#names.has(name)) scanner.fail(start, 'each label name once in a sample');
      this.#names.add(name);
      label = new Label(ownCopy(name), parent);
      parent.children.set(label.name, label);
    }
    // A quoted name where the format has none is a fault each time.
    if (scanner.format.hasQuotedNames || label.opening[0] !== QUOTE) parent.next = label;
    label.start = start;
    scanner.skipOptionalBlanks();
    if (scanner.code() !== EQUALS) scanner.fail(scanner.at, `"=" after the label name ${name}`);
    scanner.at++;
    scanner.skipOptionalBlanks();
    if (scanner.code() !== QUOTE) scanner.fail(scanner.at, 'a label value in double quotes');
    scanner.at++;
    return label;
  }
}

/** A label name behind certain others, with the last label that was read there. */
export class Label {
  readonly name: string;
  /** Undefined at the root, which is no label. */
  readonly parent: Label | undefined;
  readonly children = new Map<string, Label>();
  /** The child that was read last: the one to expect. */
  next: Label | undefined;
  /** The start of such a label, `method="`, as character codes. */
  readonly opening: Uint16Array;
  readonly #nameHash: number;
  #names: readonly string[] | undefined;
  start = 0;
  valueStart = 0;
  /** Behind the closing quote; `valueStart` if the value is not to be recognised. */
  #end = 0;
  value = '';
  /** 0 for an empty value: such a label is the same as none. */
  hash = 0;

  constructor(name = '', parent?: Label) {
    this.name = name;
    this.parent = parent;
    const written = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : `"${escapedText(name)}"`;
    this.opening = codesOf(`${written}="`);
    this.#nameHash = hashOf(name, FNV_OFFSET);
  }

  /** The names on the way from the root. */
  get names(): readonly string[] {
    if (this.#names !== undefined) return this.#names;
    const names: string[] = [];
    for (let label: Label = this; label.parent !== undefined; label = label.parent) names.push(label.name);
    this.#names = names.toReversed();
    return this.#names;
  }

  /** Reads a value to behind its closing quote. */
  readValue(scanner: Scanner): void {
    const { codes, at: start } = scanner;
    const { valueStart } = this;
    const length = this.#end - valueStart;
    this.valueStart = start;
    let same = 0;
    while (same < length && codes[start + same] === codes[valueStart + same]) same++;
    if (same < length || length === 0) this.#readOther(scanner);
    else scanner.at = this.#end = start + length;
  }

  #readOther(scanner: Scanner): void {
    const { codes, at: start } = scanner;
    let hash = this.#nameHash;
    let at = start;
    let code = codes[at]!;
    while (code !== QUOTE && code !== BACKSLASH && code !== LINE_FEED) {
      hash = Math.imul(hash ^ code, FNV_PRIME);
      code = codes[++at]!;
    }
    if (code === QUOTE) {
      this.value = scanner.text.slice(start, at);
      scanner.at = this.#end = at + 1;
    } else {
      scanner.at--;
      this.value = readQuoted(scanner, 'label value');
      hash = hashOf(this.value, this.#nameHash);
      // Not for the next line: lenient parsing lists the faults of each.
      this.#end = start;
    }
    // The bits are mixed because the sum of plain FNV hashes collides for similar labels.
    this.hash = this.value === '' ? 0 : Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^ (hash >>> 12);
  }
}

/** FNV-1a over UTF-16 code units. */
function hashOf(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash;
}

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
const ESCAPE_REMEDY = 'A quote inside a value is written \\".';
