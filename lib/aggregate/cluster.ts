import cluster, { type Worker } from 'node:cluster';
import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import { Aggregation, type AggregatorOptions } from './aggregation.ts';
import { numberText } from './message.ts';
import { checkReportOptions, type MetricsReporter, type ReportOptions, startReports } from './reporter.ts';
import type { WorkerState } from './workers.ts';

/**
 * Gathers the metrics of the workers of `node:cluster`, in the primary: in each of them, `reportToPrimary()` is
 * called. To an exporter or a server it is a registry.
 *
 * Counters, histograms and the sums and counts of summaries are added up, and what a worker counted stays when it ends,
 * however it ends. Gauges are added up too, unless their `aggregator` says otherwise, and count while their worker lives.
 * Of a worker that does not answer in time the last known values are served, and `metrics_client_workers` says so.
 *
 * @example
 * ```ts
 * const aggregator = new ClusterAggregator({ timeoutSeconds: 1 });
 * const exporter = new PrometheusExporter(aggregator); // or startMetricsServer({ registry: aggregator })
 * console.log(new TextDecoder().decode(await exporter.render()));
 * ```
 */
export class ClusterAggregator implements Gatherer {
  readonly #aggregation: Aggregation;
  readonly #states = new Map<Worker, WorkerState>();

  /** Throws a RangeError or TypeError on an option that is none. Workers that run already are found. */
  constructor(options: AggregatorOptions = {}) {
    this.#aggregation = new Aggregation(options);
    for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) this.#add(worker, true);
    cluster.on('fork', this.#onFork).on('message', this.#onMessage).on('disconnect', this.#onEnd).on('exit', this.#onExit);
  }

  /**
   * Asks the workers for their values and returns the merged families. Waits for busy ones no longer than `timeoutSeconds`,
   * of the aggregator or of this scrape, whichever is less. Never rejects.
   */
  gather(options?: GatherOptions): Promise<readonly Family[]> {
    return this.#aggregation.gather(options);
  }

  /** Lets go of the workers, which stop reporting. */
  close(): void {
    cluster.off('fork', this.#onFork).off('message', this.#onMessage).off('disconnect', this.#onEnd).off('exit', this.#onExit);
    this.#aggregation.close();
    this.#states.clear();
  }

  #add(worker: Worker, mayReport: boolean): WorkerState {
    // A worker that is gone, or goes while this is on its way, needs no message; its end is told by an event.
    const send = (message: object): void => void worker.send(message, undefined, undefined, () => undefined);
    const state = this.#aggregation.add(send, mayReport);
    this.#states.set(worker, state);
    return state;
  }

  readonly #onFork = (worker: Worker): void => {
    // The event comes a moment after the worker, which may have been found by then. A scrape waits for its first report no
    // longer than for any other: so the counts of a worker that has just said elsewhere that it is ready are there.
    if (!this.#states.has(worker)) this.#add(worker, true);
  };

  readonly #onMessage = (worker: Worker, message: unknown): void => {
    const state = this.#states.get(worker);
    if (state !== undefined) this.#aggregation.take(state, message);
  };

  /** What a killed worker has sent before is read first: its channel is only then at its end. */
  readonly #onEnd = (worker: Worker): void => {
    const state = this.#states.get(worker);
    if (state === undefined) return;
    this.#states.delete(worker);
    this.#aggregation.remove(state);
  };

  /** A worker that could not be started never had a channel. */
  readonly #onExit = (worker: Worker): void => {
    if (!worker.isConnected()) this.#onEnd(worker);
  };
}

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
