/**
 * The error for one line of an exposition: `Cannot parse line 3: expected a metric name, got "1a"`.
 *
 * @param line counted from 1
 * @param expected what would have been valid, in words
 * @param got what stands there: a string is quoted, so that blanks and control characters can be seen
 */
export function refusal(line: number, expected: string, got: string | number | undefined): SyntaxError {
  const shown = typeof got === 'string' ? JSON.stringify(got) : got === undefined ? 'none' : String(got);
  return new SyntaxError(`Cannot parse line ${line}: expected ${expected}, got ${shown}`);
}
