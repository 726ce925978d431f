import type { NativeBucketCounts } from '../model/family.ts';

// The cells of a series: some numbers, and behind them a hash table of buckets, each with its key and its count. The key of
// bucket `i` is `i + BIAS`, that of a negative one its negation; 0 stands for no bucket. The lowest bits of a key are its place,
// so a range of buckets that fits has no collisions, and the room between values that are far apart costs nothing.
/** Sum of all observations. */
export const SUM = 0;
/** Observations in the zero bucket, and its width. */
export const ZERO_COUNT = 1;
export const ZERO_THRESHOLD = 2;
/** The zero threshold; `Infinity` if the next observation must not take the short way. */
export const PLAIN_ABOVE = 3;
/** Unix time in seconds of the last reset by the limit; 0 if there was none. */
export const RESET_AT = 4;
/** See `HistogramSeries.revision`. */
export const REVISION = 5;
/** How many positive and negative buckets there are, and the keys of those nearest to 0. */
const POSITIVES = 6;
const NEGATIVES = 7;
const FIRST_POSITIVE = 8;
const FIRST_NEGATIVE = 9;
/** How many numbers are before the table. */
export const HEAD = 10;
/** More than any index: at schema 8 they go to 262,144. */
export const BIAS = 1 << 20;
/** The buckets that a new table has room for. */
const LEAST_ROOM = 8;

/** Returns cells without buckets. */
export function newCells(zeroThreshold: number, room = LEAST_ROOM): Float64Array {
  const cells = new Float64Array(HEAD + 2 * room);
  cells[ZERO_THRESHOLD] = zeroThreshold;
  cells[PLAIN_ABOVE] = zeroThreshold;
  return cells;
}

/** Returns where the key of a bucket is, or would be. */
export function placeOfKey(cells: Float64Array, key: number): number {
  const wrap = cells.length - HEAD - 2;
  let at = (key << 1) & wrap;
  while (cells[HEAD + at] !== key && cells[HEAD + at] !== 0) at = (at + 2) & wrap;
  return HEAD + at;
}

/** How many buckets there are. */
export function bucketCountOf(cells: Float64Array): number {
  return cells[POSITIVES]! + cells[NEGATIVES]!;
}

/** Returns the smaller of the keys nearest to 0, without its sign; there is a bucket. */
export function nearestKeyOf(cells: Float64Array): number {
  return Math.min(cells[FIRST_POSITIVE]! || Infinity, -cells[FIRST_NEGATIVE]! || Infinity);
}

/** Adds to a bucket, which may be new. Returns the cells: larger ones if there was no room. */
export function addTo(cells: Float64Array, key: number, count: number): Float64Array {
  let target = cells;
  if (cells[placeOfKey(cells, key)] === 0) {
    const room = (cells.length - HEAD) / 2;
    if (bucketCountOf(cells) >= room * 0.75) target = moveBuckets(cells, 2 * room, (each) => each);
    target[placeOfKey(target, key)] = key;
    const [number, first] = key > 0 ? [POSITIVES, FIRST_POSITIVE] : [NEGATIVES, FIRST_NEGATIVE];
    target[number]! += 1;
    if (target[first] === 0 || Math.abs(key) < Math.abs(target[first]!)) target[first] = key;
  }
  target[placeOfKey(target, key) + 1]! += count;
  return target;
}

/** Returns other cells in which each bucket has moved to the key that `keyFor` returns; with 0, into the zero bucket. */
export function moveBuckets(
  cells: Float64Array,
  room: number | undefined,
  keyFor: (key: number) => number,
): Float64Array {
  let moved = newCells(0, room);
  moved.set(cells.subarray(0, POSITIVES));
  for (let at = HEAD; at < cells.length; at += 2) {
    if (cells[at] === 0) continue;
    const key = keyFor(cells[at]!);
    if (key === 0) moved[ZERO_COUNT]! += cells[at + 1]!;
    else moved = addTo(moved, key, cells[at + 1]!);
  }
  return moved;
}

/**
 * Returns the populated buckets, in arrays that a later call may overwrite. Cells that have not changed since the last call are
 * not read again: formats that have both native and classic buckets ask twice. So the next observation must not take the short
 * way, which does not change the revision.
 */
export function countsBySign(cells: Float64Array): CountsBySign {
  if (cells === lastRead?.cells && cells[REVISION] === lastRead.revision) return lastRead.counts;
  cells[PLAIN_ABOVE] = Infinity;
  const counts = {
    positive: countsFrom(cells, cells[FIRST_POSITIVE]!, cells[POSITIVES]!, positives),
    negative: countsFrom(cells, cells[FIRST_NEGATIVE]!, cells[NEGATIVES]!, negatives),
  };
  lastRead = { cells, revision: cells[REVISION]!, counts };
  return counts;
}

interface CountsBySign {
  readonly positive: NativeBucketCounts;
  readonly negative: NativeBucketCounts;
}

/**
 * Returns the buckets of one sign, of which `first` is the key nearest to 0. From its place on they lie in order, or in a few
 * interleaved ranges if they span more than the table.
 */
function countsFrom(cells: Float64Array, first: number, length: number, scratch: Scratch): NativeBucketCounts {
  const found = scratch[length] ?? { indexes: new Int32Array(length), counts: new Float64Array(length) };
  if (length <= MOST_KEPT) scratch[length] = found;
  const { indexes, counts } = found;
  const wrap = cells.length - HEAD - 2;
  const sign = first < 0 ? -1 : 0;
  let previous = -BIAS;
  let disorder = 0;
  // No branch: which places are free cannot be predicted. What is no bucket of this sign is overwritten by the next one.
  for (let i = 0, at = (first << 1) & wrap; i < length; at = (at + 2 + 4 * sign) & wrap) {
    const key = cells[HEAD + at]! | 0;
    const index = (key ^ sign) - sign - BIAS;
    indexes[i] = index;
    counts[i] = cells[HEAD + at + 1]!;
    const isBucket = (-BIAS - index) >>> 31;
    const step = (index - previous) & -isBucket;
    disorder |= step;
    previous += step;
    i += isBucket;
  }
  if (disorder < 0) sort(found);
  return found;
}

/** Sorts buckets by insertion, which is fastest for a few ranges that are in order. */
function sort({ indexes, counts }: Scratch[number]): void {
  for (let i = 1; i < indexes.length; i++) {
    const index = indexes[i]!;
    const count = counts[i]!;
    let place = i;
    for (; place > 0 && indexes[place - 1]! > index; place--) {
      indexes[place] = indexes[place - 1]!;
      counts[place] = counts[place - 1]!;
    }
    indexes[place] = index;
    counts[place] = count;
  }
}

/** The most buckets whose arrays are kept: all of these together take 400 KB for each sign. */
const MOST_KEPT = 256;

// Where buckets are sorted, by their number. A scrape reads thousands of series: with arrays for each, it took twice as long.
type Scratch = { readonly indexes: Int32Array; readonly counts: Float64Array }[];
const positives: Scratch = [];
const negatives: Scratch = [];

/** What {@link countsBySign} has last returned, and of which cells in which revision. */
let lastRead: { cells: Float64Array; revision: number; counts: CountsBySign } | undefined;
