import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counter, Gauge } from '../../../lib/core.ts';
import { collectWarnings } from '../../support/collect-warnings.ts';
import { turn } from '../../support/turn.ts';
import { createReceiver, dropped, droppedBy, received, samplesOf } from './received.ts';

test('StatsdReceiver adds up counters, scaled by the sample rate', async () => {
  assert.deepEqual(await received('hits:1|c\nhits:2|c\nhits:1|c|@0.1\nhits:0.5|c'), ['hits_total 13.5']);
});

test('StatsdReceiver does not repeat the ending of a name', async () => {
  assert.deepEqual(await received('hits_total:1|c\nwait_seconds:1500|ms'), [
    'hits_total 1',
    'wait_seconds_bucket 1',
    'wait_seconds_count 1',
    'wait_seconds_sum 1.5',
  ]);
});

test('StatsdReceiver sets gauges, and changes them by signed values', async () => {
  assert.deepEqual(await received('a:5|g\na:-7|g\na:+1.5|g\nb:-3|g\nc:1e3|g\nd:1|g|@0.1'), [
    'a -0.5',
    'b -3',
    'c 1000',
    'd 1',
  ]);
});

test('StatsdReceiver sets gauges to signed values if told to, as DogStatsD does', async () => {
  assert.deepEqual(await received('a:5|g\na:-7|g\nb:+2|g', { signedGauges: 'absolute' }), ['a -7', 'b 2']);
});

test('StatsdReceiver sets a negative gauge by the two lines that StatsD needs', async () => {
  assert.deepEqual(await received('a:9|g\na:0|g\na:-4|g'), ['a -4']);
});

test('StatsdReceiver observes timers in seconds, histograms and distributions as they are', async () => {
  assert.deepEqual(await received('t:320|ms\nt:80.5|ms\nh:3|h\nd:2.5|d\nd:-1|d'), [
    'd_bucket 2',
    'd_count 2',
    'd_sum 1.5',
    'h_bucket 1',
    'h_count 1',
    'h_sum 3',
    't_seconds_bucket 2',
    't_seconds_count 2',
    't_seconds_sum 0.4005',
  ]);
});

test('StatsdReceiver counts an observation as often as its sample rate says, on the average of fractions too', async () => {
  const { registry, receiver } = createReceiver();
  for (let i = 0; i < 300; i++) receiver.receive('h:2|h|@0.3', 'udp');
  receiver.receive('x:2|h|@0.001', 'udp');
  assert.deepEqual(await samplesOf(registry, /_count/), ['h_count 1000', 'x_count 1000']);
});

test('StatsdReceiver makes summaries where there are quantiles', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => `h:${i + 1}|h`).join('\n');
  const [count, sum, quantile] = await received(lines, { quantiles: [0.5] });
  assert.deepEqual([count, sum], ['h_count 100', 'h_sum 5050']);
  assert.match(quantile!, /^h\{quantile="0\.5"\} (49|50|51)\b/);
});

test('StatsdReceiver exposes how many distinct members a set had since the last flush', async () => {
  const { registry, receiver } = createReceiver();
  const flushed = async (lines: string): Promise<string[]> => {
    receiver.receive(lines, 'udp');
    receiver.flush();
    return samplesOf(registry);
  };
  assert.deepEqual(await flushed('users:ann|s\nusers:bob|s\nusers:ann|s\nusers:1:ann|s|#a:b'), [
    'users 2',
    'users{a="b"} 2',
  ]);
  assert.deepEqual(await flushed('users:ann|s'), ['users 1', 'users{a="b"} 0']);
  assert.deepEqual(await flushed(''), ['users 0', 'users{a="b"} 0']);
  assert.deepEqual(await flushed('users:eve|s'), ['users 1', 'users{a="b"} 0']);
});

test('StatsdReceiver reads packed values, several samples of a name, and lines that end in \\r\\n', async () => {
  assert.deepEqual(await received('h:1:2:3|h\nm:1|c:2|c|@0.1:5|g\r\nc:1:2|c\r\n\n'), [
    'c_total 3',
    'h_bucket 3',
    'h_count 3',
    'h_sum 6',
    'm 5',
    'm_total 21',
  ]);
});

test('StatsdReceiver reads the tags of DogStatsD, InfluxDB, Librato and Graphite', async () => {
  const lines = ['a:1|c|#k:v,x:y:z', 'a:1|c|@0.5|#x:y:z,k:v', 'b,k=v,x=y:1|c', 'b#k=v,x=y:1|c', 'b;k=v;x=y:1|c'];
  assert.deepEqual(await received(lines.join('\n')), ['a_total{k="v",x="y:z"} 3', 'b_total{k="v",x="y"} 3']);
});

test('StatsdReceiver gives a tag without a value the value true, and takes an empty tag for none', async () => {
  assert.deepEqual(await received('a:1|c|#urgent,,k:,'), ['a_total{urgent="true"} 1']);
});

test('StatsdReceiver ignores the timestamp, container and cardinality of DogStatsD', async () => {
  assert.deepEqual(await received('a:1|c|#k:v|c:ci-83c|T1656581400\na:1|c|#k:v|e:it-false|card:low'), [
    'a_total{k="v"} 2',
  ]);
});

