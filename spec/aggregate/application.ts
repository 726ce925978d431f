import { Counter, Gauge, Histogram, MetricsRegistry } from '../../lib/core.ts';
import type { Gatherer } from '../../lib/model/family.ts';
import { nativeBuckets } from '../../lib/native/index.ts';

/** What a spec may tell a worker to do. */
export interface Order {
  readonly order: 'count' | 'hang' | 'fail' | 'say' | 'stop' | 'report' | 'end';
  /** How much to count, or for how many milliseconds to hang. */
  readonly amount?: number;
  readonly message?: unknown;
}

/** What a worker has besides its metrics. */
export interface Application {
  readonly registry: Gatherer;
  /** Does what an order says, all but `stop`, `say` and `report`. */
  obey(order: Order): void;
}

/** The metrics of a worker, real or a thread, for specs that tell it what to count. */
export function createApplication(id: string): Application {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers });
  const duration = new Histogram({
    name: 'job_duration_seconds',
    help: 'Duration.',
    unit: 'seconds',
    buckets: [1, 2],
    registers,
  });
  const about = { name: 'job_wait_seconds', help: 'Wait.', unit: 'seconds', registers };
  const wait = new Histogram({ ...about, buckets: nativeBuckets() });
  const open = new Gauge({ name: 'open_jobs', help: 'Open.', registers });
  const most = new Gauge({ name: 'most_jobs', help: 'Most.', aggregator: 'max', registers });
  let isFailing = false;
  registry.registerCollector({
    name: 'flaky',
    collect() {
      if (isFailing) throw new Error('out of order');
      return [{ name: 'flaky_value', help: 'Flaky.', type: 'gauge', series: [{ labels: { worker: id }, value: 1 }] }];
    },
  });
  return {
    registry,
    obey({ order, amount = 1 }) {
      switch (order) {
        case 'count':
          jobs.labels('a"b\n').inc(amount, { trace_id: `trace-${id}` });
          duration.labels().observe(amount, { trace_id: `trace-${id}` });
          wait.labels().observe(amount);
          open.set(amount);
          most.set(amount);
          return;
        case 'fail':
          isFailing = true;
          return;
        case 'hang':
          // Asleep, so that it takes no processor time from the others; its event loop stands all the same.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, amount);
      }
    },
  };
}
