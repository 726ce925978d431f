import { isMainThread, parentPort } from 'node:worker_threads';
import { Counter, Registry, WorkerRegistry } from '../../lib/index.ts';

// A thread for worker-registry.test.ts, told by messages what to count.

const own = new Registry();
const registry = new WorkerRegistry();
const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [own] });
WorkerRegistry.setRegistries(own);

parentPort!.on('message', async (amount: number) => {
  jobs.inc(amount);
  if (amount < 100) parentPort!.postMessage({ isMainThread, text: await registry.workerMetrics() });
  else {
    await registry.shutdown();
    parentPort!.close();
  }
});
