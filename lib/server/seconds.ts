import { describe } from '../model/names.ts';

// setTimeout() takes at most 2^31 - 1 milliseconds, and fires at once for anything above.
const MAX_SECONDS = 2_147_483;

/** Throws unless `seconds` is a time above 0 that a timer can wait: TypeError if it is no number, else RangeError. */
export function checkSeconds(seconds: unknown, action: string, name: string): asserts seconds is number {
  const expected = `Cannot ${action}: expected ${name} to be a number of seconds above 0 and at most ${MAX_SECONDS}`;
  if (typeof seconds !== 'number') throw new TypeError(`${expected}, got ${describe(seconds)}.`);
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) throw new RangeError(`${expected}, got ${seconds}.`);
}
