/** The timer functions of the host; `setImmediate` is there in Node, Bun and Deno. */
interface Host {
  readonly setImmediate?: (callback: () => void) => unknown;
}

/**
 * Returns a promise that resolves when the event loop has gone round once, so that timers and sockets that were
 * waiting have had their turn. A promise alone would not do: it resolves before the loop goes on.
 */
export function nextTurn(): Promise<void> {
  const { setImmediate } = globalThis as Host;
  return new Promise((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0);
    else setImmediate(resolve);
  });
}
