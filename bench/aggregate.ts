import { medianOf } from '../lib/cli/measure.ts';
// The cost of a gather with several processes: `npm run bench:aggregate [WORKERS] [SERIES]`, 8 and 10,000 unless given.
//
// Each worker of node:cluster has SERIES series of a counter with two labels, of which a share has changed between two
// gathers. Prints milliseconds of processor time per gather, median of the rounds, of the primary and of a worker: time on
// the clock says more about what else runs on a machine that has fewer cores than this has processes. Checks the sum.

import cluster from 'node:cluster';
import { ClusterAggregator, reportToPrimary } from '../lib/aggregate/index.ts';
import { Counter, type NumberFamily } from '../lib/core.ts';

const WARM_UP = 5;
const ROUNDS = 20;
const SHARES = [0, 0.01, 1];
const [workers, series] = process.argv
  .slice(2)
  .map(Number)
  .concat([8, 10_000].slice(process.argv.length - 2)) as [number, number];

/** What the primary tells a worker between two gathers: to count, or only to say what processor time it has used. */
interface Order {
  readonly bench: 'count' | 'usage';
  readonly share: number;
}

if (cluster.isPrimary) await measure();
else work();

async function measure(): Promise<void> {
  const aggregator = new ClusterAggregator({ timeoutSeconds: 60 });
  for (let i = 0; i < workers; i++) cluster.fork();
  const started = Object.values(cluster.workers!).map((worker) => worker!);
  await answers();
  const first = await timed(() => aggregator.gather());
  console.log(`first gather, with all labels: primary ${first.toFixed(1)} ms`);
  let counted = 0;
  for (const share of SHARES) {
    const primary: number[] = [];
    const worker: number[] = [];
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      await order({ bench: 'count', share });
      counted += Math.ceil(series * share) * workers;
      const before = await order({ bench: 'usage', share });
      const used = await timed(() => aggregator.gather());
      const after = await order({ bench: 'usage', share });
      if (round < 0) continue;
      primary.push(used);
      worker.push(...after.map((used, i) => used - before[i]!));
    }
    console.log(
      `${share * 100} % changed: primary ${medianOf(primary).toFixed(2)} ms (most ${Math.max(...primary).toFixed(2)}), ` +
        `worker ${medianOf(worker).toFixed(2)} ms (most ${Math.max(...worker).toFixed(2)})`,
    );
  }
  const family = (await aggregator.gather()).find(({ name }) => name === 'bench_total') as NumberFamily;
  const sum = family.series.reduce((total, { value }) => total + value, 0);
  if (sum !== counted) throw new Error(`Cannot trust the figures: expected a sum of ${counted}, got ${sum}.`);
  aggregator.close();
  cluster.disconnect();

  /** Tells all workers and collects their answers. */
  function order(message: Order): Promise<number[]> {
    for (const worker of started) worker.send(message);
    return answers();
  }

  /** What each worker says next: when it has started, and after each order, the processor time that it has used. */
  function answers(): Promise<number[]> {
    return Promise.all(
      started.map(
        (worker) =>
          new Promise<number>((resolve) => {
            const listen = (answer: { readonly milliseconds?: number }): void => {
              if (typeof answer.milliseconds !== 'number') return;
              worker.off('message', listen);
              resolve(answer.milliseconds);
            };
            worker.on('message', listen);
          }),
      ),
    );
  }
}

function work(): void {
  const counter = new Counter({ name: 'bench_total', help: 'Counted.', labelNames: ['route', 'status'] });
  const children = Array.from({ length: series }, (_, i) =>
    counter.labels(`/api/resource/${i >> 3}`, String(200 + (i & 7))),
  );
  reportToPrimary({ intervalSeconds: Infinity });
  process.on('message', (message: Order) => {
    if (message.bench === 'count') for (let i = 0; i < Math.ceil(series * message.share); i++) children[i]!.inc();
    if (message.bench !== undefined) process.send!({ milliseconds: usedMilliseconds() });
  });
  process.send!({ milliseconds: usedMilliseconds() });
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const before = usedMilliseconds();
  await run();
  return usedMilliseconds() - before;
}

function usedMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
