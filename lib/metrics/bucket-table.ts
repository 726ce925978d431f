import { doubleView, HIGH_WORD, wordView } from '../model/double-words.ts';

/** The most cells of a table, 2 KiB. Bounds that span more than 127 doublings get fewer than 8 cells for each. */
const MAX_CELLS = 1024;

/**
 * Where to start comparing a value with the bounds of a histogram: a table of cells, an eighth of a doubling each. The cell
 * of a value is in the upper bits of its double.
 *
 * Comparing a random value with one bound after the other takes twice as long with 11 bounds, three times with 60, because the
 * processor cannot predict where that ends.
 */
export class BucketTable {
  /** The upper bounds of the buckets, `+Inf` among them: one for each bucket. */
  readonly bounds: Float64Array;
  /** By cell, the number of bounds below all of its values. Cell 0 is everything below the first positive bound. */
  readonly firstBounds: Uint16Array | Uint32Array;
  /** By how many bits the upper word of a double is shifted for its cell, counted from {@link origin}. */
  readonly shift: number;
  readonly origin: number;

  /** `upperBounds` are finite and increasing. */
  constructor(upperBounds: readonly number[]) {
    this.bounds = new Float64Array(upperBounds.length + 1).fill(Infinity);
    this.bounds.set(upperBounds);
    const least = highWordOf(upperBounds.find((bound) => bound > 0) ?? 1);
    const greatest = Math.max(least, highWordOf(upperBounds.at(-1) ?? 0));
    let shift = 17;
    while ((greatest >> shift) - (least >> shift) + 3 > MAX_CELLS) shift++;
    this.shift = shift;
    this.origin = (least >> shift) - 1;
    const cells = (greatest >> shift) - this.origin + 2;
    this.firstBounds = upperBounds.length <= 0xffff ? new Uint16Array(cells) : new Uint32Array(cells);
    let bound = 0;
    for (let cell = 1; cell < cells; cell++) {
      const start = doubleOf((this.origin + cell) << shift);
      while (this.bounds[bound]! < start) bound++;
      this.firstBounds[cell] = bound;
    }
  }
}

function highWordOf(value: number): number {
  doubleView[0] = value;
  return wordView[HIGH_WORD]!;
}

/** Returns the least double with this upper word. */
function doubleOf(highWord: number): number {
  wordView[HIGH_WORD] = highWord;
  wordView[1 - HIGH_WORD] = 0;
  return doubleView[0]!;
}
