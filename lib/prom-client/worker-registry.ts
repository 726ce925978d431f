import type { BroadcastChannel, Worker } from 'node:worker_threads';
import type { Gatherer } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';
import { GatheringRegistry, ReportedRegistries, warnIfItFails } from './gathering-registry.ts';
import type { PrometheusContentType, RegistryContentType } from './registry.ts';

/** The registries of this thread to gather from. As in prom-client 0.16, there is one list per thread. */
const threadReports = new ReportedRegistries();

/** One aggregator for all registries of the thread. */
let joined: Promise<Gatherer | undefined> | undefined;

/**
 * Where threads with a registry say their ids, and those that gather ask for them: with `process.on('worker')` alone, threads
 * that were started earlier, or by other threads, would not be found.
 */
const CHANNEL = '@finpilot/metrics threads 1';
const WHO = 'who reports?';

/** Says the id of this thread, once it reports. */
let announce = (): void => undefined;

/**
 * Exposes the metrics of the threads of `node:worker_threads` in one exposition. This is prom-client 0.16's name for
 * `ThreadAggregator` and `reportToParentThread()` of `@finpilot/metrics/aggregate`. Create one in the main thread and one in
 * each of the others. The main thread's own metrics are not included.
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
   * `contentType` is that of {@link workerMetrics}. With `isPrimary` this thread gathers from the other threads of the
   * process; without, it reports to those that gather. By default the main thread gathers. The first registry of a thread
   * decides. Throws a TypeError if the content type is not supported.
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

  /**
   * Sets the registries of this thread to gather from: the default registry at first. A thread that calls this needs no
   * registry of this class, unless it is the main thread. Throws a TypeError on anything else.
   */
  static setRegistries(registries: MetricsRegistry | readonly MetricsRegistry[]): void {
    threadReports.set(registries);
    announce(); // those that had none to report may have been forgotten
    if (!process.getBuiltinModule('node:worker_threads').isMainThread) warnIfItFails(joinOnce(undefined));
  }

  protected override get reported(): ReportedRegistries {
    return threadReports;
  }

  protected override join(): Promise<Gatherer | undefined> {
    return joinOnce(this.#isPrimary);
  }
}

function joinOnce(isPrimary: boolean | undefined): Promise<Gatherer | undefined> {
  return (joined ??= joinThreads(isPrimary).catch((error: unknown) => {
    joined = undefined; // the next one tries again
    throw error;
  }));
}

/**
 * Joins the threads of this process. A thread that gathers gets an aggregator of all others; any other starts to report its
 * registries and gets undefined.
 *
 * `node:worker_threads` and the aggregator are loaded here: they would cost every other program a millisecond.
 */
async function joinThreads(isPrimary: boolean | undefined): Promise<Gatherer | undefined> {
  const started: Worker[] = [];
  const onWorker = (worker: Worker): void => void started.push(worker);
  // Threads may be started while the imports below are under way.
  process.on('worker', onWorker);
  try {
    const { isMainThread, threadId } = process.getBuiltinModule('node:worker_threads');
    const { reportToParentThread, ThreadAggregator } = await loadModule(
      () => import('../aggregate/index.ts'),
      'reportToParentThread',
    );
    if (isPrimary ?? isMainThread) {
      const aggregator = new ThreadAggregator();
      for (const worker of started) aggregator.add(worker);
      const channel = openChannel();
      channel.onmessage = (event: unknown) => {
        const { data } = event as MessageEvent;
        if (typeof data === 'number') aggregator.add(data);
      };
      channel.postMessage(WHO);
      return aggregator;
    }
    threadReports.report(reportToParentThread);
    const channel = openChannel();
    announce = () => channel.postMessage(threadId);
    channel.onmessage = (event: unknown) => {
      if ((event as MessageEvent).data === WHO) announce();
    };
    announce();
    // Those that know this thread by its id do not see its end.
    process.once('exit', () => threadReports.stop());
    return undefined;
  } finally {
    process.off('worker', onWorker);
  }
}

/** It keeps no thread alive. */
function openChannel(): BroadcastChannel {
  const { BroadcastChannel } = process.getBuiltinModule('node:worker_threads');
  const channel = new BroadcastChannel(CHANNEL);
  channel.unref();
  return channel;
}
