/**
 * Runs `begin` and settles as it says, or rejects: with `timeoutError` after `timeout` milliseconds, or with the reason
 * of the signal when that is aborted. Keeps the process alive until then.
 */
export async function untilDeadline<T>(
  timeout: number,
  signal: AbortSignal | undefined,
  timeoutError: (timeout: number) => Error,
  begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => reject(timeoutError(timeout)), timeout);
      abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort);
      begin(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
  }
}
