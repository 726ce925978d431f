import { allocate, type Memory, withRoomFor } from '../memory.ts';

/** The metrics with exemplars of one scrape, from when they are measured until they are written. */
export class HeldMetrics {
  /** The bytes of whole steps. */
  readonly steps: Uint8Array[] = [];
  /** How many bytes are in use. */
  length = 0;
  #memory = allocate(1024);
  readonly #indexes: number[] = [];
  readonly #ends: number[] = [];
  #taken = 0;
  /** Where the metric that was last taken begins and ends. */
  start = 0;
  end = 0;

  get view(): DataView {
    return this.#memory.view;
  }

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

  /** Sets {@link start} and {@link end} to the metric of a series if it is held, and returns whether it is. Call it for each series in turn. */
  take(index: number): boolean {
    if (this.#indexes[this.#taken] !== index) return false;
    this.start = this.end;
    this.end = this.#ends[this.#taken++]!;
    return true;
  }
}
