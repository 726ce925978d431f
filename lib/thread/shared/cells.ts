/** Numbers of a first buffer; each further one has twice as many. */
const FIRST_CELLS = 512;
/** Numbers of a large buffer: 256 KiB. */
const MOST_CELLS = 32_768;

/** For how many {@link SharedCells.tick}s released numbers rest: no reader looks for their former series by then. */
const REST_TICKS = 10;
/** The buffer of numbers that no other thread sees. */
const NO_BUFFER = -1;
const NOT_LISTED = -1;

/**
 * Where the numbers of a series are. While the series is removed, or no registry has its metric, they are elsewhere: somebody
 * may still hold its child.
 */
export interface CellPlace {
  readonly count: number;
  /** The buffer of its thread, and the first number in it. */
  buffer: number;
  start: number;
  cells: Float64Array;
  /** The same memory, for sequence numbers. */
  words: Int32Array;
  /** The line of the series in the list of its metric. */
  line: number;
}

interface CellBuffer {
  readonly cells: Float64Array;
  readonly words: Int32Array;
}

/** Cells that were released, of as many numbers each. */
interface ReleasedCells {
  readonly count: number;
  readonly buffer: number;
  readonly start: number;
  readonly tick: number;
}

/** Returns a place for `count` numbers that no other thread sees, all 0. */
export function ownPlace(count: number): CellPlace {
  return { count, buffer: NO_BUFFER, start: 0, ...ownNumbers(count), line: NOT_LISTED };
}

function ownNumbers(count: number): CellBuffer {
  const cells = new Float64Array(count);
  return { cells, words: new Int32Array(cells.buffer) };
}

/**
 * Allocates numbers of a thread in shared memory. They are not moved, since another thread reads them. Those of removed series
 * are used again.
 */
export class SharedCells {
  readonly #onBuffer: (index: number, buffer: SharedArrayBuffer) => void;
  readonly buffers: SharedArrayBuffer[] = [];
  readonly #views: CellBuffer[] = [];
  #used = 0;
  #ticks = 0;
  /** The longest first. */
  #resting: ReleasedCells[] = [];
  readonly #free = new Map<number, ReleasedCells[]>();

  /** `onBuffer` announces a new buffer. */
  constructor(onBuffer: (index: number, buffer: SharedArrayBuffer) => void) {
    this.#onBuffer = onBuffer;
  }

  /** Returns a place for `count` numbers in shared memory, all 0. */
  take(count: number): CellPlace {
    const { buffer, start } = this.#free.get(count)?.pop() ?? this.#allocate(count);
    const { cells, words } = this.#views[buffer]!;
    cells.fill(0, start, start + count);
    return { count, buffer, start, cells, words, line: NOT_LISTED };
  }

  /** Moves numbers that no other thread is to see out of shared memory; returns whether some were there. */
  release(places: readonly CellPlace[]): boolean {
    const shared = places.filter(({ buffer }) => buffer !== NO_BUFFER);
    const own = ownNumbers(shared.reduce((sum, { count }) => sum + count, 0));
    let at = 0;
    for (const place of shared) {
      const { count, buffer, start, cells } = place;
      this.#resting.push({ count, buffer, start, tick: this.#ticks });
      for (let i = 0; i < count; i++) own.cells[at + i] = cells[start + i]!;
      Object.assign(place, { buffer: NO_BUFFER, start: at, ...own, line: NOT_LISTED });
      at += count;
    }
    return shared.length > 0;
  }

  /** Moves numbers into shared memory; returns whether they were not there. */
  share(place: CellPlace): boolean {
    const { count, buffer, start, cells } = place;
    if (buffer !== NO_BUFFER) return false;
    Object.assign(place, this.take(count));
    place.cells.set(cells.subarray(start, start + count), place.start);
    return true;
  }

  /** Called once a second. */
  tick(): void {
    this.#ticks++;
    const isResting = ({ tick }: ReleasedCells): boolean => tick + REST_TICKS > this.#ticks;
    if (this.#resting[0] === undefined || isResting(this.#resting[0])) return;
    const rested = this.#resting.findIndex(isResting);
    for (const one of this.#resting.splice(0, rested === -1 ? Infinity : rested)) {
      const free = this.#free.get(one.count);
      if (free === undefined) this.#free.set(one.count, [one]);
      else free.push(one);
    }
  }

  #allocate(count: number): { readonly buffer: number; readonly start: number } {
    if (this.#used + count > (this.#views.at(-1)?.cells.length ?? 0)) {
      const length = Math.max(count, Math.min(MOST_CELLS, FIRST_CELLS * 2 ** this.buffers.length));
      const buffer = new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT);
      this.#views.push({ cells: new Float64Array(buffer), words: new Int32Array(buffer) });
      this.#used = 0;
      this.buffers.push(buffer);
      this.#onBuffer(this.buffers.length - 1, buffer);
    }
    const start = this.#used;
    this.#used += count;
    return { buffer: this.buffers.length - 1, start };
  }
}