test('StatsdReceiver makes legal names of any', async () => {
  assert.deepEqual(await received('5xx.rate-é:1|c|#le:1,quantile:2,a-b:3,__x:4,1st:5'), [
    '_5xx_rate___total{_1st="5",_x="4",a_b="3",tag_le="1",tag_quantile="2"} 1',
  ]);
});

test('StatsdReceiver adds labels to a metric when tags come late, and keeps what was counted', async () => {
  const { registry, receiver } = createReceiver();
  const lines =
    'c:1|c\nc:2|c|#a:1\nc:4|c|#b:2\nc:8|c|#b:2,a:1\ng:5|g\ng:6|g|#a:1\nh:2|h\nh:3|h|#a:1\ns:x|s\ns:y|s|#a:1\ns:z|s';
  receiver.receive(lines, 'udp');
  receiver.receive('c:1|c\nc:1|c|#a:1\ng:+1|g\nh:1|h', 'udp');
  receiver.flush();
  assert.deepEqual(await samplesOf(registry, /^(c|g|s|h_count|h_sum)/), [
    'c_total 2',
    'c_total{a="1",b="2"} 8',
    'c_total{a="1"} 3',
    'c_total{b="2"} 4',
    'g 6',
    'g{a="1"} 6',
    'h_count 2',
    'h_count{a="1"} 1',
    'h_sum 3',
    'h_sum{a="1"} 3',
    's 2',
    's{a="1"} 1',
  ]);
});

test('StatsdReceiver does not change what a scrape under way reads when a label is added', async () => {
  const { registry, receiver } = createReceiver({ quantiles: [0.5] });
  receiver.receive('c:3|c\nh:2|h', 'udp');
  const families = await registry.gather();
  const before = families.map(({ series }) => series);
  receiver.receive('c:1|c|#a:1\nh:1|h|#a:1', 'udp');
  const read = before.flatMap((series) =>
    series.map((one) => ('value' in one ? one.value : 'count' in one ? one.count : 0)),
  );
  assert.deepEqual(read.slice(-2), [3, 1]);
});

test('StatsdReceiver says why a line is dropped', async () => {
  const lines = [
    '_e{1,1}:t|x',
    '_sc|up|0',
    'nothing',
    'no|bar',
    ':1|c',
    'a:1',
    'a:|c',
    'a:x|c',
    'a:0x10|c',
    'a: 1|c',
    'a:Infinity|g',
    'a:NaN|g',
    'a:1e999|g',
    'b:-1|c',
    'a:1|q',
    'a:1|',
    'a:1|c|@0',
    'a:1|c|@2',
    'a:1|c|@x',
    'a:1|h|@0.0001',
    'a:1|c|#:v',
    `a:1|c|#${'k'.repeat(2000)}`,
    `a:${'1'.repeat(9000)}|c`,
    'a:1|c|@1e-300',
    'a:1|c|@0.0000009',
    'a:1e308|c|@0.001',
  ];
  const byReason = await dropped(lines.join('\n'));
  assert.deepEqual(byReason, {
    event: 1,
    service_check: 1,
    no_value: 3,
    no_name: 1,
    type: 3,
    value: 7,
    negative_counter: 1,
    sample_rate: 6,
    tag: 1,
    too_long: 2,
  });
});

test('StatsdReceiver leaves no metric behind for a line without a value that counts', async () => {
  const { registry, receiver } = createReceiver();
  for (const line of ['a:x|c', 'b:-1|c', 'c:NaN|g', 'd:|ms', 'e:1e308|c|@0.001', 'f:|s', 'g:x:y|h']) {
    receiver.receive(line, 'udp');
  }
  assert.deepEqual(await samplesOf(registry, /^[a-g](_|$)/), []);
  receiver.receive('g:x:1.5|h', 'udp');
  assert.ok((await samplesOf(registry, /^g_count/)).includes('g_count 1'));
});

test('StatsdReceiver refuses what would make a series infinite, for good', async () => {
  for (const options of [{}, { quantiles: [0.5] }]) {
    const { registry, receiver } = createReceiver(options);
    const lines = ['c:1e308|c', 'g:1e308|g', 'h:1e308|h', 'h:1.7e308|h', 'd:-1e308|d', 't:1e308|ms', 'p:1e308:1e308|h'];
    for (const line of [...lines, ...lines, 'g:+1e308|g', 'c:1e308|c']) receiver.receive(line, 'udp');
    const samples = await samplesOf(registry, /^(c_total|g|[hdp]_sum|t_seconds_sum)$/);
    assert.equal(samples.length, 6, samples.join());
    assert.ok(!samples.some((line) => line.includes('Inf')), samples.join());
    assert.ok(samples.includes('c_total 1e+308'));
  }
});

