import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type OtlpPushOptions, startOtlpPush } from '../../../lib/bridges/otlp/index.ts';
import { Histogram, MetricsRegistry } from '../../../lib/core.ts';
import type { Family } from '../../../lib/model/family.ts';
import { NativeSnapshot, nativeBuckets } from '../../../lib/native/index.ts';
import type { NativeBucketsOptions } from '../../../lib/native/native-buckets.ts';
import { type Answer, fakeGateway, status } from '../../push/fake-gateway.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import type { Decoded } from '../decode-message.ts';
import { decodeOtlp } from './decode-otlp.ts';

/** Pushes a histogram to a strict receiver. */
async function startPush(
  t: TestContext,
  { answers, buckets = {}, ...options }: OtlpPushOptions & { answers?: Answer[]; buckets?: NativeBucketsOptions } = {},
) {
  const gateway = await fakeGateway(t, answers);
  const registry = new MetricsRegistry();
  const about = { name: 'wait', help: 'Wait.', registers: [registry] } as const;
  const histogram = new Histogram({ ...about, buckets: nativeBuckets(buckets) });
  const common = { registry, url: gateway.url, intervalSeconds: Infinity, env: {}, gzip: false, retryDelay: 1 };
  const push = startOtlpPush({ ...common, ...options });
  /** The metrics of the name in each request. */
  const metrics = (): Decoded[] =>
    gateway.seen.map(({ body }) => decodeOtlp(body).metrics.find(({ name }) => name === 'wait'));
  return { registry, histogram, push, metrics };
}

/** Buckets by the bounds between which they count, as the protocol's definition has them: (base^index, base^(index+1)]. */
function boundsOf(buckets: Decoded, scale: number): [lower: number, upper: number, count: number][] {
  const bound = (index: number): number => 2 ** (index * 2 ** -scale);
  const { offset, counts } = buckets ?? { offset: 0, counts: [] };
  return (counts as number[])
    .map((count, i): [number, number, number] => [bound(offset + i), bound(offset + i + 1), count])
    .filter(([, , count]) => count > 0);
}

test('startOtlpPush() sends native buckets as an exponential histogram whose buckets hold the observations', async (t) => {
  const random = new SeededRandom(10);
  for (const bucketFactor of [1.003, 1.1, 2, 65_000]) {
    const { histogram, push, metrics } = await startPush(t, { buckets: { bucketFactor, maxBuckets: Infinity } });
    const values = Array.from({ length: 300 }, () => (random.int(2) === 0 ? -1 : 1) * 10 ** (random.int(100) / 10 - 5));
    values.push(0, 0, 1, 2, 0.5, -1, 1e-300, 4); // powers of two are upper bounds
    for (const value of values) histogram.labels().observe(value, { at: String(value) });
    await push.push();
    const { exponential, ...about } = metrics()[0];
    assert.deepEqual(about, { name: 'wait', description: 'Wait.', metadata: { 'prometheus.type': 'histogram' } });
    assert.equal(exponential.temporality, 2n);
    const [point] = exponential.points;
    const outside = values.filter((value) => Math.abs(value) > point.zeroThreshold);
    assert.equal(point.zeroThreshold, 2 ** -128);
    assert.equal(point.zeroCount, BigInt(values.length - outside.length));
    assert.equal(point.count, BigInt(values.length));
    assert.equal(point.sum, histogram.labels().snapshot().sum);
    for (const sign of [1, -1]) {
      const side = outside.filter((value) => Math.sign(value) === sign).map(Math.abs);
      const buckets = boundsOf(sign === 1 ? point.positive : point.negative, point.scale);
      // Bounds that are no powers of two are rounded here: a value at one may be on either side of it.
      const isClear = (value: number): boolean =>
        buckets.every((bounds) =>
          bounds.slice(0, 2).every((bound) => bound === value || Math.abs(bound / value - 1) > 1e-12),
        );
      for (const [lower, upper, count] of buckets) {
        const inside = side.filter((value) => value > lower && value <= upper);
        if (inside.every(isClear)) assert.equal(count, inside.length, `${lower} to ${upper}`);
      }
      assert.equal(
        buckets.reduce((all, [, , count]) => all + count, 0),
        side.length,
      );
    }
    assert.ok(point.exemplars.length > 1);
    for (const { double, attributes } of point.exemplars) assert.equal(String(double), attributes.at);
  }
});

test('startOtlpPush() joins neighbouring buckets where there would be more than 4096', async (t) => {
  const { histogram, push, metrics } = await startPush(t, { buckets: { maxBuckets: Infinity } });
  const values = [1e-30, 2.5e-30, 1, 3, 1e300, -1e-20, -7];
  for (const value of values) histogram.observe(value);
  await push.push();
  const [point] = metrics()[0].exponential.points;
  assert.equal(point.scale, 1); // of 3: from 1e-30 to 1e300 are 1,097 powers of two
  for (const sign of [1, -1]) {
    const buckets = boundsOf(sign === 1 ? point.positive : point.negative, point.scale);
    for (const value of values.filter((one) => Math.sign(one) === sign).map(Math.abs))
      assert.ok(
        buckets.some(([lower, upper]) => value > lower && value <= upper),
        String(value),
      );
  }
  const { length } = point.positive.counts;
  assert.ok(length > 2000 && length <= 4096, String(length));
  assert.equal(point.count, 7n);
});

