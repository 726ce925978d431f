import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { BroadcastChannel, Worker } from 'node:worker_threads';
import { Counter, Gauge, Histogram, MetricsRegistry } from '../../lib/core.ts';
import { createFinpilotMetrics } from '../../lib/finpilot/index.ts';
import type { HistogramFamily } from '../../lib/model/family.ts';
import { sharedMemory } from '../../lib/thread/index.ts';
import { type Announcement, openChannel } from '../../lib/thread/shared/announcements.ts';
import { SharedReader } from '../../lib/thread/shared/shared-reader.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { until } from '../support/until.ts';
import { blockWhileAsking, collectWorkers, startThread, textOf, valueOf } from './start-thread.ts';

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** Starts a thread that makes so many updates of `updates_total` and `values`, and ends if it is not told to stay. */
function startWorker(
  t: TestContext,
  updates: number,
): { worker: Worker; done: Promise<unknown>; ended: Promise<unknown> } {
  const worker = new Worker(new URL(`./shared-worker.${EXTENSION}`, import.meta.url), { workerData: { updates } });
  t.after(() => worker.terminate());
  return {
    worker,
    done: new Promise((resolve) => worker.once('message', resolve)),
    ended: new Promise((resolve) => worker.once('exit', resolve)),
  };
}

/** The shared metrics of all threads, read by this one. */
function createReader(t: TestContext): SharedReader {
  const reader = new SharedReader();
  const channel = openChannel((announcement) => reader.take(announcement));
  channel.say({ kind: 'who' });
  t.after(() => channel.close());
  return reader;
}

test('Metrics in shared memory behave like others: the same random operations, the same exposition', async () => {
  const seeded = new SeededRandom(18);
  const random = (): number => seeded.next();
  const pairs = [{}, { storage: sharedMemory() }].map((options) => {
    const registry = new MetricsRegistry({ maxSeries: 6, ...options });
    const registers = [registry];
    const labelNames = ['a', 'b'] as const;
    return {
      registry,
      counter: new Counter({ name: 'c_total', help: 'C.', labelNames, registers }),
      gauge: new Gauge({ name: 'g', help: 'G.', labelNames, registers }),
      alone: new Gauge({ name: 'alone', help: 'G.', registers }),
      histogram: new Histogram({ name: 'h', help: 'H.', buckets: [1, 2, 5], labelNames, registers }),
      held: new Map<string, ReturnType<Gauge<'a' | 'b'>['labels']>>(),
    };
  });
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  for (let step = 0; step < 3000; step++) {
    const [a, b] = [pick(['x', 'y', 'é']), pick(['1', '2', '"\n'])];
    const value = pick([0, -0, 1, 0.1, 2, 7, 1e300, random() * 10]);
    const operation = Math.floor(random() * 12);
    for (const { registry, counter, gauge, alone, histogram, held } of pairs) {
      if (operation === 0) counter.inc({ a, b });
      else if (operation === 1) counter.inc({ a, b }, value);
      else if (operation === 2) gauge.set({ a, b }, value);
      else if (operation === 3) gauge.dec({ a, b }, value);
      else if (operation === 4) histogram.observe({ a, b }, value);
      else if (operation === 5) alone.set(value);
      else if (operation === 6) held.set(a + b, gauge.labels(a, b));
      else if (operation === 7) held.get(a + b)?.inc(value);
      else if (operation === 8) gauge.remove({ a, b });
      else if (operation === 9 && value === 7) pick([counter, gauge, histogram, alone]);
      else if (operation === 10 && step % 5 === 0) counter.remove({ a, b });
      else if (operation === 11 && step % 40 === 0) [histogram, counter, gauge][step % 3]!.clear();
      void registry;
    }
    if (step % 20 !== 0) continue;
    const [plain, shared] = await Promise.all(pairs.map(({ registry }) => registry.metrics()));
    assert.equal(shared, plain, `after step ${step}`);
  }
});

test('A series in shared memory that is removed and created again does not leave the exposition', async (t) => {
  const registry = new MetricsRegistry({ storage: sharedMemory() });
  const thread = await startThread(t, { registry });
  const jobs = new Counter({ name: 'again_total', help: 'Jobs.', labelNames: ['kind'], registers: [registry] });
  jobs.inc({ kind: 'a' }, 3);
  assert.equal(valueOf(await textOf(thread, '/metrics'), 'again_total{kind="a"}'), 3);
  jobs.remove({ kind: 'a' });
  jobs.inc({ kind: 'a' });
  jobs.inc({ kind: 'b' }, 5);
  const text = await textOf(thread, '/metrics');
  assert.equal(valueOf(text, 'again_total{kind="a"}'), 4); // as of a process that was restarted: counters never fall
  assert.equal(valueOf(text, 'again_total{kind="b"}'), 5);
});

