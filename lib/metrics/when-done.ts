/**
 * Calls `fn`, and `done` once it has returned, thrown, or its promise has settled. Returns or throws what `fn` did; a
 * promise comes back as another one that settles after `done` was called.
 */
export function whenDone<T>(fn: () => T, done: (failed: boolean) => void): T {
  let result: T;
  try {
    result = fn();
  } catch (error) {
    done(true);
    throw error;
  }
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') {
    done(false);
    return result;
  }
  return (result as PromiseLike<unknown>).then(
    (value) => {
      done(false);
      return value;
    },
    (error: unknown) => {
      done(true);
      throw error;
    },
  ) as T;
}
