import { parentPort, threadId } from 'node:worker_threads';
import { reportToParentThread } from '../../lib/aggregate/index.ts';
import { createApplication, type Order } from './application.ts';

// A thread for thread-aggregator.test.ts: counts when it is told to, and says when it has.

const { registry, obey } = createApplication(String(threadId));
const reporter = reportToParentThread({ registry, intervalSeconds: Infinity });

parentPort!.on('message', async (order: Order) => {
  if (order.order === 'report') await reporter.report();
  else if (order.order === 'end') reporter.stop();
  else if (order.order === 'stop')
    parentPort!.close(); // the only thing that keeps the thread alive
  else obey(order);
  parentPort!.postMessage({ done: true });
});
parentPort!.postMessage({ done: true });
