import type { Worker } from 'node:worker_threads';
import type { Gatherer } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';
import { GatheringRegistry, ReportedRegistries } from './gathering-registry.ts';
import type { PrometheusContentType, RegistryContentType } from './registry.ts';

/** The registries of this thread to gather from. As in prom-client 0.16, there is one list per thread. */
const threadReports = new ReportedRegistries();

/** One aggregator for all registries of the thread. */
let joined: Promise<Gatherer | undefined> | undefined;

/**
 * Exposes the metrics of the threads of `node:worker_threads` in one exposition. This is prom-client 0.16's name for
 * `ThreadAggregator` and `reportToParentThread()` of `@finpilot/metrics/aggregate`. Create one in the main thread before it
 * starts the others, and one in each of these. The main thread's own metrics are not included.
 *
 * @example
 * ```ts
 * const registry = new WorkerRegistry();
 * if (isMainThread) console.log(await registry.workerMetrics());
 * ```
 */
export class WorkerRegistry<T extends RegistryContentType = PrometheusContentType> extends GatheringRegistry<T> {
  readonly #isPrimary: boolean | undefined;

  /**
   * `contentType` is that of {@link workerMetrics}. With `isPrimary` this thread gathers from the threads that it starts;
   * without, it reports to its parent. By default the main thread gathers. The first registry of a thread decides. Throws
   * a TypeError if the content type is not supported.
   */
  constructor(contentType?: T, isPrimary?: boolean) {
    super(contentType);
    this.#isPrimary = isPrimary;
    this.begin();
  }

  /**
   * Returns the exposition of all threads, in the format of `contentType`; in a thread that does not gather it is empty. The
   * last known values stand in for a thread that does not answer within 2 seconds.
   */
  workerMetrics(): Promise<string> {
    return this.gathered();
  }

  /** Sets the registries of this thread to gather from: the default registry at first. Throws a TypeError on anything else. */
  static setRegistries(registries: MetricsRegistry | readonly MetricsRegistry[]): void {
    threadReports.set(registries);
  }

  protected override get reported(): ReportedRegistries {
    return threadReports;
  }

  protected override join(): Promise<Gatherer | undefined> {
    return (joined ??= joinThreads(this.#isPrimary).catch((error: unknown) => {
      joined = undefined; // the next one tries again
      throw error;
    }));
  }
}

/**
 * Joins the threads of this process. A thread that gathers gets an aggregator of the threads that it starts from now on;
 * any other starts to report its registries and gets undefined.
 *
 * `node:worker_threads` and the aggregator are loaded here: they would cost every other program a millisecond.
 */
async function joinThreads(isPrimary: boolean | undefined): Promise<Gatherer | undefined> {
  const started: Worker[] = [];
  const onWorker = (worker: Worker): void => void started.push(worker);
  // Threads may be started while the imports below are under way.
  process.on('worker', onWorker);
  try {
    const { isMainThread } = process.getBuiltinModule('node:worker_threads');
    const { reportToParentThread, ThreadAggregator } = await loadModule(
      () => import('../aggregate/index.ts'),
      'reportToParentThread',
    );
    if (isPrimary ?? isMainThread) {
      const aggregator = new ThreadAggregator();
      for (const worker of started) aggregator.add(worker);
      return aggregator;
    }
    threadReports.report(reportToParentThread);
    return undefined;
  } finally {
    process.off('worker', onWorker);
  }
}
