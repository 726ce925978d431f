import { BACKSLASH, COLON, LINE_FEED, NINE, QUOTE, type Scanner, ZERO } from './scanner.ts';

/** Reads the metric name in a metadata line, plain or in quotes. */
export function readFamilyName(scanner: Scanner): string {
  const start = scanner.at;
  const name = scanner.code() === QUOTE ? readQuotedName(scanner, 'metric name') : readIdentifier(scanner, true);
  if (name === '') scanner.fail(start, 'a metric name');
  return name;
}

/** Reads a label name, plain or in quotes. */
export function readLabelName(scanner: Scanner): string {
  const start = scanner.at;
  const name = scanner.code() === QUOTE ? readQuotedName(scanner, 'label name') : readIdentifier(scanner, false);
  if (name === '') scanner.fail(start, 'a label name');
  if (name === '__name__') scanner.fail(start, 'a label name other than the reserved "__name__"');
  return name;
}

/** Reads a name in quotes; fails if the format does not have them. */
export function readQuotedName(scanner: Scanner, what: string): string {
  if (!scanner.format.hasQuotedNames) {
    scanner.tolerate(() => scanner.fail(scanner.at, `a ${what} without quotes`, undefined, NO_QUOTES_REMEDY));
  }
  return readQuoted(scanner, what);
}

/** Reads a name without quotes; returns an empty string if there is none. Only metric names may contain colons. */
export function readIdentifier(scanner: Scanner, areColonsAllowed: boolean): string {
  const { codes, at: start } = scanner;
  let at = start;
  let code = codes[at]!;
  if (code >= ZERO && code <= NINE) return '';
  while (isNameCharacter(code) || (code === COLON && areColonsAllowed)) code = codes[++at]!;
  scanner.at = at;
  return scanner.text.slice(start, at);
}

/** Reads a string in double quotes, from its opening quote to behind its closing one, and resolves its escapes. */
export function readQuoted(scanner: Scanner, what: string): string {
  const { codes } = scanner;
  const start = scanner.at + 1;
  let at = start;
  let hasEscapes = false;
  let code = codes[at]!;
  while (code !== QUOTE && code !== LINE_FEED) {
    if (code === BACKSLASH) {
      hasEscapes = true;
      if (codes[at + 1] !== LINE_FEED) at++;
    }
    code = codes[++at]!;
  }
  if (code === LINE_FEED) scanner.fail(at, `a closing quote after the ${what}`, undefined, LINE_FEED_REMEDY);
  scanner.at = at + 1;
  return hasEscapes ? unescaped(scanner, start, at) : scanner.text.slice(start, at);
}

/**
 * The text between two positions with the escapes `\\`, `\"` and `\n` resolved. In OpenMetrics any other escape stands
 * for itself, backslash included; in the text formats it is a fault.
 */
export function unescaped(scanner: Scanner, start: number, end: number): string {
  const text = scanner.text.slice(start, end);
  let result = '';
  let copied = 0;
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', copied)) {
    const escaped = text.charAt(at + 1);
    result += text.slice(copied, at);
    if (escaped === 'n') result += '\n';
    else if (escaped === '\\' || escaped === '"') result += escaped;
    else {
      if (escaped === '' || !scanner.format.isOpenMetrics) {
        scanner.tolerate(() => scanner.fail(start + at, 'one of the escapes \\\\, \\" and \\n'));
      }
      result += `\\${escaped}`;
    }
    copied = at + 2;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** Escapes a quoted name the way the formats write it. */
export function escapedText(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

/** Copies a part of a chunk, so that it does not keep the whole chunk in memory. */
export function ownCopy(text: string): string {
  return ` ${text}`.slice(1);
}

function isNameCharacter(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= LOWER_A && lower <= LOWER_Z) || code === UNDERSCORE || (code >= ZERO && code <= NINE);
}

const NO_QUOTES_REMEDY =
  'Quoted names are read in text 1.0.0, in OpenMetrics 2.0.0, and in OpenMetrics 1.0.0 with the parameter escaping=allow-utf-8.';
const LINE_FEED_REMEDY = 'A line feed in it is written \\n, a quote \\".';
const UNDERSCORE = 95;
const LOWER_A = 97;
const LOWER_Z = 122;
