import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type RemoteWriteOptions, startRemoteWrite } from '../../../lib/bridges/remote-write/index.ts';
import { Counter, Gauge, Histogram, MetricsRegistry } from '../../../lib/core.ts';
import type { Family, Gatherer } from '../../../lib/model/family.ts';
import { type Answer, fakeGateway, status } from '../../push/fake-gateway.ts';
import { everyKind } from '../every-kind.ts';
import { type DecodedSeries, decodeWrite } from './decode-write.ts';

const NOW = 1_764_288_000_500;
const LABELS = { job: 'shop', instance: 'a' };

/** A receiver of 2.0 that takes everything. */
const second: Answer = (response, { body }) => {
  const { series } = decodeWrite(body, 2);
  response.writeHead(204, { 'x-prometheus-remote-write-samples-written': series.length }).end();
};

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly series: DecodedSeries[];
  readonly metadata: readonly { readonly family: string; readonly type: bigint; readonly help: string }[];
}

async function receiver(
  t: TestContext,
  registry: Gatherer,
  answers: readonly Answer[] = [second],
  options: Partial<RemoteWriteOptions> = {},
) {
  const gateway = await fakeGateway(t, answers);
  t.mock.method(Date, 'now', () => NOW);
  const url = `${gateway.url}/api/v1/write`;
  const push = startRemoteWrite({
    registry,
    url,
    labels: LABELS,
    intervalSeconds: Infinity,
    retryDelay: 1,
    ...options,
  });
  const requests = (): Request[] =>
    gateway.seen.map(({ headers, body }) => {
      const version = headers['x-prometheus-remote-write-version'] === '2.0.0' ? 2 : 1;
      return { headers, ...decodeWrite(body, version) };
    });
  return { push, requests };
}

const own = ({ key }: DecodedSeries): boolean => !key.startsWith('metrics_client');

