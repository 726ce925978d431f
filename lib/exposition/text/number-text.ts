import { writeShortestDecimal } from './shortest-decimal.ts';

/** The longest text that {@link writeNumber} writes: `-0.0000012345678901234567`. */
export const MAX_NUMBER_LENGTH = 25;

/**
 * Writes a sample value at `at` and returns the position behind it: the shortest decimal that reads back as the same
 * number; `NaN`, `+Inf`, `-Inf`. Up to {@link MAX_NUMBER_LENGTH} bytes must be free.
 *
 * Most samples are whole numbers below 2^31, which are written digit by digit: several times faster than making and
 * copying the engine's text. The engine writes only very large and very small numbers.
 */
export function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  if ((value | 0) === value && value >= 0) return writeSmallInteger(bytes, at, value);
  const isNegative = value < 0;
  if (isNegative) bytes[at] = 45; // -
  const end = writeShortestDecimal(bytes, isNegative ? at + 1 : at, isNegative ? -value : value);
  if (end !== -1) return end;
  const text = numberText(value);
  const length = text.length;
  for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + length;
}

/**
 * Writes `value` over the text of `old`, from `start` to `end`, if both are whole numbers below 2^31 of as many digits;
 * returns whether they are. Writes only the digits that differ: in a counter, seldom more than two.
 */
export function overwriteInteger(bytes: Uint8Array, start: number, end: number, old: number, value: number): boolean {
  if ((value | 0) !== value || (old | 0) !== old || old < 0) return false;
  const digits = end - start;
  if (!(value >= LEAST_OF_DIGITS[digits]! && value < LEAST_OF_DIGITS[digits + 1]!)) return false;
  let rest = value | 0;
  let oldRest = old | 0;
  for (let i = end - 1; rest !== oldRest; i--) {
    const tenth = (rest / 10) | 0;
    bytes[i] = 48 + rest - tenth * 10;
    rest = tenth;
    oldRest = (oldRest / 10) | 0;
  }
  return true;
}

/** By their number of digits, the least whole numbers that have so many. */
const LEAST_OF_DIGITS = [NaN, 0, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

/** The text of a sample value. */
export function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

/**
 * The text of a number as the value of an `le` or `quantile` label, where it must not depend on who writes it:
 * `1.0`, `0.005`, `1e-07`, `1e+06`, `+Inf`. OpenMetrics 1.0, "Canonical Numbers": as C's `%g` with the shortest
 * digits, an exponent of two digits from 1e+06 and 1e-05 on, and `.0` where nothing else tells a float.
 */
export function canonicalNumberText(value: number): string {
  if (!Number.isFinite(value)) return numberText(value);
  const [digits, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= 6)) {
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

function writeSmallInteger(bytes: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let bound = 10; value >= bound; bound *= 10) end++;
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    const tenth = (rest / 10) | 0;
    bytes[i] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}
