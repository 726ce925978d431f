import { BroadcastChannel, isMainThread, type MessagePort, receiveMessageOnPort, threadId, type Worker } from 'node:worker_threads';
import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import { Aggregation, type AggregatorOptions } from './aggregation.ts';
import { PROTOCOL } from './message.ts';
import { checkReportOptions, type MetricsReporter, type ReportOptions, startReports } from './reporter.ts';

/**
 * Gathers the metrics of threads of `node:worker_threads`, in the thread that starts them: in each of them,
 * `reportToParentThread()` is called. Threads that are started after it are found. Merges as `ClusterAggregator` does.
 *
 * @example
 * ```ts
 * const aggregator = new ThreadAggregator({ registry: register }); // the main thread's own metrics too
 * const exporter = new PrometheusExporter(aggregator); // or startMetricsServer({ registry: aggregator })
 * console.log(new TextDecoder().decode(await exporter.render()));
 * ```
 */
export class ThreadAggregator implements Gatherer {
  readonly #aggregation: Aggregation;
  readonly #threads = new Map<Worker, { readonly read: () => void; readonly release: () => void }>();

  /** Throws a RangeError or TypeError on an option that is none. */
  constructor(options: AggregatorOptions = {}) {
    this.#aggregation = new Aggregation(options);
    process.on('worker', this.#onWorker);
  }

  /** Adds a thread that was started before the aggregator was created; for those started later there is no need. */
  add(worker: Worker): void {
    this.#add(worker, true);
  }

  /**
   * Asks the threads for their values and returns the merged families. Waits for busy ones no longer than `timeoutSeconds`,
   * of the aggregator or of this scrape, whichever is less. Never rejects.
   */
  gather(options?: GatherOptions): Promise<readonly Family[]> {
    // A thread that said on another channel that it has started is known then.
    for (const { read } of this.#threads.values()) read();
    return this.#aggregation.gather(options);
  }

  /** Lets go of the threads, which stop reporting. */
  close(): void {
    process.off('worker', this.#onWorker);
    this.#aggregation.close();
    for (const { release } of this.#threads.values()) release();
    this.#threads.clear();
  }

  readonly #onWorker = (worker: Worker): void => this.#add(worker, false);

  #add(worker: Worker, mayReport: boolean): void {
    // One that has ended has no id any more.
    if (this.#threads.has(worker) || worker.threadId < 0) return;
    const channel = openThreadChannel(worker.threadId);
    const state = this.#aggregation.add((message) => channel.postMessage(message), mayReport);
    const take = (message: unknown): void => this.#aggregation.take(state, message);
    channel.onmessage = (event: unknown) => take((event as MessageEvent).data);
    const read = (): void => {
      for (const message of unread(channel)) take(message);
    };
    const end = (): void => {
      read();
      this.#aggregation.remove(state);
      this.#threads.delete(worker);
      channel.close();
    };
    const release = (): void => {
      worker.off('exit', end);
      channel.close();
    };
    worker.once('exit', end);
    this.#threads.set(worker, { read, release });
  }
}

/** What a thread has sent, and this one has not read yet. */
function* unread(channel: BroadcastChannel): Generator<unknown, void> {
  for (;;) {
    // Takes broadcast channels too, as its documentation says, though not its declaration.
    const received = receiveMessageOnPort(channel as unknown as MessagePort) as { readonly message: unknown } | undefined;
    if (received === undefined) return;
    yield received.message;
  }
}

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

/**
 * Opens the channel between a thread and those who gather from it. It is the thread's own, named after its id, so that
 * neither has to hand the other a port: neither `parentPort` nor the `Worker` sees messages that its user did not send,
 * and it does not matter who comes first. Keeps no thread alive.
 */
export function openThreadChannel(threadId: number): BroadcastChannel {
  const channel = new BroadcastChannel(`${PROTOCOL}, thread ${threadId}`);
  channel.unref();
  return channel;
}
