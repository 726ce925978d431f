import { parentPort, workerData } from 'node:worker_threads';
import { Counter, Histogram } from '../../lib/core.ts';
import { sharedMemory } from '../../lib/thread/index.ts';

// A worker thread with shared metrics: updates them at full speed, as often as it is told to. Counts updates in `counted`, if
// it is given.

const { updates, counted } = workerData as { updates: number; counted?: SharedArrayBuffer };
const count = new BigInt64Array(counted ?? new ArrayBuffer(8));
const storage = sharedMemory();
const counter = new Counter({ name: 'updates_total', help: 'Updates.', storage, labelNames: ['parity'] });
// What is observed is 1 or 3, so the sum tells the buckets: a read that is torn does not add up.
const histogram = new Histogram({ name: 'values', help: 'Values.', storage, buckets: [1, 2] });
const series = [counter.labels('even'), counter.labels('odd')] as const;

for (let i = 0; i < updates; i++) {
  series[i & 1]!.inc();
  histogram.observe(i & 1 ? 3 : 1);
  count[0]!++;
}
parentPort!.postMessage('done');