test('Metrics in shared memory are current while the event loop is blocked, series that are new too', async (t) => {
  const registry = new MetricsRegistry({ prefix: 'live_', constantLabels: { shard: '7' }, storage: sharedMemory() });
  const registers = [registry];
  const thread = await startThread(t, { registry });
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers });
  const depth = new Gauge({ name: 'depth', help: 'Depth.', registers });
  const size = new Histogram({ name: 'size', help: 'Size.', buckets: [1], registers });
  for (let i = 1; i <= 500; i++) jobs.inc({ kind: `kind ${i}` }, i);
  depth.set(-2.5);
  size.observe(0.5);
  // The loop has not turned since, and is blocked now.
  const [{ body } = { body: '' }] = blockWhileAsking(`${thread.url}/metrics`, () => true);
  for (const i of [1, 250, 500]) assert.equal(valueOf(body, `live_jobs_total{kind="kind ${i}",shard="7"}`), i);
  assert.equal(valueOf(body, 'live_depth{shard="7"}'), -2.5);
  assert.equal(valueOf(body, 'live_size_sum{shard="7"}'), 0.5);
  assert.equal(body.match(/^# TYPE live_jobs_total /gm)?.length, 1);
  // A removal is seen when the loop turns.
  jobs.remove({ kind: 'kind 250' });
  registry.setDefaultLabels({ shard: '8' });
  const after = await until('the removal to be seen', async () => {
    const text = await textOf(thread, '/metrics');
    return text.includes('shard="8"') ? text : undefined;
  });
  assert.equal(valueOf(after, 'live_jobs_total{kind="kind 250",shard="8"}'), undefined);
  assert.equal(valueOf(after, 'live_jobs_total{kind="kind 500",shard="8"}'), 500);
  registry.removeSingleMetric('depth');
  await until('the metric to be gone', async () =>
    (await textOf(thread, '/metrics')).includes('live_depth') ? undefined : true,
  );
});

test('Shared metrics of worker threads are added up without messages, and stay when threads and server end', async (t) => {
  const metricsThreads = collectWorkers(t);
  const thread = await startThread(t);
  const own = metricsThreads[0]!;
  let messages = 0;
  let ends = 0;
  const channel = new BroadcastChannel('@finpilot/metrics shared memory 1');
  channel.onmessage = (event) => {
    messages++;
    if ((event as { readonly data: Announcement }).data.kind === 'ended') ends++;
  };
  t.after(() => channel.close());
  const total = async () => {
    const body = await textOf(thread, '/metrics');
    return ['even', 'odd'].map((parity) => valueOf(body, `updates_total{parity="${parity}"}`));
  };
  const workers = [startWorker(t, 100_001), startWorker(t, 50_000)];
  await Promise.all(workers.map(({ done }) => done));
  assert.deepEqual(await total(), [75_001, 75_000]);
  await Promise.all(workers.map(({ ended }) => ended));
  await until('their ends to be said', () => ends === 2 || undefined);
  messages = 0;
  assert.deepEqual(await total(), [75_001, 75_000]);
  assert.equal(messages, 0);
  const next = startWorker(t, 10);
  await next.done;
  assert.deepEqual(await total(), [75_006, 75_005]);
  await next.ended;
  // The next metrics thread has not seen any of these threads.
  await own.terminate();
  await until('the server to be back', () => fetch(thread.url).catch(() => undefined));
  assert.deepEqual(await total(), [75_006, 75_005]);
});

test('Histograms in shared memory are never read torn while another thread updates them at full speed', async (t) => {
  const reader = createReader(t);
  const { worker } = startWorker(t, Infinity);
  const histogramOf = () => reader.families().find(({ name }) => name === 'values') as HistogramFamily | undefined;
  await until('the histogram', () => (histogramOf()?.series[0]?.sum ?? 0) > 0 || undefined);
  const seconds = Number(process.env['FINPILOT_TORN_SECONDS'] ?? 0); // 60 by command
  const end = performance.now() + seconds * 1000;
  let torn = 0;
  let reads = 0;
  let last = 0;
  for (; reads < 20_000 || performance.now() < end; reads++) {
    const { bucketCounts, sum } = histogramOf()!.series[0]!;
    const [ones, none, threes] = bucketCounts as [number, number, number];
    if (sum !== ones + 3 * threes || none !== 0 || sum < last || Math.abs(ones - threes) > 1) torn++;
    last = sum;
  }
  await worker.terminate();
  assert.equal(torn, 0, `${torn} of ${reads} reads`);
  assert.ok(last > 0);
  if (seconds > 0) t.diagnostic(`${reads} reads, ${last / 2} updates`);
});

