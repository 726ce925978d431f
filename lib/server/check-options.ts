import { describe } from '../model/names.ts';

/**
 * Throws a TypeError unless `options` is an object with no key but those in `known`: a misspelt option that was passed
 * over would leave a server open that its owner believes closed. `name` is how the message calls the object.
 */
export function checkOptions(options: unknown, known: readonly string[], name: string): void {
  const action = 'Cannot create a metrics server';
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${action}: expected ${name} to be an object, got ${kindOf(options)}.`);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new TypeError(
      `${action}: expected ${name} to have ${known.join(', ')}, got ${describe(key)}. Is it misspelt?`,
    );
  }
}

// setTimeout() takes at most 2^31 - 1 milliseconds, and fires at once for anything above.
const MAX_SECONDS = 2_147_483;

/** Throws unless `seconds` is a time above 0 that a timer can wait: TypeError if it is no number, else RangeError. */
export function checkSeconds(seconds: unknown, action: string, name: string): asserts seconds is number {
  const expected = `Cannot ${action}: expected ${name} to be a number of seconds above 0 and at most ${MAX_SECONDS}`;
  if (typeof seconds !== 'number') throw new TypeError(`${expected}, got ${describe(seconds)}.`);
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) throw new RangeError(`${expected}, got ${seconds}.`);
}

/** Returns what a value is, for a message in which a string may be a secret that was put in the wrong place. */
export function kindOf(value: unknown): string {
  return typeof value === 'string' ? 'a string' : describe(value);
}
