import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, MetricsRegistry, PrometheusExporter } from '../../lib/core.ts';
import type { ExemplarLabels } from '../../lib/model/exemplar.ts';
import { exemplarsFrom } from '../../lib/service/index.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

const scrape = async (registry: MetricsRegistry): Promise<string[]> => {
  const text = Buffer.from(await new PrometheusExporter(registry).render(OPENMETRICS)).toString();
  return text.split('\n').filter((line) => !line.startsWith('#') && !/_created/.test(line));
};
/** Without the time, which is always another. */
const timeless = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/ \d{10}\.\d{1,3}$/, ' TIME'));

test('MetricsRegistry.exemplars supplies an exemplar for each update of a counter or histogram that has none', async () => {
  let current: ExemplarLabels | undefined;
  const registry = new MetricsRegistry({ exemplars: exemplarsFrom(() => current) });
  const common = { help: 'H.', registers: [registry] };
  const orders = new Counter({ ...common, name: 'orders_total', labelNames: ['side'] });
  const seconds = new Histogram({ ...common, name: 'order_seconds', buckets: [1, 2] });
  const open = new Gauge({ ...common, name: 'open' });
  orders.inc({ side: 'buy' });
  seconds.observe(0.5);
  assert.deepEqual(await scrape(registry), [
    'orders_total{side="buy"} 1',
    'order_seconds_bucket{le="1.0"} 1',
    'order_seconds_bucket{le="2.0"} 1',
    'order_seconds_bucket{le="+Inf"} 1',
    'order_seconds_sum 0.5',
    'order_seconds_count 1',
    'open 0',
    '',
  ]);
  current = { trace_id: 'a' };
  orders.inc({ side: 'buy' }, 2);
  orders.labels('sell').inc(3, { trace_id: 'own' });
  seconds.observe(1.5);
  current = { trace_id: 'b' };
  await seconds.time(async () => {});
  open.set(1);
  const lines = timeless(await scrape(registry));
  assert.equal(lines[0], 'orders_total{side="buy"} 3 # {trace_id="a"} 2 TIME');
  assert.equal(lines[1], 'orders_total{side="sell"} 3 # {trace_id="own"} 3 TIME');
  assert.match(lines[2]!, /^order_seconds_bucket\{le="1\.0"\} 2 # \{trace_id="b"\} 0?[.\de-]+ TIME$/);
  assert.equal(lines[3], 'order_seconds_bucket{le="2.0"} 3 # {trace_id="a"} 1.5 TIME');
  assert.equal(lines[4], 'order_seconds_bucket{le="+Inf"} 3');
  assert.equal(lines[7], 'open 1');
  current = undefined;
  orders.inc({ side: 'buy' });
  assert.equal(timeless(await scrape(registry))[0], 'orders_total{side="buy"} 4 # {trace_id="a"} 2 TIME', 'kept');
});

test('MetricsRegistry.exemplars works with every way to update, expiry and a change of series', async () => {
  let count = 0;
  const registry = new MetricsRegistry({ exemplars: exemplarsFrom(() => ({ n: ++count })), idleSeconds: 1000 });
  const options = { help: 'H.', registers: [registry] };
  const plain = new Counter({ ...options, name: 'plain_total' });
  const prom = new Counter({ ...options, name: 'prom_total', labelNames: ['a'], enableExemplars: true });
  const histogram = new Histogram({ ...options, name: 'h', labelNames: ['a'], buckets: [1], maxSeries: 1 });
  plain.inc();
  prom.inc({ labels: { a: '1' }, value: 2 });
  prom.inc({ labels: { a: '2' }, exemplarLabels: { own: 'x' } });
  histogram.observe({ a: '1' }, 0.5);
  const overflowing = histogram.labels('2');
  overflowing.observe(3);
  const found = (await scrape(registry))
    .filter((line) => line.includes(' # '))
    .map((line) => line.replace(/ [\d.]+$/, ''));
  assert.deepEqual(found, [
    'plain_total 1 # {n="1"} 1',
    'prom_total{a="1"} 2 # {n="2"} 2',
    'prom_total{a="2"} 1 # {own="x"} 1',
    'h_bucket{a="1",le="1.0"} 1 # {n="3"} 0.5',
    'h_bucket{a="overflow",le="+Inf"} 1 # {n="4"} 3',
  ]);
  histogram.clear();
  plain.clear();
  assert.equal(
    (await scrape(registry)).some((line) => /^(h|plain).* # /.test(line)),
    false,
  );
  overflowing.observe(4);
  plain.inc();
  assert.equal((await scrape(registry)).filter((line) => /^(h|plain).* # /.test(line)).length, 2);
});

test('An exemplar of a source is one object until the next update, and then another', () => {
  const registry = new MetricsRegistry({ exemplars: exemplarsFrom(() => ({ trace_id: 'a' })) });
  const child = new Counter({ name: 'a_total', help: 'H.', labelNames: ['a'], registers: [registry] }).labels('1');
  child.inc(5);
  const first = child.exemplar!;
  assert.equal(child.exemplar, first);
  child.inc(6);
  assert.notEqual(child.exemplar, first);
  assert.deepEqual([first.value, child.exemplar!.value], [5, 6]);
});

test('exemplarsFrom() takes labels from an AsyncLocalStorage, in each format', async () => {
  const requests = new AsyncLocalStorage<{ readonly trace_id: string }>();
  const registry = new MetricsRegistry({ exemplars: exemplarsFrom(() => requests.getStore()) });
  const seconds = new Histogram({ name: 'a_seconds', help: 'H.', buckets: [1], registers: [registry] });
  const before = Date.now() / 1000;
  await Promise.all(
    [0.5, 2].map((value) =>
      requests.run({ trace_id: `of ${value}` }, async () => {
        await new Promise(setImmediate);
        seconds.observe(value);
      }),
    ),
  );
  const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
  const [family] = decodeProtobuf(await new PrometheusExporter(registry).render(protobuf));
  const text = JSON.stringify(family, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  assert.match(text, /of 0\.5.*of 2/);
  const [line] = await scrape(registry);
  const time = Number(line!.split(' ').at(-1));
  assert.ok(time >= before - 0.001 && time <= Date.now() / 1000 + 0.001, line);
});

test('exemplarsFrom() reports once what its function throws and labels that are invalid; updates count', async (t) => {
  const warnings = await collectWarnings(t);
  const answers: unknown[] = [{ 'no name': 'a' }, 'text', null, { long: 'x'.repeat(200) }, new Error('no trace')];
  let i = -1;
  const registry = new MetricsRegistry({
    exemplars: exemplarsFrom(() => {
      const answer = answers[++i];
      if (answer instanceof Error) throw answer;
      return answer as ExemplarLabels;
    }),
  });
  const child = new Counter({ name: 'a_total', help: 'H.', labelNames: ['a'], registers: [registry] }).labels('1');
  for (const _ of answers) {
    child.inc();
    await scrape(registry);
  }
  assert.equal(child.value, answers.length);
  assert.equal((await scrape(registry))[0], 'a_total{a="1"} 5');
  await new Promise(setImmediate);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0]!.message,
    /^An exemplar is left out, and others may be: Cannot keep an exemplar of metric "a_total": .*"no name"/,
  );
  assert.throws(() => child.inc(1, { 'no name': 'a' }), RangeError);
  assert.throws(() => child.inc(-1), RangeError);
  assert.equal(child.value, answers.length);
});

test('exemplarsFrom() counts on without exemplars if its function is asynchronous, and no rejection is left', async (t) => {
  const registry = new MetricsRegistry({
    exemplars: exemplarsFrom((() => Promise.reject(new Error('asynchronous'))) as () => never),
  });
  const total = new Counter({ name: 'a_total', help: 'H.', registers: [registry] });
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  for (let i = 0; i < 3; i++) total.inc();
  await new Promise(setImmediate);
  assert.deepEqual([await scrape(registry), rejections], [['a_total 3', ''], []]);
});

test('exemplarsFrom() refuses what is no function', () => {
  assert.throws(() => exemplarsFrom({} as never), /^TypeError: Cannot supply exemplars: expected a function/);
});
