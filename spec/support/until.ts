import { setTimeout as sleep } from 'node:timers/promises';
import { deadline } from './deadline.ts';

/** How long to wait, and how often to look. */
export interface UntilOptions {
  /** On a quiet machine; 30 unless given. */
  readonly timeoutSeconds?: number;
  /** 25 unless given. */
  readonly pauseMilliseconds?: number;
}

/**
 * Reads again and again until there is something, and resolves to it; for what only another process can tell.
 *
 * Rejects with an `Error` that names `what` when the time is over, and with what `read` throws.
 *
 * @example
 * const url = await until('the URL in the output', () => /http:\S+/.exec(program.output)?.[0]);
 */
export async function until<T>(
  what: string,
  read: () => T | undefined | Promise<T | undefined>,
  { timeoutSeconds = 30, pauseMilliseconds = 25 }: UntilOptions = {},
): Promise<T> {
  const giveUpAt = performance.now() + deadline(timeoutSeconds);
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (performance.now() >= giveUpAt) throw new Error(`Cannot go on: expected ${what} within ${timeoutSeconds} s.`);
    await sleep(pauseMilliseconds);
  }
}
