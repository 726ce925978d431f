import { MINUS, NINE, PLUS, POINT, ZERO } from './characters.ts';
import type { Scanner } from './scanner.ts';

/**
 * Reads the number at a position into `scanner.number` and returns the position behind it, or -1 if there is none.
 *
 * The grammar is OpenMetrics' `number`, which is also what Go's ParseFloat takes for a decimal: an optional sign,
 * digits with a point anywhere, an exponent; `inf`, `infinity` (with a sign or not) and `nan` in any case. No
 * hexadecimal or underscores, and no decimal that a double cannot hold.
 *
 * Up to 15 digits and a scale of up to 22 are exact as doubles, so their quotient is the nearest double (Clinger 1990);
 * only others are handed to the engine.
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
  const end = isExponential ? exponentEnd(codes, at + 1) : at;
  if (end === -1) return -1;
  const value = Number(scanner.text.slice(start, end));
  scanner.number = value;
  return Number.isFinite(value) ? end : -1;
}

/** The position behind a signed or unsigned run of digits, or -1. */
function exponentEnd(codes: Uint8Array | Uint16Array, start: number): number {
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

const WORD = /[+-]?inf(?:inity)?|nan/iy;
const POWERS_OF_TEN = Array.from({ length: 16 }, (_, i) => Number(`1e${i}`));
const UPPER_E = 69;
const LOWER_E = 101;
const UPPER_N = 78;
const LOWER_N = 110;
