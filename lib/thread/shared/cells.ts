/** Numbers of a first buffer; each further one has twice as many. */
const FIRST_CELLS = 512;
/** Numbers of a large buffer: 256 KiB. */
const MOST_CELLS = 32_768;

/** For how many {@link SharedCells.tick}s released numbers rest: no reader looks for their former series by then. */
const REST_TICKS = 10;
/** The buffer of numbers that no other thread sees. */
const NO_BUFFER = -1;
const NOT_LISTED = -1;

/** Where the numbers of a series are. A series that is removed continues elsewhere, should somebody still hold its child. */
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

  /** Returns a place for `count` numbers, all 0. */
  take(count: number): CellPlace {
    const { buffer, start } = this.#free.get(count)?.pop() ?? this.#allocate(count);
    const { cells, words } = this.#views[buffer]!;
    cells.fill(0, start, start + count);
    return { count, buffer, start, cells, words, line: NOT_LISTED };
  }

  /** Moves the numbers of a removed series out of shared memory; returns whether they were there. */
  release(place: CellPlace): boolean {
    const { count, buffer, start, cells } = place;
    if (buffer === NO_BUFFER) return false;
    this.#resting.push({ count, buffer, start, tick: this.#ticks });
    const own = cells.slice(start, start + count);
    const words = new Int32Array(own.buffer);
    Object.assign(place, { buffer: NO_BUFFER, start: 0, cells: own, words, line: NOT_LISTED });
    return true;
  }

  /** Moves the numbers of a series that is back into shared memory; returns whether they were not there. */
  takeBack(place: CellPlace): boolean {
    if (place.buffer !== NO_BUFFER) return false;
    const { cells } = place;
    Object.assign(place, this.take(place.count));
    place.cells.set(cells, place.start);
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

/**
 * Whether this processor shows its stores to others in the order in which they were made, as x86 does. Elsewhere the sequence
 * number is written by `Atomics`, which costs 10 ns more.
 */
const ARE_STORES_ORDERED = process.arch === 'x64' || process.arch === 'ia32';

/** Begins a change of several numbers that belong together: the sequence number is odd from now on. */
export function beginChange(words: Int32Array, at: number): void {
  // An exchange, since what follows a mere store may be seen before it.
  if (ARE_STORES_ORDERED) words[at]! += 1;
  else Atomics.add(words, at, 1);
}

/** Ends the change: the sequence number is even again, and another one than before. */
export function endChange(words: Int32Array, at: number): void {
  if (ARE_STORES_ORDERED) words[at]! += 1;
  else Atomics.add(words, at, 1);
}

/** How often to try to read numbers that are being changed, before waiting for their thread to get the processor. */
const SPINS = 1000;
/** How often to wait, a millisecond each. */
const WAITS = 1000;
const NOTHING = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/**
 * Copies numbers that are changed between {@link beginChange} and {@link endChange}: all as they were at one moment. Throws an
 * Error if a change does not end, because its thread was stopped in the middle. Not for a main thread, which may not wait.
 */
export function readWhole(from: Float64Array, words: Int32Array, at: number, start: number, into: Float64Array): void {
  for (let tries = 0; tries < SPINS + WAITS; tries++) {
    const before = Atomics.load(words, at);
    if ((before & 1) === 0) {
      for (let i = 0; i < into.length; i++) into[i] = from[start + i]!;
      if (Atomics.load(words, at) === before) return;
    }
    if (tries > SPINS) Atomics.wait(NOTHING, 0, 0, 1);
  }
  throw new Error('Cannot read a histogram: expected its thread to finish an update, got one that has stopped.');
}
