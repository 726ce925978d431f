import { MetricsThread } from './metrics-thread.ts';
import { type MetricsThreadOptions, readThreadOptions } from './options.ts';
import { sharedMemory } from './shared/shared-memory.ts';

export type { MetricStorage } from '../model/metric-storage.ts';
export type { MetricsThread, MetricsThreadOptions };
export { sharedMemory };

/**
 * Starts a `MetricsServer` in a thread, on port 8000 by default, and resolves when it listens. It answers scrapes and probes
 * while the event loop of the program is blocked, and tells for how long it has been. Costs 13 MB of memory or more; a program
 * whose loop is never blocked does not need it. Rejects as `startMetricsServer()` does, and with a TypeError if an option
 * cannot be copied to a thread.
 *
 * @example
 * ```ts
 * const thread = await startMetricsThread({ port: 0, unhealthyAfterSeconds: 60 });
 * console.log(`${thread.url}/metrics`);
 * await thread.close();
 * ```
 */
export async function startMetricsThread(options: MetricsThreadOptions = {}): Promise<MetricsThread> {
  return MetricsThread.start(readThreadOptions(options));
}

/** The same names as the named exports. */
export default { sharedMemory, startMetricsThread };
