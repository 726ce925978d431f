import { describe } from '../model/names.ts';

/** Returns what a value is, for a message in which a string may be a secret that was put in the wrong place. */
export function kindOf(value: unknown): string {
  return typeof value === 'string' ? 'a string' : describe(value);
}
