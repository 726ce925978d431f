import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { BroadcastChannel, Worker } from 'node:worker_threads';
import { reportToParentThread, reportToPrimary, ThreadAggregator } from '../../lib/aggregate/index.ts';
import { PROTOCOL } from '../../lib/aggregate/message.ts';
import { Counter, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import type { HistogramSeries } from '../../lib/model/family.ts';
import { packageRoot } from '../support/package-root.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { runProgram } from '../support/run-program.ts';
import { sampleOf } from '../support/sample-of.ts';
import { until } from '../support/until.ts';
import { whyNotBuilt } from '../support/why-not-built.ts';
import type { Order } from './application.ts';
import { valuesOf } from './memory-workers.ts';

// Real threads of node:worker_threads.

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const JOBS = 'jobs_total{kind="a\\"b\\n"}';

/** Starts a thread; resolves when it reports. It is ended at the end of the test. */
async function start(t: TestContext): Promise<Worker> {
  const worker = new Worker(new URL(`./thread-worker.${EXTENSION}`, import.meta.url));
  t.after(() => worker.terminate());
  await once(worker, 'message');
  return worker;
}

async function tell(worker: Worker, order: Order): Promise<void> {
  const done = once(worker, 'message');
  worker.postMessage(order);
  // A thread says one thing: the messages of the reports are on a channel of their own.
  assert.deepEqual(await done, [{ done: true }]);
}

function aggregatorOf(
  t: TestContext,
  options: { workerLabel?: string; registry?: MetricsRegistry; timeoutSeconds?: number } = {},
): ThreadAggregator {
  const aggregator = new ThreadAggregator({ timeoutSeconds: 60, ...options });
  t.after(() => aggregator.close());
  return aggregator;
}

test('ThreadAggregator merges the metrics of real threads, those started before it too, and of its own', async (t) => {
  const registry = new MetricsRegistry();
  new Counter({ name: 'main_total', help: 'Main.', registers: [registry] }).inc(7);
  const early = await start(t);
  const aggregator = aggregatorOf(t, { registry });
  aggregator.add(early);
  aggregator.add(early);
  for (const [i, worker] of [early, await start(t), await start(t)].entries())
    await tell(worker, { order: 'count', amount: i + 1 });
  const families = parseExposition(new TextDecoder().decode(await new PrometheusExporter(aggregator).render()));
  assert.equal(sampleOf(families, 'jobs_total', { kind: 'a"b\n' }), 6);
  assert.equal(sampleOf(families, 'job_duration_seconds_sum'), 6);
  assert.equal(sampleOf(families, 'job_wait_seconds_bucket', { le: '2.0' }), 2);
  const live = await aggregator.gather();
  const { native } = live.find(({ name }) => name === 'job_wait_seconds')!.series[0] as HistogramSeries;
  assert.deepEqual([native!.count, native!.sum, native!.positive.indexes.length], [3, 6, 3]);
  assert.equal(sampleOf(families, 'most_jobs'), 3);
  assert.equal(sampleOf(families, 'main_total'), 7);
  assert.equal(sampleOf(families, 'metrics_client_workers', { state: 'reporting' }), 4);
});

test('ThreadAggregator.add() takes the id of a thread, and forgets it when it stops to report, but for its counts', async (t) => {
  const early = await start(t);
  const aggregator = aggregatorOf(t, { workerLabel: 'thread' });
  aggregator.add(early.threadId);
  aggregator.add(early);
  await tell(early, { order: 'count', amount: 1 });
  const sees = (name: string, value: number): Promise<unknown> =>
    until(`${name} ${value}`, async () => valuesOf(await aggregator.gather()).get(name) === value || undefined);
  const jobs = 'jobs_total{kind="a\\"b\\n",thread="1"}';
  await sees(jobs, 1);
  await tell(early, { order: 'end' });
  await sees('metrics_client_workers{state="reporting"}', 0);
  await tell(await start(t), { order: 'count', amount: 10 });
  // It has the place of the one that is gone.
  await sees(jobs, 11);
});

test('ThreadAggregator keeps the counts of threads that are terminated, in a label of their place if told so', async (t) => {
  const aggregator = aggregatorOf(t, { workerLabel: 'thread' });
  const first = await start(t);
  const second = await start(t);
  await tell(first, { order: 'count', amount: 1 });
  await tell(second, { order: 'count', amount: 2 });
  const jobs = async () => {
    const values = valuesOf(await aggregator.gather());
    return ['1', '2'].map((place) => values.get(`jobs_total{kind="a\\"b\\n",thread="${place}"}`));
  };
  assert.deepEqual(await jobs(), [1, 2]);
  await first.terminate();
  assert.deepEqual(await jobs(), [1, 2]);
  await tell(await start(t), { order: 'count', amount: 10 });
  assert.deepEqual(await jobs(), [11, 2]);
});

test('ThreadAggregator reads what a thread reported right before it ended', async (t) => {
  const aggregator = aggregatorOf(t);
  const worker = await start(t);
  await aggregator.gather();
  await tell(worker, { order: 'count', amount: 3 });
  await tell(worker, { order: 'report' });
  await worker.terminate();
  assert.equal(valuesOf(await aggregator.gather()).get(JOBS), 3);
});

test('ThreadAggregator serves the last values of a thread that hangs', async (t) => {
  const aggregator = aggregatorOf(t, { timeoutSeconds: 0.5 });
  const worker = await start(t);
  await tell(worker, { order: 'count', amount: 3 });
  while (valuesOf(await aggregator.gather()).get(JOBS) !== 3);
  worker.postMessage({ order: 'hang', amount: 60_000 } satisfies Order);
  let values = valuesOf(await aggregator.gather());
  while (values.get('metrics_client_workers{state="late"}') !== 1) values = valuesOf(await aggregator.gather());
  assert.equal(values.get(JOBS), 3);
});

test('ThreadAggregator survives anything that other code posts on the channel of a thread', async (t) => {
  const aggregator = aggregatorOf(t);
  const worker = await start(t);
  await tell(worker, { order: 'count', amount: 3 });
  const channel = new BroadcastChannel(`${PROTOCOL}, thread ${worker.threadId}`);
  t.after(() => channel.close());
  const report = {
    protocol: PROTOCOL,
    kind: 'report',
    reporter: 'x',
    aggregator: 'x',
    request: 1,
    isFresh: true,
    isLast: true,
  };
  const content = { changes: [null], gone: [{}], runs: [1, NaN, -1], numbers: new Float64Array(3), exemplars: [[]] };
  for (const message of [
    null,
    1n,
    new Map(),
    new Error('x'),
    new SharedArrayBuffer(8),
    { protocol: PROTOCOL },
    { protocol: PROTOCOL, kind: 'hello', reporter: 'y'.repeat(1e6) },
    { protocol: PROTOCOL, kind: 'bye', reporter: 'nobody' },
    { protocol: PROTOCOL, kind: 'ask', aggregator: 'z', request: 0.5 },
    { ...report, ...content },
    { ...report, ...content, numbers: new Float32Array(3) },
  ]) {
    channel.postMessage(message);
  }
  for (let i = 0; i < 3; i++) assert.equal(valuesOf(await aggregator.gather({ timeoutSeconds: 1 })).get(JOBS), 3);
});

test('reportToParentThread() keeps no thread alive', async (t) => {
  const aggregator = aggregatorOf(t);
  const worker = await start(t);
  await tell(worker, { order: 'count', amount: 3 });
  await aggregator.gather();
  const ended = once(worker, 'exit');
  worker.postMessage({ order: 'stop' } satisfies Order);
  assert.deepEqual(await ended, [0]);
  assert.equal(valuesOf(await aggregator.gather()).get(JOBS), 3);
});

test('Aggregators keep no process alive', { skip: whyNotBuilt() }, () => {
  const program = `
    import { ClusterAggregator, ThreadAggregator } from '@finpilot/metrics/aggregate';
    for (const Aggregator of [ClusterAggregator, ThreadAggregator]) console.log((await new Aggregator().gather()).length);`;
  const { stdout, stderr, status } = runProgram(
    process.execPath,
    ['--input-type=module', '--eval', program],
    packageRoot(),
  );
  assert.equal(stderr, '');
  assert.equal(stdout, '3\n3\n');
  assert.equal(status, 0);
});

test('Two copies of the package in one thread are reported as one worker', { skip: whyNotBuilt() }, async (t) => {
  const aggregator = aggregatorOf(t);
  // The bundle and the compiled files: two modules, two default registries.
  const copies = ['bundle/', 'lib/'].map((folder) =>
    JSON.stringify(new URL(`dist/${folder}`, `file://${packageRoot()}/`).href),
  );
  const program = `
    const { parentPort } = await import('node:worker_threads');
    for (const [copy, aggregate] of [[${copies[0]}, 'aggregate.js'], [${copies[1]}, 'aggregate/index.js']]) {
      const { Counter } = await import(copy + 'core.js');
      const { reportToParentThread } = await import(copy + aggregate);
      new Counter({ name: 'jobs_total', help: 'Jobs.' }).inc(2);
      if (reportToParentThread() !== reportToParentThread()) throw new Error('two reporters of one registry');
    }
    parentPort.on('message', () => undefined);
    parentPort.postMessage('ready');`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
  t.after(() => worker.terminate());
  await once(worker, 'message');
  const values = valuesOf(await aggregator.gather());
  assert.equal(values.get('jobs_total{}'), 4);
  assert.equal(values.get('metrics_client_workers{state="reporting"}'), 1);
});

test('reportToPrimary() and reportToParentThread() refuse a process that is no worker, and options that are none', () => {
  assert.throws(() => reportToPrimary(), /^Error: Cannot report to the primary: expected a worker of node:cluster/);
  assert.throws(() => reportToParentThread(), /^Error: Cannot report to the parent thread: expected a worker thread/);
  for (const report of [reportToPrimary, reportToParentThread]) {
    assert.throws(() => report({ registry: {} as never }), /^TypeError: Cannot report metrics: expected registry/);
    for (const intervalSeconds of [0, -1, NaN, '5' as unknown as number]) {
      assert.throws(
        () => report({ intervalSeconds }),
        /^RangeError: Cannot report metrics: expected intervalSeconds above 0/,
      );
    }
  }
});
