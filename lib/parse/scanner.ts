import type { Format } from './format.ts';
import type { ParseProblem } from './parsed-family.ts';

/** Codes of the characters that have a meaning in the formats. */
export const TAB = 9;
export const LINE_FEED = 10;
export const SPACE = 32;
export const QUOTE = 34;
export const HASH = 35;
export const PLUS = 43;
export const COMMA = 44;
export const MINUS = 45;
export const POINT = 46;
export const ZERO = 48;
export const NINE = 57;
export const COLON = 58;
export const EQUALS = 61;
export const BACKSLASH = 92;
export const OPENING_BRACE = 123;
export const CLOSING_BRACE = 125;

/** Error messages show at most this many characters of a faulty text. */
const MAX_SHOWN = 24;

/**
 * A run of whole lines and the parser's position in it.
 *
 * Each line ends in a line feed, which stops every loop over its characters, so no loop checks for the end of the run.
 * Columns count UTF-16 code units, as JavaScript does.
 */
export class Scanner {
  readonly format: Format;
  /** The faults that lenient parsing has accepted; undefined in strict parsing. */
  readonly problems: ParseProblem[] | undefined;
  /** The fault that was thrown last. */
  #fault: { readonly error: SyntaxError; readonly line: number; readonly column: number } | undefined;
  text = '';
  /** The character codes of the text. V8 reads a typed array faster than a string; `text` is for cutting values out. */
  codes: Uint8Array | Uint16Array = new Uint8Array(0);
  at = 0;
  /** Where the current line begins. */
  lineStart = 0;
  /** The number of the current line in the exposition, from 1; 0 before the first. */
  line = 0;
  /** The last result of `scanNumber()`. */
  number = NaN;

  constructor(format: Format, problems?: ParseProblem[]) {
    this.format = format;
    this.problems = problems;
  }

  /** Starts the next run of whole lines. */
  openRun(text: string, codes: Uint8Array | Uint16Array): void {
    this.text = text;
    this.codes = codes;
    this.at = 0;
  }

  /** Starts the next line. */
  openLine(): void {
    this.lineStart = this.at;
    this.line++;
  }

  /** The character at the position. */
  code(): number {
    return this.codes[this.at]!;
  }

  /** Whether the character codes of a text stand at a position. */
  isAt(at: number, codes: Uint16Array): boolean {
    const { length } = codes;
    for (let i = 0; i < length; i++) if (this.codes[at + i] !== codes[i]) return false;
    return true;
  }

  /** Skips `text` if it is at the position, and returns whether it did. */
  take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Steps over spaces and tabs. */
  skipBlanks(): void {
    let code = this.code();
    while (code === SPACE || code === TAB) code = this.codes[++this.at]!;
  }

  /** Steps over blanks between the tokens of a sample: OpenMetrics has only the single spaces of its grammar. */
  skipOptionalBlanks(): void {
    if (!this.format.isOpenMetrics) this.skipBlanks();
  }

  /** Steps over a space; fails if there is none. */
  takeSpace(expected: string): void {
    if (this.code() !== SPACE) this.fail(this.at, expected);
    this.at++;
  }

  /** Throws a SyntaxError for a fault in the current line. `got` defaults to the word at the fault. */
  fail(at: number, expected: string, got = this.#shownAt(at), remedy = ''): never {
    this.failInLine(this.line, at - this.lineStart + 1, expected, got, remedy);
  }

  /** Throws a SyntaxError for a fault in any line. */
  failInLine(line: number, column: number, expected: string, got: string, remedy = ''): never {
    const hint = remedy === '' && got.endsWith('\\r"') ? CARRIAGE_RETURN_REMEDY : remedy;
    const end = hint === '' ? '' : ` ${hint}`;
    const where = `line ${line}, column ${column}`;
    const error = new SyntaxError(
      `Cannot parse ${this.format.title}: expected ${expected}, got ${got} at ${where}.${end}`,
    );
    this.#fault = { error, line, column };
    throw error;
  }

  /** Runs a check whose faults lenient parsing lists instead of throwing; the first at each position is listed. */
  tolerate(check: () => void): void {
    const { problems } = this;
    if (problems === undefined) {
      check();
      return;
    }
    try {
      check();
    } catch (error) {
      const fault = this.#fault;
      if (fault === undefined || error !== fault.error) throw error;
      const { line, column } = fault;
      const last = problems.at(-1);
      if (last !== undefined && last.line === line && last.column === column) return;
      problems.push({ message: fault.error.message, line, column });
    }
  }

  /** The word at a position, for a message. */
  #shownAt(at: number): string {
    const word = /^[^ \t\n]*/.exec(this.text.slice(at, at + MAX_SHOWN + 1))?.[0] ?? '';
    if (word !== '') return shown(word);
    return this.codes[at] === LINE_FEED ? 'the end of the line' : 'a blank';
  }
}

/** Quotes a text for an error message: long texts are cut, invisible characters escaped. */
export function shown(text: string): string {
  const start = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return JSON.stringify(start).replace(UNSEEN, (unseen) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The character codes of a text. */
export function codesOf(text: string): Uint16Array {
  const codes = new Uint16Array(text.length);
  for (let i = 0; i < codes.length; i++) codes[i] = text.charCodeAt(i);
  return codes;
}

const CARRIAGE_RETURN_REMEDY = 'Lines end in a line feed, without a carriage return.';
const UNSEEN = /[\x7f-\xa0\u2028\u2029\ufeff]/g;
