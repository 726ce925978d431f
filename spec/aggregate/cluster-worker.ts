import cluster from 'node:cluster';
import { reportToPrimary } from '../../lib/aggregate/index.ts';
import { createApplication, type Order } from './application.ts';

// A worker of node:cluster for cluster-aggregator.test.ts: counts when it is told to, and says when it has.

const { registry, obey } = createApplication(String(cluster.worker!.id));
const reporter = reportToPrimary({ registry, intervalSeconds: Infinity });

process.on('message', async (order: Order) => {
  if (order.order === undefined) return;
  if (order.order === 'hang') process.send!({ done: true }); // before, since after it there is nobody to say so
  if (order.order === 'say') process.send!(order.message);
  else if (order.order === 'stop') reporter.stop();
  else if (order.order === 'end') {
    obey({ order: 'count', amount: 4 });
    await reporter.report();
    process.disconnect();
    return;
  } else obey(order);
  if (order.order !== 'hang') process.send!({ done: true });
});
process.send!({ done: true });