test('StatsdReceiver counts lines and packets', async () => {
  const { registry, receiver } = createReceiver();
  receiver.receive('a:1|c\nbad\n', 'udp');
  receiver.receive('a:1|c', 'tcp');
  assert.deepEqual(await samplesOf(registry, /_(lines|packets)_total/), [
    'metrics_client_statsd_dropped_lines_total{reason="no_value"} 1',
    'metrics_client_statsd_lines_total 3',
    'metrics_client_statsd_packets_total{transport="tcp"} 1',
    'metrics_client_statsd_packets_total{transport="udp"} 1',
  ]);
});

test('StatsdReceiver drops lines of another type than the metric of that name, and warns once', async (t) => {
  const warnings = await collectWarnings(t);
  const { registry, receiver } = createReceiver();
  receiver.receive('a:1|g\na:x|s\na:x|s\na:1|h\nh:1|h\nh_count:1|g', 'udp');
  await turn();
  assert.deepEqual(await samplesOf(registry), ['a 1', 'h_bucket 1', 'h_count 1', 'h_sum 1']);
  assert.deepEqual(await droppedBy(registry), { conflict: 4 });
  assert.deepEqual(
    warnings.map((warning) => [warning.code, /"a" is a gauge already/.test(warning.message)]),
    [['METRICS_STATSD_CONFLICT', true]],
  );
});

test('StatsdReceiver leaves metrics of the program alone', async () => {
  const { registry, receiver } = createReceiver();
  new Gauge({ name: 'depth', help: 'Depth.', registers: [registry] }).set(7);
  receiver.receive('depth:1|g', 'udp');
  assert.deepEqual(await samplesOf(registry), ['depth 7']);
  assert.deepEqual(await droppedBy(registry), { conflict: 1 });
});

test('StatsdReceiver counts what exceeds maxSeries as overflow, drops further metrics, and warns once', async (t) => {
  const warnings = await collectWarnings(t);
  const { registry, receiver } = createReceiver({ maxSeries: 3 });
  for (let i = 0; i < 10; i++) receiver.receive(`a:1|c|#i:${i}\na:1|c|#i:${i}`, 'udp');
  receiver.receive('new:1|c\nnew:1|g\na:1|c|#i:0', 'udp');
  await turn();
  assert.deepEqual(await samplesOf(registry), [
    'a_total{i="0"} 3',
    'a_total{i="1"} 2',
    'a_total{i="2"} 2',
    'a_total{i="overflow"} 14',
  ]);
  assert.deepEqual(await droppedBy(registry), { too_many_series: 2 });
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['METRICS_TOO_MANY_SERIES'],
  );
});

test('StatsdReceiver removes series and metrics that are idle, and has room again', async (t) => {
  const { registry, receiver } = createReceiver({ maxSeries: 2, idleSeconds: 60 });
  t.mock.method(performance, 'now', () => now);
  let now = 1e6;
  receiver.receive('plain:1|c\nlabelled:1|c|#a:1', 'udp');
  now += 30_000;
  receiver.receive('plain:1|c', 'udp');
  now += 40_000;
  receiver.flush();
  assert.deepEqual(await samplesOf(registry), ['plain_total 2']);
  receiver.receive('labelled:5|c|#a:1', 'udp');
  assert.deepEqual(await samplesOf(registry), ['labelled_total{a="1"} 5', 'plain_total 2']);
  now += 70_000;
  receiver.flush();
  assert.deepEqual(await samplesOf(registry), []);
  assert.equal(registry.getSingleMetric('plain_total'), undefined);
});

test('StatsdReceiver continues the metrics of an earlier one of its registry', async () => {
  const { registry, receiver } = createReceiver();
  receiver.receive('a:1|c', 'udp');
  createReceiver({ registry }).receiver.receive('a:1|c', 'udp');
  assert.deepEqual(await samplesOf(registry), ['a_total 2']);
});

test('StatsdReceiver bounds the labels of a metric, the observations of a line, and the members of sets', async () => {
  const tags = Array.from({ length: 33 }, (_, i) => `t${i}:1`);
  const many = Array.from({ length: 60 }, () => '1').join(':');
  const members = Array.from({ length: 100_001 }, (_, i) => `s:${i}|s`).join('\n');
  assert.deepEqual(await dropped(`a:1|c|#${tags.join()}`), { tag: 1 });
  assert.deepEqual(await dropped(`b:1|c|#${tags.slice(1).join()}\nb:1|c|#t0:1`), { tag: 1 });
  assert.deepEqual(await dropped(`h:${many}|h|@0.001`), { too_many_values: 1 });
  assert.deepEqual(await dropped(`${members}\ns:${'x'.repeat(201)}|s`), { too_many_values: 2 });
});

test('StatsdReceiver keeps the time since when a counter counts when its metric gets another label', (t) => {
  t.mock.method(Date, 'now', () => 1_764_288_000_000);
  const { receiver, registry } = createReceiver();
  receiver.receive('hits:5|c', 'udp');
  const { createdSeconds } = registry.getSingleMetric('hits_total') as Counter<string>;
  t.mock.method(Date, 'now', () => 1_764_288_060_000);
  receiver.receive('hits:1|c|#tag:late', 'udp');
  const wider = registry.getSingleMetric('hits_total') as Counter<string>;
  assert.deepEqual(wider.labelNames, ['tag']);
  assert.equal(wider.createdSeconds, createdSeconds);
});
