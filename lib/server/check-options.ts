import { describe } from '../model/names.ts';
import { kindOf } from './kind-of.ts';

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
