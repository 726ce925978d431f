/** Numbers of a first buffer; each further one has twice as many. */
const FIRST_CELLS = 512;
/** Numbers of a large buffer: 256 KiB. */
const MOST_CELLS = 32_768;

/** Where the numbers of a series are: in this buffer of its thread, from this number on. */
export interface CellPlace {
  readonly buffer: number;
  readonly start: number;
  readonly cells: Float64Array;
  /** The same memory, for sequence numbers. */
  readonly words: Int32Array;
}

/** Allocates numbers of a thread in shared memory. They are never moved or freed: another thread reads them. */
export class SharedCells {
  readonly #onBuffer: (index: number, buffer: SharedArrayBuffer) => void;
  readonly buffers: SharedArrayBuffer[] = [];
  #cells: Float64Array = new Float64Array(0);
  #words: Int32Array = new Int32Array(0);
  #used = 0;

  /** `onBuffer` announces a new buffer. */
  constructor(onBuffer: (index: number, buffer: SharedArrayBuffer) => void) {
    this.#onBuffer = onBuffer;
  }

  /** Returns the place of `count` numbers, all 0. */
  take(count: number): CellPlace {
    if (this.#used + count > this.#cells.length) {
      const length = Math.max(count, Math.min(MOST_CELLS, FIRST_CELLS * 2 ** this.buffers.length));
      const buffer = new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT);
      this.#cells = new Float64Array(buffer);
      this.#words = new Int32Array(buffer);
      this.#used = 0;
      this.buffers.push(buffer);
      this.#onBuffer(this.buffers.length - 1, buffer);
    }
    const start = this.#used;
    this.#used += count;
    return { buffer: this.buffers.length - 1, start, cells: this.#cells, words: this.#words };
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
