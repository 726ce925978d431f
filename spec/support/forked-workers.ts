import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

/**
 * Workers of `node:cluster` that do what a test tells them. A worker says `{ done: true }` when it has started, and when it
 * has done what it was told; what else it sends is left alone.
 *
 * @example
 * const worker = await forkedWorkers.fork(t, new URL('./cluster-worker.js', import.meta.url));
 * await forkedWorkers.tell(worker, { order: 'count' });
 */
export const forkedWorkers = {
  /** Starts a worker; resolves when it says that it has started. It is killed at the end of the test. */
  async fork(t: TestContext, program: URL): Promise<Worker> {
    cluster.setupPrimary({ exec: fileURLToPath(program), args: [] });
    const worker = cluster.fork();
    t.after(() => forkedWorkers.kill(worker));
    await done(worker);
    return worker;
  },

  /** Tells a worker something; resolves when it says that it has done it. */
  async tell(worker: Worker, order: object): Promise<void> {
    const finished = done(worker);
    worker.send(order);
    await finished;
  },

  /** Kills a worker, without a chance to say anything; resolves when the primary knows. */
  async kill(worker: Worker): Promise<void> {
    if (!worker.isConnected()) return;
    const gone = once(worker, 'disconnect');
    worker.process.kill('SIGKILL');
    await gone;
  },
};

function done(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const listen = (message: { readonly done?: true } | null): void => {
      if (message?.done !== true) return;
      worker.off('message', listen);
      resolve();
    };
    worker.on('message', listen);
  });
}
