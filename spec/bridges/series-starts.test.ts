import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startOtlpPush } from '../../lib/bridges/otlp/index.ts';
import { startRemoteWrite } from '../../lib/bridges/remote-write/index.ts';
import { Counter, Histogram, MetricsRegistry } from '../../lib/core.ts';
import type { Gatherer } from '../../lib/model/family.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import { Summary } from '../../lib/summary.ts';
import { fakeGateway } from '../push/fake-gateway.ts';
import { decodeOtlp } from './otlp/decode-otlp.ts';
import { decodeWrite } from './remote-write/decode-write.ts';

const BEGIN = 1_764_288_000_000;

interface Point {
  readonly attributes: Record<string, string>;
  readonly start: bigint | undefined;
}

/** Pushes by OTLP a second apart. Returns the seconds from the beginning to the start of each point, by a label's value. */
function starting(t: TestContext, registry: Gatherer, temporality: 'cumulative' | 'delta' = 'cumulative') {
  let now = BEGIN;
  t.mock.method(Date, 'now', () => now);
  const gateway = fakeGateway(t);
  let push: ReturnType<typeof startOtlpPush> | undefined;
  return async (): Promise<Record<string, Record<string, number>>> => {
    const { url, seen } = await gateway;
    push ??= startOtlpPush({ registry, url, intervalSeconds: Infinity, env: {}, temporality });
    now += 1000;
    await push.push();
    const { metrics } = decodeOtlp(gunzipSync(seen.at(-1)!.body));
    const own = metrics.filter(({ name }) => !name.startsWith('metrics_client'));
    return Object.fromEntries(
      own.map(({ name, ...kinds }) => {
        const { points } = Object.values(kinds).find((one) => (one as { points?: unknown }).points) as {
          points: Point[];
        };
        return [name, Object.fromEntries(points.map(({ attributes: { k = '' }, start }) => [k, secondsTo(start)]))];
      }),
    );
  };
}

function secondsTo(nanoseconds: bigint | undefined): number {
  return Number((nanoseconds ?? 0n) / 1_000_000n - BigInt(BEGIN)) / 1000;
}

test('startOtlpPush() gives a series that was removed and is back a start of its own', async (t) => {
  const registry = new MetricsRegistry();
  const pushed = starting(t, registry);
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['k'], registers: [registry] });
  const held = jobs.labels('a');
  held.inc(5);
  jobs.inc({ k: 'b' }, 5);
  assert.deepEqual((await pushed())['jobs_total'], { a: 0, b: 0 });
  jobs.inc({ k: 'late' });
  assert.deepEqual((await pushed())['jobs_total'], { a: 0, b: 0, late: 0 }, 'nothing was removed');
  jobs.remove('a');
  held.inc(); // brings it back, from 0
  assert.deepEqual((await pushed())['jobs_total'], { b: 0, late: 0, a: 2.001 });
  jobs.remove('b');
  assert.deepEqual((await pushed())['jobs_total'], { late: 0, a: 2.001 });
  jobs.inc({ k: 'b' }, 500);
  assert.deepEqual((await pushed())['jobs_total'], { late: 0, a: 2.001, b: 4.001 });
  assert.deepEqual((await pushed())['jobs_total'], { late: 0, a: 2.001, b: 4.001 });
});

test('startOtlpPush() gives histograms and summaries that are back a start of their own', async (t) => {
  const registry = new MetricsRegistry();
  const pushed = starting(t, registry);
  const common = { help: 'Help.', labelNames: ['k'], registers: [registry] } as const;
  const all = [
    new Histogram({ ...common, name: 'classic', buckets: [1] }),
    new Histogram({ ...common, name: 'native', buckets: nativeBuckets() }),
    new Summary({ ...common, name: 'summary', percentiles: [] }),
  ];
  for (const k of ['a', 'b']) for (const one of all) for (let i = 0; i < 3; i++) one.observe({ k }, 1);
  const before = { a: 0, b: 0 };
  assert.deepEqual(await pushed(), { classic: before, native: before, summary: before });
  for (const one of all) {
    one.remove('a');
    one.observe({ k: 'a' }, 1);
  }
  const after = { b: 0, a: 1.001 };
  assert.deepEqual(await pushed(), { classic: after, native: after, summary: after });
});

test('startOtlpPush() sends no change of a series that is back from before it was removed', async (t) => {
  const registry = new MetricsRegistry();
  const pushed = starting(t, registry, 'delta');
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['k'], registers: [registry] });
  jobs.inc({ k: 'a' });
  await pushed();
  await pushed();
  jobs.remove('a');
  await pushed();
  jobs.inc({ k: 'a' });
  assert.deepEqual((await pushed())['jobs_total'], { a: 3.001 });
  assert.deepEqual((await pushed())['jobs_total'], { a: 4 });
});

test('startOtlpPush() keeps the start of a collector whose series are other objects each time', async (t) => {
  let value = 5;
  let labels = ['a'];
  const gather = async (): Promise<never> =>
    [
      {
        ...{ name: 'collected_total', help: 'Help.', unit: '', type: 'counter', labelNames: ['k'], constantLabels: [] },
        ...{ cache: new Map(), createdSeconds: BEGIN / 1000 },
        series: labels.map((k) => ({ labelValues: [k], value })),
      },
    ] as never;
  const pushed = starting(t, { gather });
  assert.deepEqual(await pushed(), { collected_total: { a: 0 } });
  value = 6;
  assert.deepEqual(await pushed(), { collected_total: { a: 0 } });
  value = 1;
  assert.deepEqual(await pushed(), { collected_total: { a: 2.001 } });
  labels = ['a', 'b'];
  assert.deepEqual(await pushed(), { collected_total: { a: 2.001, b: 3.001 } });
  assert.deepEqual(await pushed(), { collected_total: { a: 2.001, b: 3.001 } });
});

test('startRemoteWrite() gives a series that was removed and is back a start of its own', async (t) => {
  let now = BEGIN;
  t.mock.method(Date, 'now', () => now);
  const registry = new MetricsRegistry();
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['k'], registers: [registry] });
  for (const k of ['a', 'b']) jobs.inc({ k }, 5);
  const gateway = await fakeGateway(t, [
    (response, { body }) => {
      const written = decodeWrite(body, 2).series.length;
      response.writeHead(204, { 'x-prometheus-remote-write-samples-written': written }).end();
    },
  ]);
  const labels = { job: 'shop', instance: 'a' };
  const push = startRemoteWrite({ registry, url: gateway.url, labels, intervalSeconds: Infinity });
  const starts = async (): Promise<(number | undefined)[]> => {
    now += 1000;
    await push.push();
    const { series } = decodeWrite(gateway.seen.at(-1)!.body, 2);
    const own = series.filter(({ key, value }) => key.startsWith('jobs_total') && value !== 'stale');
    return own.map(({ start }) => (start === undefined ? undefined : (start - BEGIN) / 1000));
  };
  assert.deepEqual(await starts(), [0, 0]);
  jobs.remove('a');
  jobs.inc({ k: 'a' });
  assert.deepEqual(await starts(), [0, 1.001]);
  assert.deepEqual(await starts(), [0, 1.001]);
});
