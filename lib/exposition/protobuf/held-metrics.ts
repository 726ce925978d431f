import { allocate, type Memory, withRoomFor } from '../memory.ts';

/** The metrics with exemplars of one scrape, from when they are measured until they are written. */
export class HeldMetrics {
  /** How many bytes are in use. */
  length = 0;
  #memory = allocate(1024);
  readonly #indexes: number[] = [];
  readonly #ends: number[] = [];
  /** How many have been taken, and where the next begins. */
  #taken = 0;
  #start = 0;

  /** Returns the memory, of which `count` bytes are free at {@link length}. */
  withRoomFor(count: number): Memory {
    this.#memory = withRoomFor(this.#memory, this.length + count, this.length);
    return this.#memory;
  }

  /** Holds the metric of a series, which was written at {@link length} and ends at `end`. */
  add(index: number, end: number): void {
    this.#indexes.push(index);
    this.#ends.push(end);
    this.length = end;
  }

  /** Returns the metric of a series if it is held. To be called for each series in turn. */
  take(index: number): Uint8Array | undefined {
    if (this.#indexes[this.#taken] !== index) return undefined;
    const end = this.#ends[this.#taken++]!;
    const metric = this.#memory.bytes.subarray(this.#start, end);
    this.#start = end;
    return metric;
  }
}
