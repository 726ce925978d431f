/**
 * Calls `fn`, and `done` exactly once: when `fn` has returned or thrown, or its promise has settled. Returns or throws what
 * `fn` did. A promise, or an object that `await` takes for one, comes back as another promise, which settles after the call
 * of `done`.
 */
export function whenDone<T>(fn: () => T, done: (failed: boolean) => void): T {
  let result: T;
  try {
    result = fn();
  } catch (error) {
    done(true);
    throw error;
  }
  if (!isThenable(result)) {
    done(false);
    return result;
  }
  // Resolved, not chained: `then()` of a foreign object may throw, call both functions, call them twice, or return nothing.
  return new Promise((resolve) => resolve(result)).then(
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

/** An object whose `then` cannot be read counts as well: for `await` it is a promise that has rejected. */
function isThenable(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return true;
  }
}
