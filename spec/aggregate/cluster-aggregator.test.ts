import assert from 'node:assert/strict';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { ClusterAggregator } from '../../lib/aggregate/index.ts';
import { PROTOCOL } from '../../lib/aggregate/message.ts';
import { PrometheusExporter } from '../../lib/core.ts';
import type { HistogramSeries } from '../../lib/model/family.ts';
import { parse } from '../../lib/parse/index.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';
import { forkedWorkers } from '../support/forked-workers.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { recountNative } from '../support/recount-native.ts';
import { sampleOf } from '../support/sample-of.ts';
import type { Order } from './application.ts';
import { valuesOf } from './memory-workers.ts';

// Real processes of node:cluster: this file is the primary.

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0';

const { kill } = forkedWorkers;

/** Starts a worker; resolves when it reports. It is killed at the end of the test. */
function fork(t: TestContext): Promise<Worker> {
  return forkedWorkers.fork(t, new URL(`./cluster-worker.${EXTENSION}`, import.meta.url));
}

function tell(worker: Worker, order: Order): Promise<void> {
  return forkedWorkers.tell(worker, order);
}

function aggregatorOf(t: TestContext, timeoutSeconds = 60): ClusterAggregator {
  const aggregator = new ClusterAggregator({ timeoutSeconds });
  t.after(() => aggregator.close());
  return aggregator;
}

const JOBS = 'jobs_total{kind="a\\"b\\n"}';

test('ClusterAggregator merges the metrics of real workers, those forked before it too, in every format', async (t) => {
  const early = await fork(t);
  const aggregator = aggregatorOf(t);
  const workers = [early, await fork(t), await fork(t)];
  for (const [i, worker] of workers.entries()) await tell(worker, { order: 'count', amount: i + 1 });
  const exporter = new PrometheusExporter(aggregator);
  const text = new TextDecoder().decode(await exporter.render());
  const families = parseExposition(text);
  assert.equal(sampleOf(families, 'jobs_total', { kind: 'a"b\n' }), 6);
  assert.equal(sampleOf(families, 'job_duration_seconds_bucket', { le: '2.0' }), 2);
  assert.equal(sampleOf(families, 'job_duration_seconds_count'), 3);
  assert.equal(sampleOf(families, 'job_duration_seconds_sum'), 6);
  assert.equal(sampleOf(families, 'open_jobs'), 6);
  assert.equal(sampleOf(families, 'most_jobs'), 3);
  assert.equal(sampleOf(families, 'metrics_client_workers', { state: 'reporting' }), 3);
  const openMetrics = parse(
    new TextDecoder().decode(await exporter.render(OPEN_METRICS)),
    exporter.contentType(OPEN_METRICS),
  );
  const duration = openMetrics.find(({ name }) => name === 'job_duration_seconds')!;
  assert.equal(duration.unit, 'seconds');
  const traces = duration.samples.map(({ exemplar }) => exemplar?.labels.get('trace_id'));
  assert.deepEqual(
    traces.filter((trace) => trace !== undefined),
    workers.map(({ id }) => `trace-${id}`),
  );
  const protobuf = await exporter.render(
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  );
  const wait = decodeProtobuf(protobuf).find(({ name }) => name === 'job_wait_seconds')!.metrics[0]!;
  assert.deepEqual([wait.count, wait.sum], [3, 6]);
  assert.deepEqual(
    wait.native!.positive.filter(([, count]) => count > 0),
    recountNative([1, 2, 3], 3, 0).positive,
  );
});

test('ClusterAggregator keeps the counts of workers that are killed, and counts on with those that replace them', async (t) => {
  const aggregator = aggregatorOf(t);
  let workers = [await fork(t), await fork(t)];
  let expected = 0;
  let before = 0;
  for (let round = 0; round < 4; round++) {
    for (const worker of workers) {
      await tell(worker, { order: 'count', amount: 2 });
      expected += 2;
    }
    await aggregator.gather();
    // In the middle of a gather, which it may or may not have answered: what was gathered before counts either way.
    const [victim, survivor] = workers as [Worker, Worker];
    const gathering = aggregator.gather();
    await kill(victim);
    for (const families of [await gathering, await aggregator.gather()]) {
      const values = valuesOf(families);
      const jobs = values.get(JOBS)!;
      assert.ok(jobs >= before);
      before = jobs;
      assert.equal(jobs, expected);
      assert.equal(values.get('job_duration_seconds_bucket{bucket="1"}'), expected / 2);
      const wait = families.find(({ name }) => name === 'job_wait_seconds')!.series[0] as HistogramSeries;
      assert.deepEqual([wait.native!.count, wait.native!.sum], [expected / 2, expected]);
    }
    assert.equal(valuesOf(await aggregator.gather()).get('open_jobs{}'), 2);
    workers = [survivor, await fork(t)];
  }
});

test('ClusterAggregator serves the last values of a worker that hangs, and those of the others as they are', async (t) => {
  const aggregator = aggregatorOf(t, 0.5);
  const [hung, well] = [await fork(t), await fork(t)];
  for (const worker of [hung, well]) await tell(worker, { order: 'count', amount: 1 });
  // Both have answered, however busy the machine.
  while (valuesOf(await aggregator.gather()).get(JOBS) !== 2);
  await tell(hung, { order: 'hang', amount: 60_000 });
  await tell(well, { order: 'count', amount: 10 });
  let values = valuesOf(await aggregator.gather());
  while (values.get(JOBS) !== 12) values = valuesOf(await aggregator.gather());
  assert.equal(values.get('metrics_client_workers{state="late"}'), 1);
  assert.ok(values.get('metrics_client_late_reports_total{}')! >= 1);
  await kill(hung);
  assert.equal(valuesOf(await aggregator.gather()).get(JOBS), 12);
});

