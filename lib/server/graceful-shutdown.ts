import { describe } from '../model/names.ts';
import { errorText } from '../model/error-text.ts';
import { warn } from '../model/warning.ts';
import type { MetricsServer } from './metrics-server.ts';

/** How a process is shut down. */
export interface GracefulShutdownOptions {
  /** The signals that end the process. Default SIGTERM, which orchestrators send, and SIGINT, which is Ctrl+C. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Ends the work of the process. What it counts until its promise settles is still scraped. */
  readonly finishWork?: (signal: NodeJS.Signals) => unknown;
}

/**
 * Closes the server at a signal as {@link MetricsServer.close} does, so that a last scrape has the last increments, and
 * then lets the signal end the process; if others listen to the signal too, that is left to them. A second signal ends
 * the process at once. Returns a function that takes all this back.
 *
 * It is the only thing in this package that listens to signals. Throws a TypeError on what are no signals.
 *
 * @example
 * ```ts
 * const server = await startMetricsServer({ port: 8000 });
 * gracefulShutdown(server, { finishWork: (signal) => console.log(`Ended by ${signal}.`) });
 * ```
 */
export function gracefulShutdown(server: MetricsServer, options: GracefulShutdownOptions = {}): () => void {
  const { signals = ['SIGTERM', 'SIGINT'], finishWork = () => undefined } = options;
  check(signals, finishWork);
  const forget = () => {
    for (const signal of signals) process.off(signal, shutDown);
  };
  const shutDown = (signal: NodeJS.Signals) => {
    // From here on a second signal finds no listener of ours, and does what it does by default: it ends the process.
    forget();
    const isOurs = process.listenerCount(signal) === 0;
    const work = finish(finishWork, signal);
    void server.close(work).then(() => {
      if (isOurs) process.kill(process.pid, signal);
    });
  };
  // Before the others: a listener that wants one signal only is gone when it has been called.
  for (const signal of signals) process.prependListener(signal, shutDown);
  return forget;
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