test('startRemoteWrite() sends every series by 2.0, with sorted labels and the names of a scrape', async (t) => {
  const { push, requests } = await receiver(t, everyKind().registry);
  await push.push();
  const [request] = requests();
  const { headers, series } = request!;
  assert.equal(headers['content-type'], 'application/x-protobuf;proto=io.prometheus.write.v2.Request');
  assert.equal(headers['content-encoding'], 'snappy');
  assert.equal(headers['x-prometheus-remote-write-version'], '2.0.0');
  assert.match(headers['user-agent']!, /^@finpilot\/metrics/);
  const rest = 'instance="a",job="shop"';
  assert.deepEqual(
    series.filter(own).map(({ key, value }) => `${key} ${value}`),
    [
      `scans_total{${rest},region="eu",strategy="swing"} 3`,
      `scans_total{${rest},region="eu",strategy="a|b,c;d=e:f#g h"} 0.5`,
      `scans_total{${rest},region="eu"} 2`,
      ...[7, -2.5, NaN, Infinity].map((value, i) => `depth{i="${i}",${rest},region="eu"} ${value}`),
      ...[1, 3, 4].map(
        (value, i) => `wait_seconds_bucket{${rest},le="${['1.0', '2.0', '4.0'][i]}",region="eu"} ${value}`,
      ),
      `wait_seconds_bucket{${rest},le="+Inf",region="eu"} 4`,
      `wait_seconds_sum{${rest},region="eu"} 6.5`,
      `wait_seconds_count{${rest},region="eu"} 4`,
      `size_bytes{${rest},quantile="0.5",region="eu"} 100`,
      `size_bytes_sum{${rest},region="eu"} 200`,
      `size_bytes_count{${rest},region="eu"} 2`,
      `build_info{${rest},region="eu",version="1.4"} 1`,
      `phase{${rest},phase="on",region="eu"} 1`,
      `phase{${rest},phase="off",region="eu"} 0`,
      `age_bucket{${rest},le="1.0",region="eu"} 2`,
      `age_bucket{${rest},le="+Inf",region="eu"} 3`,
      `age_gsum{${rest},region="eu"} 5`,
      `age_gcount{${rest},region="eu"} 3`,
    ],
  );
  assert.ok(series.every(({ time }) => time === NOW));
  const types = new Map(series.map(({ key, type, help }) => [key.split(/[{_]/)[0]!, [type, help]]));
  assert.deepEqual(types.get('scans'), [1, 'Scans.']);
  assert.deepEqual(types.get('depth'), [2, 'Depth.']);
  assert.deepEqual(types.get('wait'), [3, 'Wait.']);
  assert.deepEqual(types.get('size'), [5, 'Size.']);
  assert.deepEqual(types.get('build'), [6, 'Build.']);
  assert.deepEqual(types.get('phase'), [7, 'Phase.']);
  assert.deepEqual(types.get('age'), [4, 'Age.']);
});

const EXEMPLAR = { labels: { trace_id: 'abc' }, value: 0.5, timestampSeconds: 1_764_287_999.25 };
const WITH_EXEMPLARS: readonly Family[] = [
  {
    ...{ name: 'wait_seconds', help: 'Wait.', unit: 'seconds', labelNames: [], constantLabels: [], cache: new Map() },
    ...{ type: 'histogram', hasExemplars: true, upperBounds: [1], createdSeconds: 1_764_280_000.125 },
    series: [{ labelValues: [], bucketCounts: [1, 0], sum: 0.5, exemplars: [EXEMPLAR, undefined] }],
  },
];

test('startRemoteWrite() sends exemplars, units and start times', async (t) => {
  const { push, requests } = await receiver(t, { gather: () => Promise.resolve(WITH_EXEMPLARS) });
  await push.push();
  const [bucket, last] = requests()[0]!.series;
  assert.deepEqual(bucket!.exemplars, [{ labels: { trace_id: 'abc' }, value: 0.5, time: 1_764_287_999_250 }]);
  assert.equal(last!.exemplars, undefined);
  assert.deepEqual([bucket!.unit, bucket!.start], ['seconds', 1_764_280_000_125]);
});

test('startRemoteWrite() falls back to 1.0 for 415, or a success that does not count, and stays there', async (t) => {
  for (const answer of [status(415), status(204)]) {
    const { push, requests } = await receiver(t, everyKind().registry, [answer, status(204)]);
    await push.push();
    await push.push();
    const all = requests();
    assert.deepEqual(
      all.map(({ headers }) => headers['x-prometheus-remote-write-version']),
      ['2.0.0', '0.1.0', '0.1.0'],
    );
    assert.equal(all[1]!.headers['content-type'], 'application/x-protobuf');
    assert.deepEqual(
      all[1]!.series.filter(own).map(({ key, value }) => [key, value]),
      all[0]!.series.filter(own).map(({ key, value }) => [key, value]),
    );
    const about = all[1]!.metadata.find(({ family }) => family === 'scans_total');
    assert.deepEqual([about?.type, about?.help], [1n, 'Scans.']);
  }
});

test('startRemoteWrite() takes no status of an error that headers() threw for an answer', async (t) => {
  let isRefused = true;
  const headers = (): Record<string, string> => {
    if (isRefused) throw Object.assign(new Error('no token'), { status: 415 });
    return {};
  };
  const { push, requests } = await receiver(t, everyKind().registry, [second], { headers });
  await assert.rejects(push.push(), /no token/);
  isRefused = false;
  await push.push();
  assert.deepEqual(
    requests().map((request) => request.headers['x-prometheus-remote-write-version']),
    ['2.0.0'],
  );
});

test('startRemoteWrite() sends exemplars by 1.0 too', async (t) => {
  const { push, requests } = await receiver(t, { gather: () => Promise.resolve(WITH_EXEMPLARS) }, [
    status(415),
    status(200),
  ]);
  await push.push();
  assert.deepEqual(requests()[1]!.series[0]!.exemplars, [
    { labels: { trace_id: 'abc' }, value: 0.5, time: 1_764_287_999_250 },
  ]);
});

test('startRemoteWrite() ends removed series with stale markers, once, and all with close()', async (t) => {
  const registry = new MetricsRegistry();
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['a', 'b'], registers: [registry] });
  for (const a of ['1', '2']) for (const b of ['x', 'y']) jobs.inc({ a, b });
  const depth = new Gauge({ name: 'depth', help: 'Depth.', registers: [registry] });
  depth.set(1);
  let collected = ['k', 'l'];
  registry.registerCollector({
    name: 'own',
    collect: () => [
      {
        name: 'own',
        help: 'Own.',
        type: 'gauge',
        labelNames: ['v'],
        series: collected.map((v) => ({ labelValues: [v], labels: { v }, value: 1 })),
      },
    ],
  } as never);
  const { push, requests } = await receiver(t, registry);
  await push.push();
  jobs.remove({ a: '1', b: 'x' });
  registry.unregister(depth);
  collected = ['l'];
  await push.push();
  await push.push();
  await push.close();
  const stale = requests().map(({ series }) =>
    series
      .filter((one) => own(one) && one.value === 'stale')
      .map(({ key }) => key.replace('instance="a",job="shop"', '…')),
  );
  assert.deepEqual(stale[0], []);
  assert.deepEqual(stale[1]!.sort(), ['depth{…}', 'jobs_total{a="1",b="x",…}', 'own{…,v="k"}']);
  assert.deepEqual(stale[2], []);
  assert.deepEqual(stale[3], []);
  assert.deepEqual(stale[4]!.sort(), [
    'jobs_total{a="1",b="y",…}',
    'jobs_total{a="2",b="x",…}',
    'jobs_total{a="2",b="y",…}',
    'own{…,v="l"}',
  ]);
  assert.ok(requests()[4]!.series.every(({ value, time }) => value === 'stale' && time === NOW + 1));
});

