import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOtlpPush } from '../../lib/bridges/otlp/index.ts';
import { startRemoteWrite } from '../../lib/bridges/remote-write/index.ts';
import { Histogram, MetricsRegistry } from '../../lib/core.ts';
import { type NativeBucketsOptions, nativeBuckets } from '../../lib/native/index.ts';
import { Pushgateway } from '../../lib/push/index.ts';
import { memoryWorkers } from '../aggregate/memory-workers.ts';
import { fakeGateway, status } from '../push/fake-gateway.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';
import { recountNative } from '../support/recount-native.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { decodeOtlp } from './otlp/decode-otlp.ts';
import { decodeWrite } from './remote-write/decode-write.ts';

// What is sent of the native histograms that an aggregate has merged, compared with a recount of what its workers have observed.

function fleet() {
  const { aggregation, start } = memoryWorkers({ timeoutSeconds: 3600 });
  const observed: number[] = [];
  const spawn = (options: NativeBucketsOptions = {}) => {
    const registers = [new MetricsRegistry()];
    const histogram = new Histogram({ name: 'wait', help: 'Wait.', buckets: nativeBuckets(options), registers });
    const worker = start(registers[0]!);
    const observe = (...values: readonly number[]): void => {
      observed.push(...values);
      for (const value of values) histogram.observe(value);
    };
    return { observe, worker };
  };
  return { aggregation, observed, spawn };
}

/** Two workers of other resolutions and zero buckets, and what both have observed. */
function twoWorkers() {
  const { aggregation, observed, spawn } = fleet();
  spawn().observe(0.5, 0.75, 3, -2, 0);
  spawn({ bucketFactor: 2, zeroThreshold: 0.3 }).observe(0.25, 0.5, 1.5, -2);
  return { aggregation, observed, ...recountNative(observed, 0, 0.3) };
}

const populated = (pairs: readonly (readonly [number, number])[]) => pairs.filter(([, count]) => count > 0);

test('startRemoteWrite() sends the native histograms of an aggregate', async (t) => {
  const gateway = await fakeGateway(t, [
    (response) =>
      response
        .writeHead(204, {
          'x-prometheus-remote-write-samples-written': 100,
          'x-prometheus-remote-write-histograms-written': 1,
        })
        .end(),
  ]);
  const { aggregation, observed, zeroCount, positive, negative } = twoWorkers();
  const labels = { job: 'shop', instance: 'a' };
  const common = { registry: aggregation, labels, url: gateway.url, intervalSeconds: Infinity };
  await startRemoteWrite({ ...common, nativeHistograms: true }).push();
  const { native, value } = decodeWrite(gateway.seen[0]!.body, 2).series.find(({ key }) => key.startsWith('wait{'))!;
  assert.equal(value, observed.length);
  const { spanCount, ...counts } = native!;
  assert.deepEqual(counts, { schema: 0, zeroThreshold: 0.3, zeroCount, sum: 2.5, positive, negative });
});

test('Pushgateway.push() sends the native histograms of an aggregate by protobuf, and classic buckets as text', async (t) => {
  const gateway = await fakeGateway(t, [status(200)]);
  const { aggregation, observed, zeroCount, positive, negative } = twoWorkers();
  await new Pushgateway(gateway.url, { format: 'protobuf' }, aggregation).push({ jobName: 'shop' });
  await new Pushgateway(gateway.url, aggregation).push({ jobName: 'shop' });
  const [first, second] = gateway.seen;
  const { native, count } = decodeProtobuf(first!.body).find(({ name }) => name === 'wait')!.metrics[0]!;
  assert.deepEqual(
    [count, native!.zeroCount, populated(native!.positive), populated(native!.negative)],
    [observed.length, zeroCount, positive, negative],
  );
  const upTo1 = observed.filter((value) => value <= 1).length;
  assert.match(second!.body.toString(), new RegExp(`^wait_bucket\\{le="1.0"\\} ${upTo1}$`, 'm'));
});

test('startOtlpPush() sends each observation of an aggregate once by delta temporality, while workers come and go', async (t) => {
  const random = new SeededRandom(41);
  const gateway = await fakeGateway(t, [status(200)]);
  const { aggregation, observed, spawn } = fleet();
  const common = { registry: aggregation, url: gateway.url, intervalSeconds: Infinity, env: {}, gzip: false } as const;
  const push = startOtlpPush({ ...common, temporality: 'delta' });
  const options = [
    {},
    { maxBuckets: 5 },
    { bucketFactor: 1.01 },
    { zeroThreshold: 0.6, bucketFactor: 2 },
    { zeroThreshold: 3 },
  ];
  const workers = [spawn()];
  let arrived = 0;
  for (let round = 0; round < 25; round++) {
    const before = observed.length;
    for (const { observe } of workers) observe((1 + random.int(64)) / 32, (random.int(3) - 1) * random.int(8));
    await push.push();
    const { metrics } = decodeOtlp(gateway.seen.at(-1)!.body);
    const [point] = metrics.find(({ name }: { name: string }) => name === 'wait').exponential.points;
    const inBuckets = [point.positive, point.negative].flatMap((buckets) => (buckets?.counts ?? []) as number[]);
    const total = inBuckets.reduce((sum, count) => sum + count, Number(point.zeroCount));
    assert.deepEqual([Number(point.count), total], [observed.length - before, observed.length - before]);
    arrived += total;
    if (round % 3 === 0) workers.push(spawn(options[(round / 3) % options.length]));
    if (round % 4 === 3) {
      const { worker } = workers.shift()!;
      await worker.report();
      worker.kill();
    }
  }
  assert.equal(arrived, observed.length);
});

test('startOtlpPush() goes on with the changes of an aggregate that counts since an earlier time than before', async (t) => {
  const now = performance.now.bind(performance);
  let ahead = 0;
  t.mock.method(performance, 'now', () => now() + ahead);
  const gateway = await fakeGateway(t, [status(200)]);
  const { aggregation, spawn } = fleet();
  const { observe } = spawn({ maxBuckets: 1, minResetDuration: 10 });
  observe(1);
  ahead = 20_000;
  observe(4); // resets the series, and is counted
  const common = { registry: aggregation, url: gateway.url, intervalSeconds: Infinity, env: {}, gzip: false } as const;
  const push = startOtlpPush({ ...common, temporality: 'delta' });
  await push.push();
  spawn().observe(8, 8);
  await push.push();
  const counts = gateway.seen.map(({ body }) => {
    const { metrics } = decodeOtlp(body);
    return metrics.find(({ name }: { name: string }) => name === 'wait').exponential.points[0].count;
  });
  assert.deepEqual(counts, [1n, 2n]);
});
