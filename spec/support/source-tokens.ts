/** A token of TypeScript or JavaScript source. Comments and white space are no tokens. */
export interface SourceToken {
  /** A template's text has no token; what stands in its `${…}` has. `template` is one without any, a string in effect. */
  readonly kind: 'word' | 'string' | 'template' | 'number' | 'regex' | 'punctuator';
  /** As in the source; the value of a string or template, escapes resolved. A punctuator is one character. */
  readonly text: string;
}

/** A word of code; private names and escapes are words too. */
const WORD = /(?:[\p{ID_Continue}$#\u200c\u200d]|\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]+\})+/uy;
const NUMBER = /[0-9](?:[eE][+-]?[0-9]|[\w.])*/y;
/** Within a class a slash does not end it. */
const REGEX = /\/(?:\[(?:\\.|[^\]\\\n])*\]|\\.|[^/[\\\n])+\/[a-z]*/y;
const LINE_END = /[\n\r\u2028\u2029]|$/g;

/** Words before which an operand cannot have ended, so that a `/` after them begins a regular expression. */
const OPERATOR_WORDS = new Set(
  'await case delete do else extends in instanceof new of return throw typeof void yield'.split(' '),
);
/** What has its condition in parentheses, after which a statement begins. */
const CONDITION_WORDS = new Set(['for', 'if', 'while', 'with']);
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * Splits source into tokens.
 *
 * Enough of a lexer to tell code from comments, strings, templates and regular expressions; it does not check syntax.
 * Throws a SyntaxError that names the line when a string, template, comment or bracket is not closed, which is also what
 * a regular expression that was taken for a division comes to. `}` is taken to end a statement, not an operand.
 */
export function sourceTokens(source: string): SourceToken[] {
  return new Lexer(source).read();
}

interface OpenBracket {
  readonly text: string;
  readonly line: number;
  /** Whether a `/` after the closing bracket begins a regular expression. */
  readonly endsOperand: boolean;
}

class Lexer {
  readonly #source: string;
  readonly #tokens: SourceToken[] = [];
  readonly #open: OpenBracket[] = [];
  #at = 0;
  #line = 1;
  /** Whether an operand has just ended, so that a `/` divides it. */
  #isAfterOperand = false;

  constructor(source: string) {
    this.#source = source;
  }

  read(): SourceToken[] {
    if (this.#source.startsWith('#!')) this.#at = this.#lineEnd();
    this.#readCode(false);
    return this.#tokens;
  }

  /** Reads to the end, or in a template to the brace that closes `${`. */
  #readCode(isInTemplate: boolean): void {
    const depth = this.#open.length;
    while (this.#at < this.#source.length) {
      const character = this.#source[this.#at]!;
      if (isInTemplate && character === '}' && this.#open.length === depth) return;
      if (/\s/.test(character)) this.#skip(1);
      else if (this.#source.startsWith('//', this.#at)) this.#at = this.#lineEnd();
      else if (this.#source.startsWith('/*', this.#at)) this.#skipComment();
      else if (character === '"' || character === "'") this.#readString(character);
      else if (character === '`') this.#readTemplate();
      else if (this.#readMatch('number', NUMBER) || this.#readWord()) continue;
      else if (character === '/' && !this.#isAfterOperand && this.#readMatch('regex', REGEX)) continue;
      else this.#readPunctuator(character); // a regular expression that no slash closes in its line is a division
    }
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) throw this.#refusal(`a bracket that closes ${unclosed.text}`, unclosed.line);
  }

  #readWord(): boolean {
    const isProperty = this.#tokens.at(-1)?.text === '.';
    if (!this.#readMatch('word', WORD)) return false;
    this.#isAfterOperand = isProperty || !OPERATOR_WORDS.has(this.#tokens.at(-1)!.text);
    return true;
  }

  #readMatch(kind: SourceToken['kind'], pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0];
    if (text === undefined) return false;
    this.#add(kind, text);
    this.#isAfterOperand = true;
    return true;
  }

  #readString(quote: string): void {
    const start = this.#at;
    const end = this.#endOfString(start + 1, quote);
    this.#add('string', valueOf(this.#source.slice(start + 1, end)), end + 1 - start);
    this.#isAfterOperand = true;
  }

  #readTemplate(): void {
    const line = this.#line;
    const start = this.#at;
    let hasCode = false;
    this.#skip(1);
    for (;;) {
      const character = this.#source[this.#at];
      if (character === undefined) throw this.#refusal('a template that is closed', line);
      if (character === '`') break;
      if (this.#source.startsWith('${', this.#at)) {
        hasCode = true;
        this.#skip(2);
        this.#isAfterOperand = false;
        this.#readCode(true);
        if (this.#source[this.#at] !== '}') throw this.#refusal('a template that is closed', line);
        this.#skip(1);
      } else this.#skip(character === '\\' ? 2 : 1);
    }
    if (!hasCode) this.#tokens.push({ kind: 'template', text: valueOf(this.#source.slice(start + 1, this.#at)) });
    this.#skip(1);
    this.#isAfterOperand = true;
  }

  #readPunctuator(character: string): void {
    const before = this.#tokens.at(-1);
    const wasAfterOperand = this.#isAfterOperand;
    const line = this.#line;
    this.#add('punctuator', character);
    this.#isAfterOperand = false;
    if (character in CLOSING) {
      const isCondition = character === '(' && before?.kind === 'word' && CONDITION_WORDS.has(before.text);
      this.#open.push({ text: character, line, endsOperand: character !== '{' && !isCondition });
    } else if (')]}'.includes(character)) {
      const open = this.#open.pop();
      if (open === undefined || CLOSING[open.text] !== character) throw this.#refusal(`no ${character}`, line);
      this.#isAfterOperand = open.endsOperand;
    } else if (character === '!' || (before?.text === character && (character === '+' || character === '-'))) {
      // `value!` and `value++` are operands as `value` is.
      this.#isAfterOperand = wasAfterOperand || (character !== '!' && this.#isOperandAt(-3));
    }
  }

  #isOperandAt(index: number): boolean {
    const token = this.#tokens.at(index);
    return token !== undefined && (token.kind !== 'punctuator' || token.text === ')' || token.text === ']');
  }

  #skipComment(): void {
    const end = this.#source.indexOf('*/', this.#at + 2);
    if (end === -1) throw this.#refusal('a comment that is closed', this.#line);
    this.#skip(end + 2 - this.#at);
  }

  #endOfString(from: number, quote: string): number {
    for (let at = from; at < this.#source.length; at++) {
      const character = this.#source[at];
      if (character === quote) return at;
      if (character === '\\') at++;
      else if (character === '\n') break;
    }
    throw this.#refusal('a string that is closed', this.#line);
  }

  #add(kind: SourceToken['kind'], text: string, length = text.length): void {
    this.#tokens.push({ kind, text });
    this.#skip(length);
  }

  #skip(length: number): void {
    for (const end = Math.min(this.#at + length, this.#source.length); this.#at < end; this.#at++) {
      if (this.#source[this.#at] === '\n') this.#line++;
    }
  }

  #lineEnd(): number {
    LINE_END.lastIndex = this.#at;
    return LINE_END.exec(this.#source)!.index;
  }

  #refusal(expected: string, line: number): SyntaxError {
    return new SyntaxError(`Cannot read source: expected ${expected}, at line ${line}`);
  }
}

/** The value of what stands between quotes. */
function valueOf(escaped: string): string {
  const escapes: Readonly<Record<string, string>> = {
    n: '\n',
    r: '\r',
    t: '\t',
    b: '\b',
    f: '\f',
    v: '\v',
    0: '\0',
    '\n': '',
  };
  return escaped.replace(
    /\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.|\n))/gsu,
    (_, long, short, byte, one) => {
      const code = long ?? short ?? byte;
      return code === undefined ? (escapes[one] ?? one) : String.fromCodePoint(Number.parseInt(code, 16));
    },
  );
}
