const MAX_MILLISECONDS = 30_000;

/**
 * Returns the milliseconds to wait after an attempt, counted from 1: `retryDelay`, doubled each time, 30,000 at most;
 * by chance up to half of it less, so that jobs that failed together do not come back together.
 */
export function backOff(attempt: number, retryDelay: number, random: () => number = Math.random): number {
  const longest = Math.min(retryDelay * 2 ** (attempt - 1), MAX_MILLISECONDS);
  return longest * (1 - random() / 2);
}
