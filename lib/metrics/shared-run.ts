/**
 * Returns a function that calls `run`, or while an asynchronous call of it has not ended returns that call's promise: a
 * metric that stands in several registries may be asked by two scrapes at once, and two calls that reset and fill it
 * would spoil each other's work.
 */
export function sharedRun(run: () => void | Promise<void>): () => void | Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    if (running !== undefined) return running;
    const result = run();
    if (typeof result?.then !== 'function') return result;
    running = Promise.resolve(result).finally(() => (running = undefined));
    return running;
  };
}
