import type { Worker } from 'node:worker_threads';
import type { Gatherer } from '../../model/family.ts';
import type { ReportedRegistries } from './reported-registries.ts';

/**
 * Takes this thread's part among the threads of its process. A primary, which the main thread is unless told otherwise,
 * gathers from the threads that it starts from now on: returns its aggregator. Any other reports the registries.
 *
 * What does it is loaded only now: it and `node:worker_threads` would cost every program a millisecond.
 */
export async function joinThreads(reported: ReportedRegistries, isPrimary: boolean | undefined): Promise<Gatherer | undefined> {
  const started: Worker[] = [];
  const onWorker = (worker: Worker): void => void started.push(worker);
  // Those that are started while the rest is loaded.
  process.on('worker', onWorker);
  try {
    const { isMainThread } = await import('node:worker_threads');
    const { reportToParentThread, ThreadAggregator } = await import('../../aggregate/index.ts');
    if (isPrimary ?? isMainThread) {
      const aggregator = new ThreadAggregator();
      for (const worker of started) aggregator.add(worker);
      return aggregator;
    }
    reported.report(reportToParentThread);
    return undefined;
  } finally {
    process.off('worker', onWorker);
  }
}
