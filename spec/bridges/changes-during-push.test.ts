import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startCloudwatchPush } from '../../lib/bridges/cloudwatch.ts';
import { startGraphitePush } from '../../lib/bridges/graphite.ts';
import { startOtlpPush } from '../../lib/bridges/otlp/index.ts';
import type { MetricsPush } from '../../lib/bridges/push-loop.ts';
import { startRemoteWrite } from '../../lib/bridges/remote-write/index.ts';
import { startStatsdPush } from '../../lib/bridges/statsd/index.ts';
import { Counter, Gauge, Histogram, MetricsRegistry } from '../../lib/core.ts';
import { Summary } from '../../lib/metrics/summary.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import { fakeGateway } from '../push/fake-gateway.ts';
import { turn } from '../support/turn.ts';
import { until } from '../support/until.ts';
import type { Decoded } from './decode-message.ts';
import { receiveStream } from './line-receiver.ts';
import { decodeOtlp } from './otlp/decode-otlp.ts';
import { decodeWrite } from './remote-write/decode-write.ts';

const SERIES = 20;

interface Instrument {
  update(label: string): void;
  remove(label: string): void;
}

/** A registry with series of each kind, and functions that change one series, round about. */
function changing(): { registry: MetricsRegistry; instruments: readonly Instrument[] } {
  const registry = new MetricsRegistry();
  const about = { help: 'Changing.', labelNames: ['a'], registers: [registry] };
  const counter = new Counter({ ...about, name: 'c_total' });
  const gauge = new Gauge({ ...about, name: 'g' });
  const observed = [
    new Histogram({ ...about, name: 'h', buckets: [1, 2] }),
    new Histogram({ ...about, name: 'n', buckets: nativeBuckets() }),
    new Summary({ ...about, name: 's', percentiles: [0.5] }),
  ];
  const instruments: Instrument[] = [
    { update: (a) => counter.inc({ a }), remove: (a) => counter.remove({ a }) },
    { update: (a) => gauge.inc({ a }), remove: (a) => gauge.remove({ a }) },
    ...observed.map((one) => ({
      update: (a: string) => one.observe({ a }, 1),
      remove: (a: string) => void one.remove({ a }),
    })),
  ];
  for (const { update } of instruments) for (let i = 0; i < SERIES; i++) update(`v${i}`);
  return { registry, instruments };
}

/** A bridge, and the keys of the series in each of its pushes, as the receiver tells them apart. */
interface Bridge {
  readonly push: MetricsPush;
  keys(): Promise<readonly string[]>;
}

const OPTIONS = { intervalSeconds: Infinity, timeoutSeconds: 1000 } as const;

const BRIDGES: Readonly<Record<string, (t: TestContext, registry: MetricsRegistry) => Promise<Bridge>>> = {
  async startCloudwatchPush(_, registry) {
    const keys: string[] = [];
    const write = (text: string): void => {
      const { _aws, ...line } = JSON.parse(text) as { _aws: { CloudWatchMetrics: [{ Dimensions: [string[]] }] } };
      const dimensions = _aws.CloudWatchMetrics[0].Dimensions[0].map((name) => [name, (line as Decoded)[name]]);
      const names = Object.keys(line).filter((name) => !dimensions.some(([dimension]) => dimension === name));
      keys.push(...names.map((name) => name + JSON.stringify(dimensions)));
    };
    const push = startCloudwatchPush({ ...OPTIONS, registry, namespace: 'Spec', write });
    return { push, keys: async () => keys };
  },
  async startGraphitePush(t, registry) {
    const receiver = await receiveLines(t);
    const push = startGraphitePush({ ...OPTIONS, registry, port: receiver.port });
    return { push, keys: async () => (await receiver.lines()).map((line) => line.split(' ')[0]!) };
  },
  async startStatsdPush(t, registry) {
    const receiver = await receiveLines(t);
    const push = startStatsdPush({ ...OPTIONS, registry, port: receiver.port, protocol: 'tcp' });
    return { push, keys: async () => (await receiver.lines()).map((line) => line.replace(/:[^|]*/, '')) };
  },
  async startOtlpPush(t, registry) {
    const gateway = await fakeGateway(t);
    const push = startOtlpPush({ ...OPTIONS, registry, url: gateway.url, gzip: false, env: {} });
    const keysOf = (body: Buffer): string[] =>
      decodeOtlp(body).metrics.flatMap(({ name, ...kinds }: Decoded) =>
        ['gauge', 'sum', 'histogram', 'exponential', 'summary'].flatMap((kind) =>
          (kinds[kind]?.points ?? []).map((point: Decoded) => name + JSON.stringify(point.attributes)),
        ),
      );
    return { push, keys: async () => gateway.seen.flatMap(({ body }) => keysOf(body)) };
  },
  async startRemoteWrite(t, registry) {
    const gateway = await fakeGateway(t, [takesAll]);
    const labels = { job: 'spec', instance: 'a' };
    const push = startRemoteWrite({ ...OPTIONS, registry, url: gateway.url, labels });
    return {
      push,
      keys: async () => gateway.seen.flatMap(({ body }) => decodeWrite(body, 2).series.map(({ key }) => key)),
    };
  },
};

