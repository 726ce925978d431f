import { medianOf } from '../lib/cli/measure.ts';
// The cost of a gather with several processes: `npm run bench:aggregate [WORKERS] [SERIES] [native]`, 8 and 10,000 unless given.
//
// Each worker of node:cluster has SERIES series of a counter with two labels, of which a share has changed between two
// gathers. With `native`, they are native histograms of some 40 buckets, and what is measured is a scrape by protobuf: buckets are
// merged when they are read. Prints milliseconds of processor time per gather, median of the rounds, of the primary and of a worker: time on
// the clock says more about what else runs on a machine that has fewer cores than this has processes. Checks the sum.

import cluster from 'node:cluster';
import { ClusterAggregator, reportToPrimary } from '../lib/aggregate/index.ts';
import { Counter, Histogram, PrometheusExporter } from '../lib/core.ts';
import type { HistogramSeries, NumberSeries } from '../lib/model/family.ts';
import { nativeBuckets } from '../lib/native/index.ts';

const WARM_UP = 5;
const ROUNDS = 20;
/** Observations that each native series begins with, all in other buckets. */
const BUCKETS = 40;
const LABEL_NAMES = ['route', 'status'] as const;
const SHARES = [0, 0.01, 1];
const [workers = 8, series = 10_000] = process.argv.slice(2, 4).map(Number);
const isNative = process.argv[4] === 'native';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** What the primary tells a worker between two gathers: to count, or only to say what processor time it has used. */
interface Order {
  readonly bench: 'count' | 'usage';
  readonly share: number;
}

if (cluster.isPrimary) await measure();
else work();

async function measure(): Promise<void> {
  const aggregator = new ClusterAggregator({ timeoutSeconds: 60 });
  const exporter = new PrometheusExporter(aggregator);
  const gather = (): Promise<unknown> => (isNative ? exporter.render(PROTOBUF) : aggregator.gather());
  for (let i = 0; i < workers; i++) cluster.fork();
  const started = Object.values(cluster.workers!).map((worker) => worker!);
  await answers();
  const first = await timed(gather);
  console.log(`first gather, with all labels: primary ${first.toFixed(1)} ms`);
  let counted = isNative ? workers * series * BUCKETS : 0;
  for (const share of SHARES) {
    const primary: number[] = [];
    const worker: number[] = [];
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      await order({ bench: 'count', share });
      counted += Math.ceil(series * share) * workers;
      const before = await order({ bench: 'usage', share });
      const used = await timed(gather);
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
  const family = (await aggregator.gather()).find(({ name }) => name.startsWith('bench_'))!;
  let sum = 0;
  for (const one of family.series)
    sum += isNative ? (one as HistogramSeries).native!.count : (one as NumberSeries).value;
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
  const update = isNative ? createHistograms() : createCounters();
  reportToPrimary({ intervalSeconds: Infinity });
  process.on('message', (message: Order) => {
    if (message.bench === 'count') for (let i = 0; i < Math.ceil(series * message.share); i++) update(i);
    if (message.bench !== undefined) process.send!({ milliseconds: usedMilliseconds() });
  });
  process.send!({ milliseconds: usedMilliseconds() });
}

function labelsOf(i: number): [route: string, status: string] {
  return [`/api/resource/${i >> 3}`, String(200 + (i & 7))];
}

/** Creates the series, and returns what updates one of them. */
function createCounters(): (i: number) => void {
  const counter = new Counter({ name: 'bench_total', help: 'Counted.', labelNames: LABEL_NAMES });
  const children = Array.from({ length: series }, (_, i) => counter.labels(...labelsOf(i)));
  return (i) => children[i]!.inc();
}

function createHistograms(): (i: number) => void {
  const about = { name: 'bench_seconds', help: 'Seen.', labelNames: LABEL_NAMES };
  const histogram = new Histogram({ ...about, buckets: nativeBuckets() });
  const children = Array.from({ length: series }, (_, i) => histogram.labels(...labelsOf(i)));
  const value = (i: number): number => 2 ** (((i % BUCKETS) - 20) / 8);
  for (const child of children) for (let i = 0; i < BUCKETS; i++) child.observe(value(i));
  let seen = 0;
  return (i) => children[i]!.observe(value(seen++));
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
