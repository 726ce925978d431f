import type { NativeBucketCounts } from '../model/family.ts';

// The cells of a series: some numbers, and behind them a hash table of buckets, each with its key and its count. The key of
// bucket `i` is `i + BIAS`, that of a negative one its negation; 0 stands for no bucket. The lowest bits of a key are its place,
// so a range of buckets that fits has no collisions, and the room between values that are far apart costs nothing.
/** Sum of all observations. */
export const SUM = 0;
/** Observations in the zero bucket, and its width. */
export const ZERO_COUNT = 1;
export const ZERO_THRESHOLD = 2;
/** Unix time in seconds of the last reset by the limit; 0 if there was none. */
export const RESET_AT = 3;
/** The zero threshold; `Infinity` while each observation has to look at the limits. */
export const PLAIN_ABOVE = 4;
/** How many numbers are before the table. */
export const HEAD = 5;
/** More than any index: at schema 8 they go to 262,144. */
export const BIAS = 1 << 20;
/** The buckets that a new table has room for. */
export const LEAST_ROOM = 8;

/** Returns cells with room for so many buckets, a power of two. */
export function newCells(room: number, zeroThreshold: number): Float64Array {
  const cells = new Float64Array(HEAD + 2 * room);
  cells[ZERO_THRESHOLD] = zeroThreshold;
  cells[PLAIN_ABOVE] = zeroThreshold;
  return cells;
}

/** Returns where the key of a bucket is, or would be. */
export function placeOf(cells: Float64Array, key: number): number {
  const wrap = cells.length - HEAD - 2;
  let at = (key << 1) & wrap;
  while (cells[HEAD + at] !== key && cells[HEAD + at] !== 0) at = (at + 2) & wrap;
  return HEAD + at;
}

/** Calls `call` for each bucket, in no order. */
export function eachBucket(cells: Float64Array, call: (key: number, count: number) => void): void {
  for (let at = HEAD; at < cells.length; at += 2) if (cells[at] !== 0) call(cells[at]!, cells[at + 1]!);
}

/**
 * Returns the observations in classic buckets, not cumulative. `ends` has for each but the last the index of the last native
 * bucket that begins below its upper bound. Zero and negative values are in the first.
 */
export function classicCounts(cells: Float64Array, ends: readonly number[]): number[] {
  const counted = new Array<number>(ends.length + 1).fill(0);
  counted[0]! += cells[ZERO_COUNT]!;
  for (let at = HEAD; at < cells.length; at += 2) {
    if (cells[at] === 0) continue;
    let bucket = 0;
    while (bucket < ends.length && cells[at]! - BIAS > ends[bucket]!) bucket++;
    counted[bucket]! += cells[at + 1]!;
  }
  return counted;
}

/** Returns the populated buckets. */
export function countsBySign(cells: Float64Array): { positive: NativeBucketCounts; negative: NativeBucketCounts } {
  let [firstPositive, positives, firstNegative, negatives] = [2 * BIAS, 0, -2 * BIAS, 0];
  for (let at = HEAD; at < cells.length; at += 2) {
    const key = cells[at]!;
    if (key > 0) {
      positives++;
      if (key < firstPositive) firstPositive = key;
    } else if (key < 0) {
      negatives++;
      if (key > firstNegative) firstNegative = key;
    }
  }
  return {
    positive: countsFrom(cells, firstPositive, positives),
    negative: countsFrom(cells, firstNegative, negatives),
  };
}

/**
 * Returns the buckets of one sign, of which `first` is the key nearest to 0. From its place on they lie in order, or in a few
 * interleaved ranges if they span more than the table, which insertion sorts fastest: a scrape reads thousands of series.
 */
function countsFrom(cells: Float64Array, first: number, length: number): NativeBucketCounts {
  if (length === 0) return NO_BUCKETS;
  if (indexes.length < length) {
    indexes = new Int32Array(2 * length);
    counts = new Float64Array(2 * length);
  }
  const wrap = cells.length - HEAD - 2;
  const sign = first > 0 ? 1 : -1;
  for (let i = 0, at = (first << 1) & wrap; i < length; at = (at + 2 * sign) & wrap) {
    const index = cells[HEAD + at]! * sign - BIAS;
    if (index <= -BIAS) continue;
    let place = i++;
    for (; place > 0 && indexes[place - 1]! > index; place--) {
      indexes[place] = indexes[place - 1]!;
      counts[place] = counts[place - 1]!;
    }
    indexes[place] = index;
    counts[place] = cells[HEAD + at + 1]!;
  }
  return { indexes: indexes.slice(0, length), counts: counts.slice(0, length) };
}

const NO_BUCKETS: NativeBucketCounts = { indexes: new Int32Array(0), counts: new Float64Array(0) };

// Where buckets are sorted. Written and read in one step.
let indexes = new Int32Array(256);
let counts = new Float64Array(256);
