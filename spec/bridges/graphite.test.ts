import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GraphitePushOptions, startGraphitePush } from '../../lib/bridges/graphite.ts';
import { Gauge, MetricsRegistry } from '../../lib/core.ts';
import { sampleValue } from '../../lib/testing/index.ts';
import { until } from '../support/until.ts';
import { everyKind } from './every-kind.ts';
import { receiveStream, receiveUdp } from './line-receiver.ts';

async function pushed(t: import('node:test').TestContext, options: GraphitePushOptions): Promise<string[]> {
  const receiver = await receiveStream(t);
  t.mock.method(Date, 'now', () => 1_764_288_000_999);
  const { registry } = everyKind();
  await startGraphitePush({ registry, port: receiver.port, intervalSeconds: Infinity, ...options }).push();
  return until('all lines', () =>
    receiver.lines().some((line) => line.startsWith('p.age_count')) ? receiver.lines() : undefined,
  );
}

test('startGraphitePush() sends every sample with its tags, value and time in seconds', async (t) => {
  const lines = await pushed(t, { prefix: 'p.' });
  assert.deepEqual(
    lines.filter((line) => !line.includes('metrics_client')),
    [
      'p.scans_total;strategy=swing;region=eu 3 1764288000',
      'p.scans_total;strategy=a_b_c_d_e_f_g_h;region=eu 0.5 1764288000',
      'p.scans_total;region=eu 2 1764288000',
      'p.depth;i=0;region=eu 7 1764288000',
      'p.depth;i=1;region=eu -2.5 1764288000',
      'p.wait_seconds_bucket;region=eu;le=1 1 1764288000',
      'p.wait_seconds_bucket;region=eu;le=2 3 1764288000',
      'p.wait_seconds_bucket;region=eu;le=4 4 1764288000',
      'p.wait_seconds_bucket;region=eu;le=+Inf 4 1764288000',
      'p.wait_seconds_sum;region=eu 6.5 1764288000',
      'p.wait_seconds_count;region=eu 4 1764288000',
      'p.size_bytes;region=eu;quantile=0.5 100 1764288000',
      'p.size_bytes_sum;region=eu 200 1764288000',
      'p.size_bytes_count;region=eu 2 1764288000',
      'p.build_info;version=1.4;region=eu 1 1764288000',
      'p.phase;phase=on;region=eu 1 1764288000',
      'p.phase;phase=off;region=eu 0 1764288000',
      'p.age_bucket;region=eu;le=1 2 1764288000',
      'p.age_bucket;region=eu;le=+Inf 3 1764288000',
      'p.age_sum;region=eu 5 1764288000',
      'p.age_count;region=eu 3 1764288000',
    ],
  );
});

test('startGraphitePush() keeps apart what carbon would not', async (t) => {
  const receiver = await receiveStream(t);
  t.mock.method(Date, 'now', () => 1_764_288_000_999);
  const registry = new MetricsRegistry();
  const labelNames = ['name', 'text'];
  const depth = new Gauge({ name: 'depth', help: 'Depth.', labelNames, registers: [registry] });
  for (const [name, text] of [
    ['jobs', 'a\x1cb\x85c\x00d'], // carbon takes two of them for white space
    ['mails', '{"a":"b"}'],
    ['logs', '~{"a"}~'],
  ] as const)
    depth.set({ name, text }, 1);
  await startGraphitePush({ registry, port: receiver.port, intervalSeconds: Infinity }).push();
  const lines = await until('all lines', () => (receiver.lines().length >= 3 ? receiver.lines() : undefined));
  assert.deepEqual(lines.slice(0, 3), [
    'depth;label_name=jobs;text=a_b_c_d 1 1764288000',
    'depth;label_name=mails;text={"a"_"b"_ 1 1764288000',
    'depth;label_name=logs;text=_{"a"}~ 1 1764288000',
  ]);
});

test('startGraphitePush() leaves out a line for which carbon would end the connection, and says so', async (t) => {
  const receiver = await receiveStream(t);
  const registry = new MetricsRegistry();
  const text = new Gauge({ name: 'text', help: 'Text.', labelNames: ['text'], registers: [registry] });
  text.set({ text: 'x'.repeat(17_000) }, 1);
  text.set({ text: 'y'.repeat(16_000) }, 1);
  const push = startGraphitePush({ registry, port: receiver.port, intervalSeconds: Infinity });
  const place = `127\\.0\\.0\\.1:${receiver.port} \\(tcp\\)`;
  await assert.rejects(
    push.push(),
    new RegExp(`${place}: expected lines that are not too long for it, got 1 of up to 170\\d\\d bytes\\. Shorten`),
  );
  const lines = await until('the other line', () => (receiver.lines().length > 0 ? receiver.lines() : undefined));
  assert.match(lines[0]!, /^text;text=y{16000} 1 /);
  assert.equal(await sampleValue(registry, 'metrics_client_push_dropped_series_total', { bridge: 'graphite' }), 1);
});

test('startGraphitePush() puts labels into the name for a Graphite without tags', async (t) => {
  const lines = await pushed(t, { prefix: 'p.', tags: 'name' });
  assert.equal(lines[0], 'p.scans_total.strategy.swing.region.eu 3 1764288000');
  assert.equal(lines[5], 'p.wait_seconds_bucket.region.eu.le.1 1 1764288000');
});

test('startGraphitePush() sends datagrams of whole lines by UDP', async (t) => {
  const receiver = await receiveUdp(t);
  const { registry } = everyKind();
  const many = new Gauge({ name: 'many', help: 'Many.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 500; i++) many.set({ i }, i);
  const push = startGraphitePush({ registry, port: receiver.port, protocol: 'udp', intervalSeconds: Infinity });
  await push.push();
  await until('500 lines', () =>
    receiver.lines().filter((line) => line.startsWith('many')).length === 500 ? true : undefined,
  );
  for (const packet of receiver.packets) assert.ok(Buffer.byteLength(packet) <= 1432);
});

test('startGraphitePush() refuses options that it cannot use', () => {
  assert.throws(
    () => startGraphitePush({ tags: 'dogstatsd' as 'name' }),
    /^RangeError: Cannot push metrics to Graphite: expected tags/,
  );
  assert.throws(() => startGraphitePush({ prefix: 'a b' }), /expected prefix/);
  assert.throws(() => startGraphitePush({ hots: 'a' } as object), /"hots"\. Look for a typing error/);
  assert.throws(() => startGraphitePush({ port: 70_000 }), /expected port/);
});
