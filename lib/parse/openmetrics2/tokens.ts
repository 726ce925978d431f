import { scanNumber } from '../numbers.ts';
import type { Scanner } from '../scanner.ts';

/** How messages describe the production `number`. */
export const NUMBER = 'a decimal number, NaN, +Inf or -Inf';

/** Requires `text` at the position and steps over it. */
export function expect(scanner: Scanner, text: string): void {
  if (!scanner.take(text)) scanner.fail(scanner.at, JSON.stringify(text));
}

/** Reads the production `number`. The caller checks what follows it. */
export function readNumber(scanner: Scanner, expected: string): number {
  const end = scanNumber(scanner, scanner.at);
  if (end === -1) scanner.fail(scanner.at, expected);
  scanner.at = end;
  return scanner.number;
}

/** Reads the production `realnumber`: a number that is finite. */
export function readRealNumber(scanner: Scanner, expected: string): number {
  const start = scanner.at;
  const value = readNumber(scanner, expected);
  if (!Number.isFinite(value)) scanner.fail(start, expected);
  return value;
}

/** Reads the production `integer`. */
export function readInteger(scanner: Scanner, expected: string): number {
  return readDigits(scanner, INTEGER, expected);
}

/** Reads the production `non-negative-integer`. */
export function readNonNegativeInteger(scanner: Scanner, expected: string): number {
  return readDigits(scanner, NON_NEGATIVE_INTEGER, expected);
}

/** Reads the production `positive-integer`. */
export function readPositiveInteger(scanner: Scanner, expected: string): number {
  return readDigits(scanner, POSITIVE_INTEGER, expected);
}

function readDigits(scanner: Scanner, pattern: RegExp, expected: string): number {
  pattern.lastIndex = scanner.at;
  const digits = pattern.exec(scanner.text)?.[0];
  if (digits === undefined) scanner.fail(scanner.at, expected);
  scanner.at += digits.length;
  return Number(digits);
}

const INTEGER = /[+-]?\d+/y;
const NON_NEGATIVE_INTEGER = /\+?\d+/y;
const POSITIVE_INTEGER = /0*[1-9]\d*/y;
