import { doubleView, HIGH_WORD, wordView } from '../model/double-words.ts';
import { BIAS } from './cells.ts';

/** The lowest and the highest resolution that Prometheus knows: a bucket is 65,536 times, or 0.27 %, wider than the previous one. */
export const MIN_SCHEMA = -4;
export const MAX_SCHEMA = 8;

/** Whether this is a resolution that Prometheus knows. */
export function isSchema(schema: unknown): schema is number {
  return Number.isInteger(schema) && (schema as number) >= MIN_SCHEMA && (schema as number) <= MAX_SCHEMA;
}

/** Whether a bucket of this index may have counts: from that of the smallest number, 2 ** -1074, to that of the largest. */
export function isBucketIndex(index: unknown, schema: number): index is number {
  const perDoubling = 2 ** schema;
  return Number.isInteger(index) && (index as number) >= -1074 * perDoubling && (index as number) <= 1024 * perDoubling;
}

/**
 * Returns the index of the bucket `2 ** halvings` times as wide that contains the one at `index`. Up: the bound of an even bucket
 * is one of the wider ones too.
 */
export function widened(index: number, halvings: number): number {
  return (index + (1 << halvings) - 1) >> halvings;
}

/**
 * How the buckets of a schema are found. Bucket `i` ends at `2 ** (i / 2 ** schema)`, and that bound is in it.
 *
 * The upper bits of the fraction of a value lead to a cell in which at most one bound lies, so one addition finds the bucket,
 * without a search or a logarithm.
 */
export interface Resolution {
  readonly schema: number;
  /**
   * By cell: the number of bounds below all of its fractions, shifted by {@link BOUND_SHIFT}, and what has to be added to the
   * upper 20 bits of the next bound's fraction for all ones below that shift. One more carries into the number of bounds.
   */
  readonly cells: Int32Array;
  /** By how many bits the upper 20 bits of a fraction are shifted for its cell. */
  readonly shift: number;
  /** The lower 32 bits of the fractions of the bounds. */
  readonly lowWords: Uint32Array;
  /** Buckets per doubling, as a shift; at a negative schema, doublings per bucket, as a shift. */
  readonly up: number;
  readonly down: number;
  /** What is added before the second shift, so that an exponent as it is in a double leads to a key (see cells.ts). */
  readonly origin: number;
}

/** A fraction, of which 1 is above all, takes 21 bits; the number of bounds is above them. */
const BOUND_SHIFT = 21;
const AT_BOUND = (1 << BOUND_SHIFT) - 1;

/** Returns the resolution of a schema. Those that were used are kept. */
export function resolutionOf(schema: number): Resolution {
  return (resolutions[schema - MIN_SCHEMA] ??= newResolution(schema));
}

const resolutions: Resolution[] = [];

function newResolution(schema: number): Resolution {
  const up = Math.max(schema, 0);
  const down = Math.max(-schema, 0);
  const count = 1 << up;
  const highBits = new Int32Array(count + 1).fill(1 << 20);
  const lowWords = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) {
    doubleView[0] = fractionOf(i, up);
    highBits[i] = wordView[HIGH_WORD]! & 0xfffff;
    lowWords[i] = wordView[1 - HIGH_WORD]!;
  }
  // A cell is a quarter of the narrowest bucket or less.
  const cellBits = Math.max(4, up + 2);
  const shift = 20 - cellBits;
  let bound = 0;
  const cells = new Int32Array(1 << cellBits).map((_, cell) => {
    while (highBits[bound]! < cell << shift) bound++;
    return (bound << BOUND_SHIFT) + AT_BOUND - highBits[bound]!;
  });
  return { schema, cells, shift, lowWords, up, down, origin: (1 << down) - 1 - (1023 << up) + (BIAS << down) };
}

/** Returns the key (see cells.ts) of the bucket of a positive number. */
export function keyOf(value: number, { cells, shift, lowWords, up, down, origin }: Resolution): number {
  doubleView[0] = value;
  let high = wordView[HIGH_WORD]!;
  let exponent = high >> 20;
  if (exponent === 0) {
    doubleView[0] = value * 2 ** 54; // a subnormal number
    high = wordView[HIGH_WORD]!;
    exponent = (high >> 20) - 54;
  }
  high &= 0xfffff;
  // No comparison with the bound: random values make it impossible to predict.
  const sum = cells[high >> shift]! + high;
  let bound = sum >> BOUND_SHIFT;
  if ((sum & AT_BOUND) === AT_BOUND && wordView[1 - HIGH_WORD]! >>> 0 > lowWords[bound]!) bound++;
  return ((exponent << up) + bound + origin) >> down;
}

/**
 * Returns the upper bound of bucket `index`, as client_golang computes it: for the bucket of the largest finite numbers
 * that is the largest one, since the bound itself, 2 ** 1024, is none.
 */
export function upperBoundOf(index: number, schema: number): number {
  if (schema < 0) return powerOf(2 ** -schema * index);
  const fraction = fractionOf(index & ((1 << schema) - 1), schema);
  const exponent = (index >> schema) + 1;
  // In two steps: 2 ** 1024 is no double, and below 2 ** -1022 the result must be rounded once.
  if (exponent > 1024) return powerOf(exponent - 1);
  return exponent < -1000 ? fraction * 2 ** -100 * powerOf(exponent + 100) : fraction * 2 * powerOf(exponent - 1);
}

/** Returns a power of two, of which those at 2 ** 1024 are clamped to the largest number. */
function powerOf(exponent: number): number {
  return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent;
}

/**
 * Returns the fraction, from 0.5 to 1, of bound `i` of the `2 ** schema` bounds of a doubling.
 *
 * Prometheus and client_golang have these numbers in a table. `2 ** (i / 256)` differs from it in 174 of 255; the product of
 * square roots of 2, multiplied in this order, in none (spec/native/resolution.test.ts).
 */
function fractionOf(i: number, schema: number): number {
  const index = i << (MAX_SCHEMA - schema);
  // Not Math.SQRT1_2, which is the next double: the table has the one below the square root.
  let fraction = index & 128 ? 0.7071067811865475 : 0.5;
  let root = Math.SQRT2;
  for (let bit = 64; bit > 0; bit >>= 1) {
    root = Math.sqrt(root);
    if (index & bit) fraction *= root;
  }
  return fraction;
}
