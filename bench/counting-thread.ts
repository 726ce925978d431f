import { parentPort, workerData } from 'node:worker_threads';
import { Counter } from '../lib/core.ts';
import { sharedMemory } from '../lib/thread/index.ts';

// A worker thread of bench/cases/thread.ts: counts once on each of its series at each message.

const { seriesCount } = workerData as { readonly seriesCount: number };
const counter = new Counter({
  name: 'bench_jobs_total',
  help: 'Jobs.',
  labelNames: ['method', 'route'],
  maxSeries: Infinity,
  storage: sharedMemory(),
});
const children = Array.from({ length: seriesCount }, (_, i) => counter.labels(`method${i % 10}`, `/api/route/${i}`));
parentPort!.on('message', () => {
  for (const child of children) child.inc();
  parentPort!.postMessage('counted');
});
