/** A step takes up to 0.4 ms, so the event loop is held for less than a millisecond. */
const SLICE_MILLISECONDS = 0.5;

/** Limits how long a scrape works before it yields to the event loop. Begins when it is created. */
export class Slice {
  #end = performance.now() + SLICE_MILLISECONDS;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Yields to the event loop; resolves when the next slice begins. */
  async next(): Promise<void> {
    await nextTurn();
    this.#end = performance.now() + SLICE_MILLISECONDS;
  }
}

/** The host's timer functions. Node, Bun and Deno have `setImmediate`. */
interface Host {
  readonly setImmediate?: (callback: () => void) => unknown;
}

/**
 * Returns a promise that resolves when the event loop has gone round once, so that waiting timers and sockets have had
 * their turn. A promise alone would resolve before that.
 */
export function nextTurn(): Promise<void> {
  const { setImmediate } = globalThis as Host;
  return new Promise((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0);
    else setImmediate(resolve);
  });
}