test('A scrape of a ClusterAggregator ends by its own deadline while a worker hangs, whatever the timeout of the aggregator', async (t) => {
  const aggregator = aggregatorOf(t, 3600);
  const worker = await fork(t);
  await tell(worker, { order: 'count', amount: 1 });
  while (valuesOf(await aggregator.gather()).get(JOBS) !== 1);
  await tell(worker, { order: 'hang', amount: 3_600_000 });
  const patient = aggregator.gather();
  const text = await new PrometheusExporter(aggregator).render(undefined, { timeoutSeconds: 0.1 });
  const families = parseExposition(new TextDecoder().decode(text));
  assert.equal(sampleOf(families, 'jobs_total', { kind: 'a"b\n' }), 1);
  assert.equal(sampleOf(families, 'metrics_client_workers', { state: 'late' }), 1);
  assert.equal(sampleOf(families, 'metrics_client_late_reports_total'), 0);
  await kill(worker);
  assert.equal(valuesOf(await patient).get(JOBS), 1);
});

test('ClusterAggregator survives a worker that could not be started, which has no channel', async (t) => {
  const aggregator = aggregatorOf(t, 0.01);
  // What Node emits if it is out of file descriptors: `worker.process.send` does not exist, so `worker.send()` throws.
  const send = (): never => {
    throw new TypeError('Function.prototype.apply was called on undefined, which is a undefined and not a function');
  };
  const failed = { id: 1e6, send, isConnected: () => false } as unknown as Worker;
  cluster.emit('fork', failed);
  assert.equal(valuesOf(await aggregator.gather()).get('metrics_client_workers{state="reporting"}'), 0);
  cluster.emit('message', failed, { protocol: PROTOCOL, kind: 'hello', reporter: 'x' });
  cluster.emit('exit', failed, 1, '');
  cluster.emit('exit', failed, 1, '');
});

test('ClusterAggregator loses only the families of a collector that fails in a worker', async (t) => {
  const aggregator = aggregatorOf(t);
  const [failing, well] = [await fork(t), await fork(t)];
  await tell(failing, { order: 'fail' });
  const values = valuesOf(await aggregator.gather());
  assert.equal(values.get(`flaky_value{worker="${failing.id}"}`), undefined);
  assert.equal(values.get(`flaky_value{worker="${well.id}"}`), 1);
  assert.equal(values.get('metrics_client_collector_failures_total{collector="flaky"}'), 1);
});

test('ClusterAggregator leaves messages of others alone, and survives those that look like ours', async (t) => {
  const warnings = await collectWarnings(t);
  const aggregator = aggregatorOf(t);
  const worker = await fork(t);
  await tell(worker, { order: 'count', amount: 5 });
  const foreign = [
    null,
    1,
    'text',
    { type: 'ours' },
    { protocol: PROTOCOL },
    { protocol: PROTOCOL, kind: 'report', reporter: 'x' },
  ];
  for (const message of foreign) await tell(worker, { order: 'say', message });
  assert.equal(valuesOf(await aggregator.gather()).get(JOBS), 5);
  assert.deepEqual(warnings, []);
});

test('MetricsReporter.report() brings what a worker counted right before its end', async (t) => {
  const aggregator = aggregatorOf(t);
  const worker = await fork(t);
  await aggregator.gather();
  const gone = once(worker, 'disconnect');
  worker.send({ order: 'end' } satisfies Order);
  await gone;
  assert.equal(valuesOf(await aggregator.gather()).get(JOBS), 4);
});

test('MetricsReporter.stop() ends the reports of a worker; what it counted stays', async (t) => {
  const aggregator = aggregatorOf(t);
  const worker = await fork(t);
  await tell(worker, { order: 'count', amount: 5 });
  await aggregator.gather();
  await tell(worker, { order: 'stop' });
  const values = valuesOf(await aggregator.gather());
  assert.equal(values.get(JOBS), 5);
  assert.equal(values.get('open_jobs{}'), undefined);
  assert.equal(values.get('metrics_client_workers{state="reporting"}'), 0);
});

test('Two ClusterAggregators of one primary gather the same, each for itself', async (t) => {
  const [first, second] = [aggregatorOf(t), aggregatorOf(t)];
  const worker = await fork(t);
  for (const amount of [1, 2]) {
    await tell(worker, { order: 'count', amount });
    for (const aggregator of [first, second])
      assert.equal(valuesOf(await aggregator.gather()).get(JOBS), amount === 1 ? 1 : 3);
  }
});

test('ClusterAggregator.close() takes its listeners off', async (t) => {
  const count = () => ['fork', 'message', 'disconnect', 'exit'].map((event) => cluster.listenerCount(event));
  const before = count();
  const aggregator = aggregatorOf(t);
  assert.notDeepEqual(count(), before);
  aggregator.close();
  assert.deepEqual(count(), before);
});