function takesAll(response: import('node:http').ServerResponse): void {
  response.writeHead(204, { 'x-prometheus-remote-write-samples-written': 1e6 }).end();
}

/** Receives one push over TCP; its lines when the connection has ended. */
async function receiveLines(t: TestContext): Promise<{ readonly port: number; lines(): Promise<string[]> }> {
  let isOver = false;
  const { port, lines } = await receiveStream(t, undefined, (socket) => socket.once('end', () => (isOver = true)));
  return { port, lines: () => until('the end of the push', () => (isOver ? lines() : undefined)) };
}

/** Pushes, with a pause behind each series, and calls `change` in each pause. */
async function pushWhile(t: TestContext, push: MetricsPush, change: (i: number) => void): Promise<void> {
  let time = performance.now();
  const clock = t.mock.method(performance, 'now', () => (time += 1));
  let isOver = false;
  const pushed = push.push().finally(() => (isOver = true));
  for (let i = 0; !isOver; i++) {
    assert.ok(i < 1000 * SERIES, 'expected the push to end');
    change(i);
    await turn();
  }
  await pushed;
  clock.mock.restore();
}

for (const [name, start] of Object.entries(BRIDGES)) {
  test(`${name}() sends no series twice, and ends, while series are removed, created again and added`, async (t) => {
    const { registry, instruments } = changing();
    const { push, keys } = await start(t, registry);
    await registry.gather(); // loads what a later one need not wait for
    await pushWhile(t, push, (i) => {
      for (const { update, remove } of instruments) {
        const label = `v${(i * 7) % SERIES}`;
        remove(label);
        update(label);
        if (i < 3 * SERIES) update(`w${i}`);
      }
    });
    const seen = await keys();
    assert.ok(seen.length >= 5 * SERIES, String(seen.length));
    assert.deepEqual(
      seen.filter((key, i) => seen.indexOf(key) !== i),
      [],
    );
  });
}

test('startRemoteWrite() ends a series that was removed while it was being pushed', async (t) => {
  const { registry, instruments } = changing();
  const gateway = await fakeGateway(t, [takesAll]);
  const push = startRemoteWrite({ ...OPTIONS, registry, url: gateway.url, labels: { job: 'spec', instance: 'a' } });
  const keysOf = (isStale: boolean): Set<string> => {
    const series = gateway.seen.splice(0).flatMap(({ body }) => decodeWrite(body, 2).series);
    return new Set(series.filter(({ value }) => (value === 'stale') === isStale).map(({ key }) => key));
  };
  let sent = new Set<string>();
  for (let round = 0; round < 4; round++) {
    await pushWhile(t, push, (i) => {
      if (i % 3 === round % 3) for (const { remove } of instruments) remove(`v${i % SERIES}`);
      if (i % 5 === 0) for (const { update } of instruments) update(`v${(i * 3) % SERIES}`);
    });
    const all = gateway.seen.slice();
    const current = keysOf(false);
    gateway.seen.push(...all);
    const ended = keysOf(true);
    assert.deepEqual(
      [...sent].filter((key) => !current.has(key) && !ended.has(key)),
      [],
      `round ${round}`,
    );
    sent = current;
  }
});
