import type { Gatherer } from '../../model/family.ts';
import type { MetricsRegistry } from '../../registry/metrics-registry.ts';
import type { PrometheusContentType, RegistryContentType } from '../content-type.ts';
import { GatheringRegistry } from './gathering-registry.ts';
import { joinThreads } from './join-threads.ts';
import { ReportedRegistries } from './reported-registries.ts';

/** The registries that this thread is gathered from: as prom-client 0.16 has it, one list for the thread. */
const threadReports = new ReportedRegistries();
/** One for all registries of the thread. */
let joined: Promise<Gatherer | undefined> | undefined;

/**
 * Shows the metrics of the threads of `node:worker_threads` in one exposition: the name in prom-client 0.16 for what
 * `ThreadAggregator` and `reportToParentThread()` of `@finpilot/metrics/aggregate` do. To be created in the main thread, before
 * it starts the others, and in each of these. Those of the main thread itself are not in it.
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
   * Takes the content type of {@link workerMetrics}, and whether this thread gathers, from those that it starts, rather than
   * be gathered from; the main thread does unless told otherwise. The first one of a thread decides. Throws a TypeError on
   * other content types.
   */
  constructor(contentType?: T, isPrimary?: boolean) {
    super(contentType);
    this.#isPrimary = isPrimary;
    this.begin();
  }

  /**
   * The exposition of all threads, in the format of `contentType`; in a thread that does not gather it is empty. Of a thread
   * that does not answer within 2 seconds it has the last known values.
   */
  workerMetrics(): Promise<string> {
    return this.gathered();
  }

  /** Says which registries of this thread are gathered from, the default one unless told. Throws a TypeError on others. */
  static setRegistries(registries: MetricsRegistry | readonly MetricsRegistry[]): void {
    threadReports.set(registries);
  }

  protected override get reported(): ReportedRegistries {
    return threadReports;
  }

  protected override join(): Promise<Gatherer | undefined> {
    return (joined ??= joinThreads(threadReports, this.#isPrimary));
  }
}