test('sharedMemory() refuses metrics that it cannot hold', () => {
  const create = (options: object) =>
    new Gauge({ name: 'x', help: 'X.', registers: [], storage: sharedMemory(), ...options });
  assert.throws(
    () => create({ aggregator: 'ratio' }),
    /"x" in shared memory: expected another aggregator than "ratio"/,
  );
  assert.throws(() => create({ idleSeconds: 5 }), /expected no idleSeconds/);
  assert.throws(() => create({ registers: [new MetricsRegistry({ idleSeconds: 5 })] }), /expected no idleSeconds/);
  const registers = [new MetricsRegistry({ idleSeconds: 5, storage: sharedMemory() })];
  assert.throws(() => new Gauge({ name: 'x', help: 'X.', registers }), /expected no idleSeconds/);
});

test('Metrics of a registry in shared memory that it cannot hold are reported', async (t) => {
  const registry = new MetricsRegistry({ storage: sharedMemory() });
  const thread = await startThread(t, { registry });
  const registers = [registry];
  new Gauge({ name: 'share', help: 'S.', aggregator: 'ratio', registers }).setRatio(1, 4);
  new Gauge({ name: 'left_out', help: 'O.', aggregator: 'omit', registers }).set(7);
  new Gauge({ name: 'idle', help: 'I.', labelNames: ['a'], idleSeconds: 3600, registers }).set({ a: 'x' }, 2);
  const metrics = createFinpilotMetrics(registry);
  metrics.recordScan({ strategy: 'x', durationSeconds: 1, symbolsScanned: 4, symbolsMatched: 1, signals: {} });
  const text = await textOf(thread, '/metrics');
  assert.equal(valueOf(text, 'share'), 0.25);
  assert.equal(valueOf(text, 'left_out'), 7);
  assert.equal(valueOf(text, 'idle{a="x"}'), 2);
  assert.equal(valueOf(text, 'finpilot_match_rate{strategy="x"}'), 0.25);
  // The others are live.
  metrics.recordScan({ strategy: 'x', durationSeconds: 1, symbolsScanned: 4, symbolsMatched: 1, signals: {} });
  const [{ body } = { body: '' }] = blockWhileAsking(`${thread.url}/metrics`, () => true);
  assert.equal(valueOf(body, 'finpilot_scan_duration_seconds_count{strategy="x"}'), 2);
  assert.equal(valueOf(body, 'finpilot_scans_total{strategy="x"}'), 2);
});

test('Updates of metrics in shared memory refuse what others refuse, and change nothing then', () => {
  const options = { help: 'X.', registers: [], storage: sharedMemory() };
  const counter = new Counter({ name: 'x_total', ...options });
  const gauge = new Gauge({ name: 'x', ...options });
  const histogram = new Histogram({ name: 'h', buckets: [1], ...options });
  for (const amount of [-1, NaN, Infinity, '1', undefined].slice(0, 4)) {
    assert.throws(() => counter.inc(amount as number), /Cannot increase counter "x_total"/);
  }
  counter.inc(null as unknown as number);
  assert.equal(counter.series[0]!.value, 1);
  assert.throws(() => gauge.set('1' as unknown as number), /Cannot change gauge "x"/);
  assert.throws(() => gauge.inc('1' as unknown as number), /Cannot change gauge "x"/);
  assert.equal(gauge.series[0]!.value, 0);
  for (const value of [NaN, Infinity, '1']) assert.throws(() => histogram.observe(value as number), /Cannot observe/);
  assert.throws(() => histogram.labels().observe(1, { id: 'x'.repeat(200) }), /128 characters/);
  assert.deepEqual(histogram.series[0]!.bucketCounts, [0, 0]);
  histogram.labels().observe(1, { id: 'x' });
  assert.equal(histogram.series[0]!.exemplars?.[0]?.labels['id'], 'x');
  counter.labels().inc(2, { id: 'y' });
  assert.deepEqual([counter.series[0]!.value, counter.series[0]!.exemplar?.value], [3, 2]);
});
