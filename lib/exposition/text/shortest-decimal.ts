import { doubleView, HIGH_WORD, wordView } from '../../model/double-words.ts';

/**
 * Writes the shortest decimal that reads back as `value`, the nearest such one, just as `String(value)` gives it, and
 * returns the position behind it; up to 23 bytes must be free. Returns -1, and leaves the work to the engine, below
 * 1e-5, from 1e17 on, at powers of two, and in the rare case that this arithmetic cannot decide.
 *
 * The algorithm: scale `value` to a number of 17 digits before the point. Of the whole numbers that lie nearer to
 * it than half the gap between doubles, which all read back as `value`, take the one with the most zeros at its end.
 *
 * What makes it fast:
 * - The scaling is exact without big numbers, since powers of ten up to 10^22 are doubles and the product of two doubles
 *   is the sum of two (T. J. Dekker, "A floating-point technique for extending the available precision", 1971).
 * - Only three steps need a look: 17 digits are always enough, two decimals of 15 digits never read back as the same
 *   double, so multiples of 100, of 10 and of 1 are tried in turn.
 * - Digits are written in pairs.
 *
 * For random doubles this is several times faster than making and copying the engine's text.
 */
export function writeShortestDecimal(bytes: Uint8Array, at: number, value: number): number {
  if (!(value >= 1e-5 && value < 1e17)) return ENGINE;
  doubleView[0] = value;
  const highWord = wordView[HIGH_WORD]!;
  const isPowerOfTwo = (highWord & 0xfffff) === 0 && wordView[1 - HIGH_WORD] === 0;
  if (isPowerOfTwo) return ENGINE; // the gap below it is half as wide as the one above
  const binaryExponent = (highWord >>> 20) - 1023;

  let exponent = (binaryExponent * 1233) >> 12; // times log10(2), rounded down: right or 1 too low
  if (value >= POWERS_OF_TEN[exponent + 1 - LEAST_EXPONENT]!) exponent++;
  const scale = 16 - exponent;
  const power = POWERS_OF_TEN[scale - LEAST_EXPONENT]!;

  // value * power = product + rest, exactly
  const product = value * power;
  const spread = value * SPLITTER;
  const valueHead = spread - (spread - value);
  const valueTail = value - valueHead;
  const powerHead = POWER_HEADS[scale]!;
  const powerTail = power - powerHead;
  const rest =
    valueTail * powerTail - (product - valueHead * powerHead - valueTail * powerHead - valueHead * powerTail);

  // product = upper * 1e8 + lower, exactly
  let upper = Math.floor(product * 1e-8); // the double 1e-8 lies above 10^-8: right or 1 too high
  let lower = product - upper * 1e8;
  if (lower < 0) {
    upper--;
    lower += 1e8;
  }

  const halfGap = HALF_GAPS[binaryExponent - LEAST_BINARY_EXPONENT]! * power;
  const lastTwo = (lower | 0) % 100;
  let nearest = (((lastTwo + rest + 50) * 0.01) | 0) * 100;
  let distance = Math.abs(lastTwo + rest - nearest);
  if (Math.abs(distance - halfGap) < UNDECIDED) return ENGINE;
  if (distance < halfGap) lower += nearest - lastTwo;
  else {
    const last = lastTwo % 10;
    nearest = (((last + rest + 15) * 0.1) | 0) * 10 - 10; // `rest` is from -8 to 8: the sum stays positive
    distance = Math.abs(last + rest - nearest);
    if (Math.abs(distance - halfGap) < UNDECIDED || distance === 5) return ENGINE;
    if (distance < halfGap) lower += nearest - last;
    else {
      nearest = ((rest + 16.5) | 0) - 16;
      if (nearest - rest === 0.5) return ENGINE;
      lower += nearest;
    }
  }
  if (lower >= 1e8) {
    upper++;
    lower -= 1e8;
  } else if (lower < 0) {
    upper--;
    lower += 1e8;
  }
  if (upper >= 1e9) return ENGINE; // rounded up to the next power of ten
  return writeDigits(bytes, at, upper | 0, lower | 0, exponent);
}

/** Writes `upper`, 9 digits, and `lower`, 8 digits, with the point behind digit `exponent`, without zeros at the end. */
function writeDigits(bytes: Uint8Array, at: number, upper: number, lower: number, exponent: number): number {
  let first = at + 1;
  if (exponent < 0) {
    bytes[at] = ZERO;
    bytes[at + 1] = POINT;
    first++;
    for (let i = -1; i > exponent; i--) bytes[first++] = ZERO;
  }
  const top = (upper / 1e8) | 0;
  bytes[first] = ZERO + top;
  writeEight(bytes, first + 1, upper - top * 1e8);
  writeEight(bytes, first + 9, lower);
  let end = first + 17;
  if (exponent >= 0) {
    for (let i = at; i <= at + exponent; i++) bytes[i] = bytes[i + 1]!;
    bytes[at + exponent + 1] = POINT;
  }
  const fraction = at + exponent + 2;
  while (end > fraction && bytes[end - 1] === ZERO) end--;
  return bytes[end - 1] === POINT ? end - 1 : end;
}

function writeEight(bytes: Uint8Array, at: number, value: number): void {
  const left = (value / 10_000) | 0;
  writeFour(bytes, at, left);
  writeFour(bytes, at + 4, value - left * 10_000);
}

function writeFour(bytes: Uint8Array, at: number, value: number): void {
  const left = (value / 100) | 0;
  const right = value - left * 100;
  bytes[at] = DIGIT_PAIRS[2 * left]!;
  bytes[at + 1] = DIGIT_PAIRS[2 * left + 1]!;
  bytes[at + 2] = DIGIT_PAIRS[2 * right]!;
  bytes[at + 3] = DIGIT_PAIRS[2 * right + 1]!;
}

const ENGINE = -1;
const ZERO = 48;
const POINT = 46;

/** Distances that differ by less are not told apart: the sums above are exact to 1e-13. */
const UNDECIDED = 1e-6;

const LEAST_EXPONENT = -5;
// Written out: the tables of this file are most of what loading the core computes.
const POWERS_OF_TEN = Float64Array.of(
  1e-5,
  1e-4,
  1e-3,
  1e-2,
  1e-1,
  1,
  1e1,
  1e2,
  1e3,
  1e4,
  1e5,
  1e6,
  1e7,
  1e8,
  1e9,
  1e10,
  1e11,
  1e12,
  1e13,
  1e14,
  1e15,
  1e16,
  1e17,
  1e18,
  1e19,
  1e20,
  1e21,
  1e22,
);

/** 2^27 + 1: splits a double into two of half its digits. */
const SPLITTER = 134_217_729;
/** The upper half of 10^0 to 10^22. */
const POWER_HEADS = POWERS_OF_TEN.subarray(-LEAST_EXPONENT).map(
  (power) => power * SPLITTER - (power * SPLITTER - power),
);

const LEAST_BINARY_EXPONENT = -17; // of 1e-5
/** Half the gap between doubles, by binary exponent. */
const HALF_GAPS = Float64Array.from({ length: 75 }, (_, i) => 2 ** (i + LEAST_BINARY_EXPONENT - 53));

const DIGIT_PAIRS = Uint8Array.from(
  { length: 200 },
  (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10),
);
