import type { CellPlace } from './cells.ts';

// The lock of a histogram in shared memory: the last number of its place. Its first half is a sequence number, which is odd
// while the numbers before it change. The second half is 0, or a request: a reader that cannot read numbers because they
// change all the time asks for a copy.

/** The place of a histogram's numbers and lock. */
export type LockedNumbers = Pick<CellPlace, 'cells' | 'words' | 'start' | 'count'>;

/**
 * Whether this processor shows its stores to others in the order in which they were made, as x86 does. Elsewhere the sequence
 * number is written by `Atomics`, which costs 10 ns more.
 */
const ARE_STORES_ORDERED = process.arch === 'x64' || process.arch === 'ia32';

/** The place of a histogram's lock in the words of its buffer: behind the buckets and the sum. */
export function lockOf({ start, count }: Pick<CellPlace, 'start' | 'count'>): number {
  return 2 * (start + count - 1);
}

/** Begins a change of several numbers that belong together: the sequence number is odd from now on. */
export function beginChange(words: Int32Array, lock: number): void {
  // Not an increment: a change that was left by an exception, such as that of a full stack, has left the number odd.
  if (ARE_STORES_ORDERED) words[lock]! |= 1;
  // An exchange, since what follows a mere store may be seen before it.
  else Atomics.or(words, lock, 1);
}

/** Ends the change: the sequence number is even again, and another one than before. */
export function endChange(words: Int32Array, lock: number): void {
  if (ARE_STORES_ORDERED) words[lock]! += 1;
  else Atomics.add(words, lock, 1);
}

/** Whether a reader has asked for a copy. */
export function isCopyWanted(words: Int32Array, lock: number): boolean {
  return words[lock + 1] !== 0;
}

/** Gives the reader that has asked its copy. */
export function giveCopy({ cells, words, start, count }: LockedNumbers, copy: LockedNumbers): void {
  const [lock, lockOfCopy] = [lockOf({ start, count }), lockOf(copy)];
  beginChange(copy.words, lockOfCopy);
  for (let i = 0; i < count - 1; i++) copy.cells[copy.start + i] = cells[start + i]!;
  copy.words[lockOfCopy + 1] = words[lock + 1]!;
  endChange(copy.words, lockOfCopy);
  words[lock + 1] = 0;
}

/** How often to try to read numbers that are being changed, before asking for a copy. */
const TRIES = 20;
/** How often to look for the copy: some 0.5 ms. */
const LOOKS = 10_000;
/** How often to wait for a thread that has lost the processor in the middle of a change, a millisecond each. */
const WAITS = 5;
/** After this time in the middle of one change, a thread stands still for good. */
const STANDSTILL_MILLISECONDS = 1000;
const NOTHING = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Reads histograms of one thread while it changes them. Not for a main thread, which may not wait. */
export class HistogramReader {
  #waits = WAITS;
  /** The changes that did not end, by buffer and lock: the sequence number, and since when it is known. */
  readonly #stopped = new Map<Int32Array, Map<number, { readonly sequence: number; readonly since: number }>>();
  readonly #now: () => number;

  /** `now` returns milliseconds. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Called before all histograms of the thread are read: a thread is in the middle of one change at most. */
  begin(): void {
    this.#waits = WAITS;
  }

  /**
   * Copies the numbers of a histogram, all as they were at one moment, and returns whether it could: not while its thread has
   * lost the processor in the middle of a change. If the thread stands still there for good, or `isOver`, takes the numbers as
   * they are: the observation may be in a bucket and not in the sum. `copy` is where the thread puts copies.
   */
  read(numbers: LockedNumbers, copy: LockedNumbers, isOver: boolean, into: Float64Array, at: number): boolean {
    for (let tries = 0; tries < TRIES; tries++) if (tryToRead(numbers, into, at)) return true;
    const { words } = numbers;
    const lock = lockOf(numbers);
    if (isOver || this.#hasStopped(words, lock)) {
      take(numbers, into, at);
      return true;
    }
    // By chance, since readers in other threads ask too.
    const request = 1 + Math.floor(Math.random() * 0x7fff_fffe);
    for (let looks = 0; ; looks++) {
      if (Atomics.load(words, lock + 1) === 0) Atomics.store(words, lock + 1, request);
      if (tryToRead(numbers, into, at) || tryToReadCopy(copy, request, into, at)) return true;
      if (looks < LOOKS) continue;
      if (this.#waits-- <= 0) return false;
      Atomics.wait(NOTHING, 0, 0, 1);
    }
  }

  #hasStopped(words: Int32Array, lock: number): boolean {
    const sequence = Atomics.load(words, lock);
    if ((sequence & 1) === 0) return false;
    let ofBuffer = this.#stopped.get(words);
    if (ofBuffer === undefined) this.#stopped.set(words, (ofBuffer = new Map()));
    const known = ofBuffer.get(lock);
    if (known?.sequence === sequence) return this.#now() - known.since > STANDSTILL_MILLISECONDS;
    ofBuffer.set(lock, { sequence, since: this.#now() });
    return false;
  }
}

function tryToReadCopy(copy: LockedNumbers, request: number, into: Float64Array, at: number): boolean {
  const answer = lockOf(copy) + 1;
  const isOurs = (): boolean => Atomics.load(copy.words, answer) === request;
  return isOurs() && tryToRead(copy, into, at) && isOurs();
}

/** Copies numbers; returns whether they did not change meanwhile. */
function tryToRead(numbers: LockedNumbers, into: Float64Array, at: number): boolean {
  const { words } = numbers;
  const lock = lockOf(numbers);
  const before = Atomics.load(words, lock);
  if ((before & 1) !== 0) return false;
  take(numbers, into, at);
  return Atomics.load(words, lock) === before;
}

function take({ cells, start, count }: LockedNumbers, into: Float64Array, at: number): void {
  for (let i = 0; i < count - 1; i++) into[at + i] = cells[start + i]!;
}
