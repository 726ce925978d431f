import { errorText, warn } from '../model/error-text.ts';
import { describe } from '../model/names.ts';
import type { MetricsServer } from './metrics-server.ts';

/** Options for {@link gracefulShutdown}. */
export interface GracefulShutdownOptions {
  /** The signals that end the process. Default SIGTERM, which orchestrators send, and SIGINT, which is Ctrl+C. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Finishes the work of the process. Everything counted before its promise settles is still scraped. */
  readonly finishWork?: (signal: NodeJS.Signals) => unknown;
}

/**
 * Closes the server on a signal, as {@link MetricsServer.close} does, so that a last scrape gets the last increments, and the
 * bridges that push, whose receivers get them too. Then the signal ends the process, unless other listeners handle it:
 * ending the process is then up to them. With several servers, call this for each: all stay open until the work of all is
 * finished, and the process ends when all are closed. A second signal ends it at once. Returns a function that removes the
 * listeners.
 *
 * Nothing else in this package listens for signals. Throws a TypeError if the options are invalid.
 *
 * @example
 * ```ts
 * const server = await startMetricsServer({ port: 8000 });
 * gracefulShutdown(server, { finishWork: (signal) => console.log(`Ended by ${signal}.`) });
 * ```
 */
export function gracefulShutdown(
  server: Pick<MetricsServer, 'close'>,
  options: GracefulShutdownOptions = {},
): () => void {
  const { signals = ['SIGTERM', 'SIGINT'], finishWork = () => undefined } = options;
  check(signals, finishWork);
  const forget = () => {
    for (const signal of signals) process.off(signal, shutDown);
  };
  const shutDown = (signal: NodeJS.Signals) => {
    // A second signal then has its default effect: it ends the process.
    forget();
    const all = allShutdowns();
    all.pending++;
    // All listeners run in the same turn, so the last of ours sees whether anybody else listens.
    if (process.listenerCount(signal) === 0) all.signal = signal;
    all.works.push(finish(finishWork, signal));
    // In a microtask, after the listeners of all servers have run. Servers may share a registry, so each stays open
    // until the work of all is finished.
    const allWork = Promise.resolve().then(() => Promise.all(all.works));
    const lastPushes = allWork.then(() => Promise.all([...openPushes()].map((push) => push.close())));
    void Promise.all([close(server, allWork), lastPushes]).then(() => {
      all.pending--;
      if (all.pending > 0) return;
      const { signal: ending } = all;
      all.signal = undefined;
      all.works = [];
      if (ending !== undefined) process.kill(process.pid, ending);
    });
  };
  // Runs before other listeners: one added with once() would otherwise already be removed from the count.
  for (const signal of signals) process.prependListener(signal, shutDown);
  return forget;
}

/** The shutdowns under way in this process. */
interface Shutdowns {
  pending: number;
  /** The last work of each; never rejects. */
  works: Promise<void>[];
  /** The signal that ends the process when all are done; undefined if that is left to other listeners. */
  signal: NodeJS.Signals | undefined;
}

/** Shared by all copies of this package in the process: the first server to close must not end it for the others. */
function allShutdowns(): Shutdowns {
  const holder = globalThis as { [SHUTDOWNS]?: Shutdowns };
  return (holder[SHUTDOWNS] ??= { pending: 0, works: [], signal: undefined });
}

const SHUTDOWNS = Symbol.for('@finpilot/metrics.shutdowns');

/** The bridges that push, which add themselves: see lib/bridges/push-loop.ts. Their `close()` never rejects. */
function openPushes(): Iterable<{ close(): Promise<void> }> {
  return (globalThis as { [PUSHES]?: Set<{ close(): Promise<void> }> })[PUSHES] ?? [];
}

const PUSHES = Symbol.for('@finpilot/metrics.pushes');

/** Never rejects: the process has to end. */
async function close(server: Pick<MetricsServer, 'close'>, allWork: Promise<unknown>): Promise<void> {
  try {
    await server.close(allWork);
  } catch (error) {
    warn('METRICS_SHUTDOWN_FAILED', `The server could not be closed before the shutdown: ${errorText(error)}`);
  }
}

async function finish(finishWork: (signal: NodeJS.Signals) => unknown, signal: NodeJS.Signals): Promise<void> {
  try {
    await finishWork(signal);
  } catch (error) {
    warn('METRICS_SHUTDOWN_FAILED', `The work could not be finished before the shutdown: ${errorText(error)}`);
  }
}

function check(signals: unknown, finishWork: unknown): void {
  const action = 'Cannot shut down gracefully';
  if (!Array.isArray(signals) || !signals.every((signal) => typeof signal === 'string' && signal.startsWith('SIG'))) {
    throw new TypeError(`${action}: expected signals to be an array such as ["SIGTERM"], got ${describe(signals)}.`);
  }
  if (typeof finishWork !== 'function') {
    throw new TypeError(`${action}: expected finishWork to be a function, got ${describe(finishWork)}.`);
  }
}
