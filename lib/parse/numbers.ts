import { LINE_FEED, MINUS, NINE, PLUS, POINT, type Scanner, SPACE, TAB, ZERO } from './scanner.ts';

/**
 * Reads the number at a position into `scanner.number` and returns the position behind it, or -1 if there is none.
 *
 * The grammar is OpenMetrics' `number`, which also describes the decimals of Go's ParseFloat: an optional sign, digits
 * with an optional point, an optional exponent; `inf`, `infinity` (both with an optional sign) and `nan`, in any case.
 * Hexadecimal numbers, underscores and decimals beyond the range of a double are not numbers.
 *
 * Up to 15 digits and a power of ten of up to 22 are exact as doubles, so their quotient is the nearest double
 * (Clinger 1990). All other numbers are left to the engine.
 */
export function scanNumber(scanner: Scanner, start: number): number {
  const { codes } = scanner;
  let at = start;
  let code = codes[at]!;
  const isNegative = code === MINUS;
  if (isNegative || code === PLUS) code = codes[++at]!;
  let digits = 0;
  const digitsStart = at;
  while (code >= ZERO && code <= NINE) {
    digits = digits * 10 + (code - ZERO);
    code = codes[++at]!;
  }
  let count = at - digitsStart;
  let scale = 0;
  if (code === POINT) {
    const fractionStart = ++at;
    code = codes[at]!;
    while (code >= ZERO && code <= NINE) {
      digits = digits * 10 + (code - ZERO);
      code = codes[++at]!;
    }
    scale = at - fractionStart;
    count += scale;
  }
  if (count === 0) return scanWord(scanner, start);
  const isExponential = code === UPPER_E || code === LOWER_E;
  if (!isExponential && count <= 15) {
    const value = scale === 0 ? digits : digits / POWERS_OF_TEN[scale]!;
    scanner.number = isNegative ? -value : value;
    return at;
  }
  const end = isExponential ? integerEnd(codes, at + 1) : at;
  if (end === -1) return -1;
  const value = Number(scanner.text.slice(start, end));
  scanner.number = value;
  return Number.isFinite(value) ? end : -1;
}

/** The position behind digits with an optional sign, or -1. */
function integerEnd(codes: Uint8Array | Uint16Array, start: number): number {
  let at = start;
  let code = codes[at]!;
  if (code === MINUS || code === PLUS) code = codes[++at]!;
  const digitsStart = at;
  while (code >= ZERO && code <= NINE) code = codes[++at]!;
  return at === digitsStart ? -1 : at;
}

function scanWord(scanner: Scanner, start: number): number {
  WORD.lastIndex = start;
  const word = WORD.exec(scanner.text)?.[0];
  if (word === undefined) return -1;
  const first = word.charCodeAt(0);
  if (first === UPPER_N || first === LOWER_N) scanner.number = NaN;
  else scanner.number = first === MINUS ? -Infinity : Infinity;
  return start + word.length;
}

/** Reads a text timestamp, an int64 in milliseconds; one beyond 2^53 is rounded to a double. */
export function readMilliseconds(scanner: Scanner): number {
  const { codes, at: start } = scanner;
  const end = integerEnd(codes, start);
  const code = end === -1 ? NaN : codes[end];
  const isNumber = code === LINE_FEED || code === SPACE || code === TAB;
  if (!isNumber) scanner.fail(start, 'a timestamp in whole milliseconds, or the end of the line', undefined, REMEDY);
  const text = scanner.text.slice(start, end);
  const milliseconds = Number(text);
  // The doubles next to the limits of an int64 stand for more than one integer.
  const isBeyond = Math.abs(milliseconds) >= 2 ** 63 && !(Math.abs(milliseconds) === 2 ** 63 && isInt64(BigInt(text)));
  if (isBeyond) scanner.fail(start, 'a timestamp that an int64 can hold');
  scanner.at = end;
  return milliseconds;
}

function isInt64(integer: bigint): boolean {
  return BigInt.asIntN(64, integer) === integer;
}

const REMEDY = 'Exemplars, and timestamps in seconds, are read in OpenMetrics.';
const WORD = /[+-]?inf(?:inity)?|nan/iy;
const POWERS_OF_TEN = Array.from({ length: 16 }, (_, i) => Number(`1e${i}`));
const UPPER_E = 69;
const LOWER_E = 101;
const UPPER_N = 78;
const LOWER_N = 110;
