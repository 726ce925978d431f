import { LINE_FEED, SPACE, TAB } from './characters.ts';
import type { Format } from './format.ts';

/** The most characters of a faulty text that an error message shows. */
const MAX_SHOWN = 24;

/**
 * Where the parser is: a run of whole lines, each ended by a line feed, and a position in it.
 *
 * The line feed at the end of each line ends every loop over its characters, so none of them looks for the end of the
 * run. Columns are counted as JavaScript counts characters, in UTF-16 code units.
 */
export class Scanner {
  readonly format: Format;
  text = '';
  /**
   * The characters of the text by their codes. V8 reads a typed array four times as fast as the characters of a string;
   * the text is for cutting values out.
   */
  codes: Uint8Array | Uint16Array = new Uint8Array(0);
  at = 0;
  /** Where the line that is being read begins. */
  lineStart = 0;
  /** Its number in the exposition, from 1; 0 before the first one. */
  line = 0;
  /** What {@link scanNumber} read last. */
  number = NaN;

  constructor(format: Format) {
    this.format = format;
  }

  /** Takes the next run of whole lines. */
  openRun(text: string, codes: Uint8Array | Uint16Array): void {
    this.text = text;
    this.codes = codes;
    this.at = 0;
  }

  /** Begins a line. */
  openLine(): void {
    this.lineStart = this.at;
    this.line++;
  }

  /** The character at the position. */
  code(): number {
    return this.codes[this.at]!;
  }

  /** Whether a text, given by its codes, stands at a position. */
  isAt(at: number, codes: Uint16Array): boolean {
    const { length } = codes;
    for (let i = 0; i < length; i++) if (this.codes[at + i] !== codes[i]) return false;
    return true;
  }

  /** Steps over `text` if it stands at the position, and says whether it did. */
  take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Steps over blanks, which are spaces and tabs. */
  skipBlanks(): void {
    let code = this.code();
    while (code === SPACE || code === TAB) code = this.codes[++this.at]!;
  }

  /** Throws the SyntaxError of a fault in the current line. What was found there is read from the text unless given. */
  fail(at: number, expected: string, got = this.#shownAt(at), remedy = ''): never {
    this.failInLine(this.line, at - this.lineStart + 1, expected, got, remedy);
  }

  /** Throws the SyntaxError of a fault anywhere. */
  failInLine(line: number, column: number, expected: string, got: string, remedy = ''): never {
    const hint = remedy === '' && got.endsWith('\\r"') ? CARRIAGE_RETURN_REMEDY : remedy;
    const end = hint === '' ? '' : ` ${hint}`;
    throw new SyntaxError(
      `Cannot parse ${this.format.title}: expected ${expected}, got ${got} at line ${line}, column ${column}.${end}`,
    );
  }

  /** The word at a position, for a message. */
  #shownAt(at: number): string {
    const word = /^[^ \t\n]*/.exec(this.text.slice(at, at + MAX_SHOWN + 1))?.[0] ?? '';
    if (word !== '') return shown(word);
    return this.codes[at] === LINE_FEED ? 'the end of the line' : 'a blank';
  }
}

/** A text in quotes, as messages show it: cut if long, with escapes for what cannot be seen. */
export function shown(text: string): string {
  const start = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return JSON.stringify(start).replace(UNSEEN, (unseen) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const CARRIAGE_RETURN_REMEDY = 'Lines end in a line feed, without a carriage return.';
const UNSEEN = /[\x7f-\xa0\u2028\u2029\ufeff]/g;
