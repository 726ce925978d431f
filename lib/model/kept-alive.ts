/** The longest delay of a timer, 24.8 days. */
const LONGEST_DELAY_MILLISECONDS = 2 ** 31 - 1;

/**
 * Waits for a promise, and keeps the process alive meanwhile. For calls that a program awaits: Node ends the process, with exit
 * code 0, when all that is left to wait for is unref'd, as the timers of shared work are.
 */
export async function keptAlive<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, LONGEST_DELAY_MILLISECONDS);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}
