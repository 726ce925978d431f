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
/** How many numbers are before the table. */
export const HEAD = 4;
/** More than any index: at schema 8 they go to 262,144. */
export const BIAS = 1 << 20;
/** The buckets that a new table has room for. */
export const LEAST_ROOM = 8;

/** Returns cells with room for so many buckets, a power of two. */
export function newCells(room: number, zeroThreshold: number): Float64Array {
  const cells = new Float64Array(HEAD + 2 * room);
  cells[ZERO_THRESHOLD] = zeroThreshold;
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
  const counts = new Array<number>(ends.length + 1).fill(0);
  counts[0]! += cells[ZERO_COUNT]!;
  for (let at = HEAD; at < cells.length; at += 2) {
    if (cells[at] === 0) continue;
    let bucket = 0;
    while (bucket < ends.length && cells[at]! - BIAS > ends[bucket]!) bucket++;
    counts[bucket]! += cells[at + 1]!;
  }
  return counts;
}
