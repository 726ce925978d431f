/** The longest delay that `setTimeout()` and `setInterval()` accept, 24.8 days; anything above fires at once. */
export const MAX_TIMER_MILLISECONDS = 2 ** 31 - 1;

/**
 * Returns a function that calls `run`, or joins the asynchronous call that is under way: a single flight. A metric in several
 * registries may be asked by two scrapes at once, and two runs that clear and refill it would spoil each other's work.
 */
export function singleFlight(run: () => void | Promise<void>): () => void | Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    if (running !== undefined) return running;
    const result = run();
    if (!isThenable(result)) return result;
    running = Promise.resolve(result).finally(() => (running = undefined));
    return running;
  };
}

/**
 * Whether `await` would wait for a value: whether it is a promise, or any object with a `then()`. Also true if reading `then`
 * throws, since `await` treats such an object as a promise that has rejected.
 */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  if (Object(value) !== value) return false; // a primitive, whatever its prototype has
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return true;
  }
}

/**
 * Handles the rejection of a promise that a function of the program returned where none was expected: nobody else would, and it
 * would end the process.
 */
export function ignoreRejection(promise: PromiseLike<unknown>): void {
  new Promise((settle) => settle(promise)).catch(() => undefined);
}

/**
 * Waits for a promise, and keeps the process alive meanwhile. For calls that a program awaits: Node ends the process, with exit
 * code 0, when all that is left to wait for is unref'd, as the timers of shared work are.
 */
export function keptAlive<T>(promise: T | PromiseLike<T>): Promise<T> {
  const timer = setInterval(() => undefined, MAX_TIMER_MILLISECONDS);
  return Promise.resolve(promise).finally(() => clearInterval(timer));
}

/** The host's timer functions. Node, Bun and Deno have `setImmediate`. */
interface Host {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly setTimeout: (callback: () => void, milliseconds: number) => unknown;
}

/** Taken when the module is loaded: a test may replace the global functions by fake timers, for which no scrape shall wait. */
const { setImmediate, setTimeout } = globalThis as unknown as Host;

/**
 * Returns a promise that resolves when the event loop has gone round once, so that waiting timers and sockets have had
 * their turn. A promise alone would resolve before that.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0);
    else setImmediate(resolve);
  });
}
