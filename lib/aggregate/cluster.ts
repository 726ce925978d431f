import type { Cluster, Worker } from 'node:cluster';
import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import { Aggregation, type AggregatorOptions } from './aggregation.ts';
import { withNumbersAsText } from './message.ts';
import { checkReportOptions, type MetricsReporter, type ReportOptions, startReports } from './reporter.ts';
import type { WorkerState } from './workers.ts';

/**
 * Gathers the metrics of the workers of `node:cluster` in the primary. Each worker calls `reportToPrimary()`. Exporters and
 * servers use the aggregator like a registry.
 *
 * Counters, histograms, and the sums and counts of summaries are added up; they stay when a worker ends, however it ends.
 * Gauges are added up unless their `aggregator` says otherwise, and only while their worker lives. If a worker does not
 * answer in time, its last known values are served, and `metrics_client_workers` reports it as late.
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

  /** Throws a TypeError or RangeError on an invalid option. Workers that are already running are picked up. */
  constructor(options: AggregatorOptions = {}) {
    this.#aggregation = new Aggregation(options);
    const cluster = nodeCluster();
    for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) this.#add(worker, true);
    cluster
      .on('fork', this.#onFork)
      .on('message', this.#onMessage)
      .on('disconnect', this.#onEnd)
      .on('exit', this.#onExit);
  }

  /**
   * Asks the workers for their values and returns the merged families. Waits for busy ones no longer than `timeoutSeconds`,
   * of the aggregator or of this scrape, whichever is less. Never rejects.
   */
  gather(options?: GatherOptions): Promise<readonly Family[]> {
    return this.#aggregation.gather(options);
  }

  /** Releases the workers; they stop reporting. */
  close(): void {
    nodeCluster()
      .off('fork', this.#onFork)
      .off('message', this.#onMessage)
      .off('disconnect', this.#onEnd)
      .off('exit', this.#onExit);
    this.#aggregation.close();
    this.#states.clear();
  }

  #add(worker: Worker, mayReport: boolean): WorkerState {
    // Errors are ignored: a worker that is gone needs no message, and an event reports its end.
    const send = (message: object): void => void worker.send(message, undefined, undefined, () => undefined);
    const state = this.#aggregation.add(send, mayReport);
    this.#states.set(worker, state);
    return state;
  }

  readonly #onFork = (worker: Worker): void => {
    // The event comes a moment after fork(), so the constructor may have found the worker already. Scrapes wait for its
    // first report, so that a worker that has told the application "ready" is included.
    if (!this.#states.has(worker)) this.#add(worker, true);
  };

  readonly #onMessage = (worker: Worker, message: unknown): void => {
    const state = this.#states.get(worker);
    if (state !== undefined) this.#aggregation.take(state, message);
  };

  /** On `disconnect`, not `exit`: by then, everything that a killed worker has sent has been read. */
  readonly #onEnd = (worker: Worker): void => {
    const state = this.#states.get(worker);
    if (state === undefined) return;
    this.#states.delete(worker);
    this.#aggregation.remove(state);
  };

  /** A worker that could not be started never had a channel, so there is no `disconnect`. */
  readonly #onExit = (worker: Worker): void => {
    if (!worker.isConnected()) this.#onEnd(worker);
  };
}

/**
 * Reports the metrics of this worker of `node:cluster` to the `ClusterAggregator` in the primary, on request and every few
 * seconds. Neither the timer nor the listener keeps the worker alive. A second call with the same registry returns the
 * running reporter.
 *
 * Throws an `Error` outside a worker, and a TypeError or RangeError on an invalid option.
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
  const { worker } = nodeCluster();
  if (worker === undefined) {
    throw new Error(
      'Cannot report to the primary: expected a worker of node:cluster, got another process. Call it in workers only.',
    );
  }
  return startReports(checked, (take) => {
    // Not on `process`: a 'message' listener there keeps the worker alive.
    worker.on('message', take);
    return {
      send(message) {
        // As text, since cluster sends JSON by default, which turns a typed array into an object.
        // Errors are ignored: if the primary is gone, cluster ends the worker.
        process.send?.(withNumbersAsText(message), undefined, undefined, () => undefined);
      },
      close: () => void worker.off('message', take),
    };
  });
}

/** Node's own object. @types/node gives it the type of the ES module. */
function nodeCluster(): Cluster {
  return process.getBuiltinModule('node:cluster') as unknown as Cluster;
}
