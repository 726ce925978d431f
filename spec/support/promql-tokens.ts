/** A word, a piece of punctuation, or a literal of a PromQL expression. */
export interface PromqlToken {
  readonly kind: 'name' | 'number' | 'duration' | 'string' | 'punctuation';
  /** The content of a string, without quotes and escapes. */
  readonly text: string;
}

/** Durations come before numbers and both before names, since each may be the beginning of the next. */
const KINDS = [
  ['duration', /(?:\d+(?:ms|[smhdwy]))+(?!\w)/y],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\w)|(?:Inf|NaN)(?!\w)/y],
  ['name', /[a-zA-Z_:][\w:]*/y],
  ['string', /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y],
  ['punctuation', /=~|!~|!=|==|>=|<=|[-+*/%^=<>(){}[\],@:]/y],
] as const;
const BLANK = /(?:\s|#.*)*/y;

/** Splits a PromQL expression into tokens. Throws a SyntaxError at the first character that begins none. */
export function promqlTokens(text: string): readonly PromqlToken[] {
  const tokens: PromqlToken[] = [];
  let at = skipBlank(text, 0);
  while (at < text.length) {
    const token = tokenAt(text, at);
    if (token === undefined)
      throw new SyntaxError(`Cannot read PromQL: expected a token, got ${text.slice(at, at + 20)}.`);
    const [kind, found] = token;
    tokens.push({ kind, text: kind === 'string' ? unquoted(found) : found });
    at = skipBlank(text, at + found.length);
  }
  return tokens;
}

function tokenAt(text: string, at: number): readonly [PromqlToken['kind'], string] | undefined {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return [kind, found];
  }
  return undefined;
}

function skipBlank(text: string, at: number): number {
  BLANK.lastIndex = at;
  return at + (BLANK.exec(text)?.[0].length ?? 0);
}

function unquoted(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, '$1');
}