test('startRemoteWrite() does not end series that a metric of another shape has, too', async (t) => {
  const registry = new MetricsRegistry();
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['a'], registers: [registry] });
  jobs.inc({ a: '1' });
  jobs.inc({ a: '2' });
  const wait = new Histogram({ name: 'wait', help: 'Wait.', buckets: [1, 2], registers: [registry] });
  wait.observe(1);
  const { push, requests } = await receiver(t, registry);
  await push.push();
  registry.unregister(jobs);
  registry.unregister(wait);
  const wider = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['b', 'a'], registers: [registry] });
  wider.inc({ a: '1', b: '' }, 5);
  new Histogram({ name: 'wait', help: 'Wait.', buckets: [1, 3], registers: [registry] }).observe(1);
  await push.push();
  const { series } = requests().at(-1)!;
  const values = series.filter(own).map(({ key, value }) => [key.replace('instance="a",job="shop"', '…'), value]);
  assert.deepEqual(values, [
    ['jobs_total{a="2",…}', 'stale'],
    ['wait_bucket{…,le="2.0"}', 'stale'],
    ['jobs_total{a="1",…}', 5],
    ['wait_bucket{…,le="1.0"}', 1],
    ['wait_bucket{…,le="3.0"}', 1],
    ['wait_bucket{…,le="+Inf"}', 1],
    ['wait_sum{…}', 1],
    ['wait_count{…}', 1],
  ]);
});

test('startRemoteWrite() marks what was removed while the receiver was down as soon as it is back', async (t) => {
  const registry = new MetricsRegistry();
  const depth = new Gauge({ name: 'depth', help: 'Depth.', labelNames: ['q'], registers: [registry] });
  depth.set({ q: 'a' }, 1);
  const { push, requests } = await receiver(t, registry, [second, status(400), second]);
  await push.push();
  depth.remove({ q: 'a' });
  await assert.rejects(push.push(), /failed with status 400/);
  await push.push();
  const last = requests().at(-1)!.series.filter(own);
  assert.deepEqual(
    last.map(({ value }) => value),
    ['stale'],
  );
});

test('startRemoteWrite() asks again after 5xx and 429, and not after other refusals', async (t) => {
  const { registry } = everyKind();
  for (const [answers, count, expected] of [
    [[status(500), status(501), status(429), second], 4, undefined],
    [[status(400, 'out of order')], 1, /failed with status 400, out of order/],
    [[status(404)], 1, /Check that the URL is the one of a remote-write receiver/],
  ] as const) {
    const { push, requests } = await receiver(t, registry, answers);
    if (expected === undefined) await push.push();
    else await assert.rejects(push.push(), expected);
    assert.equal(requests().length, count);
  }
});

test('startRemoteWrite() rejects if fewer samples were written than sent', async (t) => {
  const few: Answer = (response) => response.writeHead(200, { 'x-prometheus-remote-write-samples-written': 1 }).end();
  const { push } = await receiver(t, everyKind().registry, [few]);
  await assert.rejects(push.push(), /expected \d+ samples to be written, got 1$/);
});

test('startRemoteWrite() splits a large registry into requests, and labels of a series come before those of all', async (t) => {
  const registry = new MetricsRegistry();
  const many = new Gauge({ name: 'many', help: 'Many.', labelNames: ['i', 'job'], registers: [registry] });
  for (let i = 0; i < 30_000; i++) many.set({ i, job: 'own' }, i);
  const { push, requests } = await receiver(t, registry);
  await push.push();
  assert.ok(requests().length > 1);
  const keys = requests().flatMap(({ series }) => series.filter(own).map(({ key, value }) => `${key} ${value}`));
  assert.deepEqual(
    keys,
    Array.from({ length: 30_000 }, (_, i) => `many{i="${i}",instance="a",job="own"} ${i}`),
  );
});

test('startRemoteWrite() refuses options that it could not heed', () => {
  const url = 'http://localhost:9090/api/v1/write';
  for (const [options, expected] of [
    [undefined, /expected options as an object, got undefined/],
    [{ url, labels: LABELS, interval: 5 }, /expected the options .*, got "interval"/],
    [{ url, labels: { job: 'shop' } }, /expected labels with job and instance/],
    [{ url, labels: { ...LABELS, a: 1 } }, /expected labels as texts .*, got 1 for "a"/],
    [{ url, labels: { ...LABELS, __name__: 'x' } }, /got "x" for "__name__"/],
    [{ url: 'ftp://x', labels: LABELS }, /push metrics to a remote-write receiver: expected an http or https URL/],
  ] as const) {
    assert.throws(() => startRemoteWrite(options as never), expected);
  }
});
