import { isMainThread, threadId } from 'node:worker_threads';
import { type MetricsReporter, startReports } from './metrics-reporter.ts';
import { openThreadChannel } from './open-thread-channel.ts';
import { checkReportOptions, type ReportOptions } from './report-options.ts';

/**
 * Reports the metrics of this thread to the `ThreadAggregator` in the thread that started it, whenever that asks and
 * every few seconds. Neither the timer nor the channel keeps the thread alive. Called again with the same registry, it
 * returns the reporter that runs.
 *
 * Throws an `Error` in the main thread, a TypeError or RangeError on an option that is none.
 *
 * @example
 * ```ts
 * if (!isMainThread) reportToParentThread({ registry, intervalSeconds: 1 });
 * ```
 */
export function reportToParentThread(options: ReportOptions = {}): MetricsReporter {
  const checked = checkReportOptions(options);
  if (isMainThread) {
    throw new Error('Cannot report to the parent thread: expected a worker thread, got the main thread. Call it in workers only.');
  }
  return startReports(checked, (take) => {
    const channel = openThreadChannel(threadId);
    channel.onmessage = (event: unknown) => take((event as MessageEvent).data);
    return { send: (message) => channel.postMessage(message), close: () => channel.close() };
  });
}
