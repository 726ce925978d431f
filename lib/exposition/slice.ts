import { nextTurn } from './next-turn.ts';

/** A chunk of 64 KiB takes 0.03 to 0.4 ms, so that the loop is held for less than a millisecond. */
const SLICE_MILLISECONDS = 0.5;

/** How long a scrape works before it gives the event loop back. Begins when it is created. */
export class Slice {
  #end = performance.now() + SLICE_MILLISECONDS;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Gives the event loop back; resolves at the begin of another slice. */
  async next(): Promise<void> {
    await nextTurn();
    this.#end = performance.now() + SLICE_MILLISECONDS;
  }
}
