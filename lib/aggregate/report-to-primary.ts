import cluster from 'node:cluster';
import { type MetricsReporter, startReports } from './metrics-reporter.ts';
import { numberText } from './number-text.ts';
import { checkReportOptions, type ReportOptions } from './report-options.ts';

/**
 * Reports the metrics of this worker of `node:cluster` to the `ClusterAggregator` in the primary, whenever that asks and
 * every few seconds. Neither the timer nor the listener keeps the worker alive. Called again with the same registry, it
 * returns the reporter that runs.
 *
 * Throws an `Error` in a process that is no worker, a TypeError or RangeError on an option that is none.
 *
 * @example
 * ```ts
 * if (cluster.isWorker) {
 *   const reporter = reportToPrimary();
 *   process.once('SIGTERM', async () => {
 *     await reporter.report(); // what was counted in the last seconds
 *     process.exit();
 *   });
 * }
 * ```
 */
export function reportToPrimary(options: ReportOptions = {}): MetricsReporter {
  const checked = checkReportOptions(options);
  const { worker } = cluster;
  if (worker === undefined) {
    throw new Error('Cannot report to the primary: expected a worker of node:cluster, got another process. Call it in workers only.');
  }
  return startReports(checked, (take) => {
    // Not on `process`, where each listener for messages keeps the worker alive.
    worker.on('message', take);
    return {
      send(message) {
        // With JSON, in which messages are sent unless cluster is told otherwise, a typed array would become an object.
        const sent = message.kind === 'report' ? { ...message, numbers: numberText.encode(message.numbers as Float64Array) } : message;
        // A primary that is gone hears nothing; cluster ends the worker then.
        process.send?.(sent, undefined, undefined, () => undefined);
      },
      close: () => void worker.off('message', take),
    };
  });
}
