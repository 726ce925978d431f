import type { BroadcastChannel, MessagePort, Worker } from 'node:worker_threads';
import { errorCode } from '../model/error-text.ts';
import type { Family, Gatherer, GatherOptions } from '../model/family.ts';
import { Aggregation, type AggregatorOptions } from './aggregation.ts';
import { PROTOCOL } from './message.ts';
import { checkReportOptions, type MetricsReporter, type ReportOptions, startReports } from './reporter.ts';

/**
 * Gathers the metrics of the threads of `node:worker_threads` in the thread that starts them. Each thread calls
 * `reportToParentThread()`. Threads started later are picked up. Merges as `ClusterAggregator` does.
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
  /** By thread id. */
  readonly #threads = new Map<number, { readonly read: () => void; readonly release: () => void }>();

  /** Throws a TypeError or RangeError on an invalid option. */
  constructor(options: AggregatorOptions = {}) {
    this.#aggregation = new Aggregation(options);
    process.on('worker', this.#onWorker);
  }

  /**
   * Adds a thread that was started before the aggregator was created, or by another thread, given by its `Worker` or its id.
   * Of an id, the end is noticed only if the thread stops reporting. Later threads are picked up without this.
   */
  add(thread: Worker | number): void {
    this.#add(thread, true);
  }

  /**
   * Asks the threads for their values and returns the merged families. Waits for busy ones no longer than `timeoutSeconds`,
   * of the aggregator or of this scrape, whichever is less. Never rejects.
   */
  gather(options?: GatherOptions): Promise<readonly Family[]> {
    // So that a thread that has told the application "ready" on another channel is included.
    for (const { read } of this.#threads.values()) read();
    return this.#aggregation.gather(options);
  }

  /** Releases the threads; they stop reporting. */
  close(): void {
    process.off('worker', this.#onWorker);
    this.#aggregation.close();
    for (const { release } of this.#threads.values()) release();
    this.#threads.clear();
  }

  readonly #onWorker = (worker: Worker): void => this.#add(worker, false);

  #add(thread: Worker | number, mayReport: boolean): void {
    const worker = typeof thread === 'number' ? undefined : thread;
    const threadId = worker?.threadId ?? (thread as number);
    // A thread that has ended has the id -1.
    if (this.#threads.has(threadId) || threadId < 0) return;
    const channel = openThreadChannel(threadId);
    const state = this.#aggregation.add(
      (message) => channel.postMessage(message),
      mayReport,
      () => {
        // Later, since this may run while the channel is read.
        if (worker === undefined) queueMicrotask(end);
      },
    );
    const take = (message: unknown): void => this.#aggregation.take(state, message);
    channel.onmessage = (event: unknown) => take((event as MessageEvent).data);
    const read = (): void => {
      for (const message of unread(channel)) take(message);
    };
    const end = (): void => {
      if (!this.#threads.delete(threadId)) return;
      read();
      this.#aggregation.remove(state);
      channel.close();
    };
    const release = (): void => {
      worker?.off('exit', end);
      channel.close();
    };
    worker?.once('exit', end);
    this.#threads.set(threadId, { read, release });
  }
}

/** Yields the messages that wait to be read. */
function* unread(channel: BroadcastChannel): Generator<unknown, void> {
  const { receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads');
  for (;;) {
    // Accepts broadcast channels too: documented, but missing in its types.
    let received: { readonly message: unknown } | undefined;
    try {
      received = receiveMessageOnPort(channel as unknown as MessagePort) as typeof received;
    } catch (error) {
      // Deno takes only ports here, so its messages are read when the event loop hands them out.
      if (errorCode(error) === 'ERR_INVALID_ARG_TYPE') return;
      continue; // a foreign message that cannot be deserialized in this thread; it has left the queue
    }
    if (received === undefined) return;
    yield received.message;
  }
}

/**
 * Reports the metrics of this thread to the `ThreadAggregator` in the thread that started it, on request and every few
 * seconds. Neither the timer nor the channel keeps the thread alive. A second call with the same registry returns the
 * running reporter.
 *
 * Throws an `Error` in the main thread, and a TypeError or RangeError on an invalid option.
 *
 * @example
 * ```ts
 * if (!isMainThread) reportToParentThread({ registry, intervalSeconds: 1 });
 * ```
 */
export function reportToParentThread(options: ReportOptions = {}): MetricsReporter {
  const checked = checkReportOptions(options);
  const { isMainThread, threadId } = process.getBuiltinModule('node:worker_threads');
  if (isMainThread) {
    throw new Error(
      'Cannot report to the parent thread: expected a worker thread, got the main thread. Call it in workers only.',
    );
  }
  return startReports(checked, (take) => {
    const channel = openThreadChannel(threadId);
    channel.onmessage = (event: unknown) => take((event as MessageEvent).data);
    return { send: (message) => channel.postMessage(message), close: () => channel.close() };
  });
}

/**
 * Opens the channel between a thread and its aggregators. Each thread has its own, named after its id, so no port has to be
 * passed: `parentPort` and the `Worker` see only the application's messages, and either side may start first. It keeps no
 * thread alive.
 */
function openThreadChannel(threadId: number): BroadcastChannel {
  const { BroadcastChannel } = process.getBuiltinModule('node:worker_threads');
  const channel = new BroadcastChannel(`${PROTOCOL}, thread ${threadId}`);
  channel.unref();
  return channel;
}