test('startOtlpPush() sends the changes of native buckets for delta temporality, whatever their resolution becomes', async (t) => {
  const random = new SeededRandom(11);
  const buckets = { maxBuckets: 20, maxZeroThreshold: 1e-3 };
  const answers = Array.from({ length: 40 }, (_, i) => status(i % 5 === 3 ? 400 : 200));
  const { histogram, push, metrics } = await startPush(t, { temporality: 'delta', answers, buckets });
  const child = histogram.labels();
  let arrived = child.snapshot();
  let hasHalved = false;
  for (let i = 0; i < answers.length; i++) {
    for (let n = random.int(5); n >= 0; n--) child.observe(10 ** (random.int(3 + i) - 5) * (1 + random.int(100) / 100));
    const now = child.snapshot();
    hasHalved ||= now.schema < arrived.schema;
    await push.push().catch(() => undefined);
    const [point] = metrics()[i].exponential.points;
    const expected = now.subtract(arrived);
    assert.equal(point.count, BigInt(expected.count));
    assert.equal(point.scale, expected.schema);
    assert.equal(Number(point.zeroCount), expected.zeroCount);
    assert.equal(point.zeroThreshold, now.zeroThreshold);
    const { offset = 0, counts = [] } = point.positive ?? {};
    const found = (counts as number[]).map((count, k) => [offset + k + 1, count]).filter(([, count]) => count !== 0);
    assert.deepEqual(found, expected.toJSON().positive);
    assert.ok(Math.abs(point.sum - expected.sum) <= 1e-9 * now.sum);
    if (i % 5 !== 3) arrived = now;
  }
  assert.ok(hasHalved);
  assert.ok(arrived.zeroThreshold > 2 ** -128);
});

test('startOtlpPush() begins again with all that a native histogram has counted since it was reset', async (t) => {
  const { histogram, push, metrics } = await startPush(t, { temporality: 'delta' });
  for (const values of [[1, 1, 2], [2], [2, 2, 1, 8, 8]]) {
    if (values.length === 5) histogram.reset();
    for (const value of values) histogram.observe(value);
    await push.push();
  }
  assert.deepEqual(
    metrics().map(({ exponential }) => exponential.points[0].count),
    [3n, 1n, 5n],
  );
});

test('startOtlpPush() sends classic buckets if nativeHistograms is false, or the environment asks for them', async (t) => {
  const variable = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION';
  const explicit = { env: { [variable]: 'explicit_bucket_histogram' } };
  for (const [options, isNative] of [
    [{}, true],
    [{ nativeHistograms: false }, false],
    [explicit, false],
    [{ ...explicit, nativeHistograms: true }, true],
    [{ env: { [variable]: 'base2_exponential_bucket_histogram' } }, true],
  ] as const) {
    const { histogram, push, metrics } = await startPush(t, options);
    for (const value of [0.5, 1, 3]) histogram.observe(value);
    await push.push();
    const { exponential, histogram: classic } = metrics()[0];
    assert.equal(exponential !== undefined, isNative);
    if (isNative) continue;
    assert.deepEqual(classic.points[0].bounds, histogram.upperBounds);
    assert.equal(classic.points[0].count, 3n);
  }
});

test('startOtlpPush() sends series with and without native buckets of a family as two metrics', async (t) => {
  const gateway = await fakeGateway(t);
  const classic = { labelValues: ['classic'], bucketCounts: [1, 0], sum: 1 };
  const { zeroThreshold, ...empty } = { schema: 3, zeroThreshold: 0, zeroCount: 0, sum: 1, positive: [], negative: [] };
  const native = NativeSnapshot.from({ ...empty, zeroThreshold, positive: [[0, 1]] });
  const family = {
    ...{ name: 'wait', help: '', unit: '', labelNames: ['from'], constantLabels: [], cache: new Map() },
    ...{ type: 'histogram', upperBounds: [1] },
    series: [classic, { ...classic, labelValues: ['native'], native }],
  } as Family;
  const registry = { gather: () => Promise.resolve([family]) };
  await startOtlpPush({ registry, url: gateway.url, intervalSeconds: Infinity, env: {}, gzip: false }).push();
  const [first, second] = decodeOtlp(gateway.seen[0]!.body).metrics;
  assert.deepEqual([first.name, second.name], ['wait', 'wait']);
  assert.deepEqual(first.histogram.points[0].attributes, { from: 'classic' });
  assert.deepEqual(second.exponential.points[0].attributes, { from: 'native' });
  assert.deepEqual(second.exponential.points[0].positive, { offset: -1, counts: [1] });
});
