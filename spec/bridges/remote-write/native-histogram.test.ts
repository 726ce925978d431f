import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type HeadersHook, startRemoteWrite } from '../../../lib/bridges/remote-write/index.ts';
import { Histogram, MetricsRegistry } from '../../../lib/core.ts';
import { nativeBuckets } from '../../../lib/native/index.ts';
import { type Answer, fakeGateway, status } from '../../push/fake-gateway.ts';
import { collectWarnings } from '../../support/collect-warnings.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { type DecodedSeries, decodeWrite } from './decode-write.ts';

/** A receiver of 2.0 that counts native histograms apart from other samples, as Prometheus does. */
const second: Answer = (response, { body }) => {
  const { series } = decodeWrite(body, 2);
  const histograms = series.filter(({ native }) => native !== undefined).length;
  response
    .writeHead(204, {
      'x-prometheus-remote-write-samples-written': series.length - histograms,
      'x-prometheus-remote-write-histograms-written': histograms,
    })
    .end();
};

async function startPush(
  t: TestContext,
  answers: readonly Answer[] = [second],
  nativeHistograms = true,
  headers: HeadersHook = () => ({}),
) {
  const gateway = await fakeGateway(t, answers);
  const registry = new MetricsRegistry();
  const about = { name: 'wait', help: 'Wait.', registers: [registry] } as const;
  const histogram = new Histogram({ ...about, labelNames: ['k'], buckets: nativeBuckets() });
  const labels = { job: 'shop', instance: 'a' };
  const push = startRemoteWrite({
    ...{ registry, labels, nativeHistograms, headers, url: gateway.url, intervalSeconds: Infinity, retryDelay: 1 },
  });
  /** The series of the histogram in each request. */
  const requests = (): DecodedSeries[][] =>
    gateway.seen.map(({ headers, body }) => {
      const version = headers['x-prometheus-remote-write-version'] === '2.0.0' ? 2 : 1;
      return decodeWrite(body, version).series.filter(({ key }) => key.startsWith('wait'));
    });
  return { histogram, push, requests };
}

test('startRemoteWrite() sends native buckets as spans and deltas, by 2.0 and 1.0', async (t) => {
  const random = new SeededRandom(12);
  for (const answers of [[second], [status(415), status(204)]]) {
    const { histogram, push, requests } = await startPush(t, answers);
    const kinds = [
      () => 0,
      () => 1 + random.int(1000) / 1000,
      () => (random.int(100) - 50) / 7,
      () => 10 ** (random.int(30) - 15),
    ];
    const children = kinds.map((_, k) => histogram.labels({ k }));
    children.forEach((child, k) => {
      for (let i = 0; i < 400; i++) child.observe(kinds[k]!());
    });
    await push.push();
    const series = requests().at(-1)!;
    assert.equal(series.length, kinds.length);
    children.forEach((child, k) => {
      const { schema, sum, zeroThreshold, zeroCount, positive, negative } = child.snapshot().toJSON();
      const { key, value, native, time, start } = series[k]!;
      assert.equal(key, `wait{instance="a",job="shop",k="${k}"}`);
      assert.equal(value, 400);
      const { spanCount, ...rest } = native!;
      assert.deepEqual(rest, { schema, sum, zeroThreshold, zeroCount, positive, negative });
      // Gaps of one or two buckets are cheaper than a span.
      const indexes = [positive, negative].map((side) => side.map(([index]) => index));
      const gaps = indexes.flatMap((side) => side.map((index, i) => index - (side[i - 1] ?? -Infinity) - 1));
      assert.equal(spanCount, gaps.filter((gap) => gap > 2).length);
      if (answers.length === 1) assert.ok(start! <= time);
      else assert.equal(start, undefined);
    });
  }
});

test('startRemoteWrite() ends a native series with one stale marker', async (t) => {
  const { histogram, push, requests } = await startPush(t);
  for (const k of [1, 2]) histogram.observe({ k }, k);
  await push.push();
  histogram.remove({ k: 1 });
  await push.push();
  await push.close();
  const stale = requests().map((series) => series.filter(({ value }) => value === 'stale').map(({ key }) => key));
  const keyOf = (k: number): string => `wait{instance="a",job="shop",k="${k}"}`;
  assert.deepEqual(stale, [[], [keyOf(1)], [], [keyOf(2)]]);
});

test('startRemoteWrite() sends each exemplar once, in the order of their times and values', async (t) => {
  let now = 1_764_288_000_000;
  t.mock.method(Date, 'now', () => now);
  const { histogram, push, requests } = await startPush(t, [second, status(400), second]);
  const pushed: string[][] = [];
  for (const values of [[8, 2, 32], [0.5], [4, 1024], []]) {
    now += 1;
    for (const value of values) {
      histogram.labels({ k: 1 }).observe(value, { v: String(value) });
      if (value === 8) now += 5;
    }
    now += 1000;
    await push.push().catch(() => undefined);
    const [series] = requests().at(-1)!;
    pushed.push((series!.exemplars ?? []).map(({ labels, time }) => `${labels['v']} ${time - 1_764_288_000_001}`));
  }
  // The second push was refused: perhaps after its exemplars were stored, and then again they would be out of order.
  assert.deepEqual(pushed, [['8 0', '2 5', '32 5'], ['0.5 1006'], ['4 2007', '1024 2007'], []]);
});

test('startRemoteWrite() sends classic buckets to a Prometheus without native histograms, and stays with them', async (t) => {
  const warnings = await collectWarnings(t);
  const disabled = status(500, 'native histograms are disabled\n');
  const classic: Answer = (response, { body }) => {
    const written = decodeWrite(body, 2).series.length;
    response.writeHead(204, { 'x-prometheus-remote-write-samples-written': written }).end();
  };
  const { histogram, push, requests } = await startPush(t, [disabled, classic]);
  histogram.observe({ k: 1 }, 3);
  await push.push();
  await push.push();
  const all = requests();
  assert.equal(all.length, 3);
  assert.deepEqual(
    all.map((series) => series.length),
    [1, histogram.upperBounds.length + 3, histogram.upperBounds.length + 3],
  );
  assert.ok(all[1]!.some(({ key, value }) => key === 'wait_count{instance="a",job="shop",k="1"}' && value === 1));
  assert.deepEqual(warnings, []);
});

test('startRemoteWrite() sends classic buckets if nativeHistograms is false', async (t) => {
  const { histogram, push, requests } = await startPush(t, [second], false);
  histogram.observe({ k: 1 }, 3);
  await push.push();
  assert.equal(requests()[0]!.length, histogram.upperBounds.length + 3);
});

test('startRemoteWrite() gives up native buckets for what a receiver says, not for an error of headers()', async (t) => {
  let hasToken = false;
  const { histogram, push, requests } = await startPush(t, [second], true, () => {
    if (!hasToken) throw new Error('native histograms are disabled');
    return {};
  });
  histogram.observe({ k: 1 }, 2);
  await assert.rejects(push.push(), /disabled/);
  hasToken = true;
  await push.push();
  assert.deepEqual(
    requests().map((series) => series.map(({ native }) => native?.positive.length)),
    [[1]],
  );
});
