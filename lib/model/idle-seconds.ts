import { describe } from './names.ts';

/** Throws a RangeError unless `idleSeconds` is above 0. `owner` says what cannot be created. */
export function checkIdleSeconds(idleSeconds: unknown, owner: string): asserts idleSeconds is number {
  if (typeof idleSeconds === 'number' && idleSeconds > 0) return;
  throw new RangeError(
    `Cannot create ${owner}: expected idleSeconds above 0, or Infinity for no expiry, got ${describe(idleSeconds)}.`,
  );
}
