import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AggregatorRegistry, aggregators, Counter, Gauge, Histogram, Registry, Summary } from '../../lib/index.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const { PROMETHEUS_CONTENT_TYPE, OPENMETRICS_CONTENT_TYPE } = Registry;

test('aggregators never take two sets of labels for one, and the same labels in another order for two', () => {
  const metric = (...all: readonly Readonly<Record<string, string>>[]) => ({
    name: 'x',
    help: 'X.',
    type: 'gauge' as const,
    aggregator: 'sum' as const,
    values: all.map((labels) => ({ value: 1, labels })),
  });
  const { values } = aggregators.sum([metric({ a: '1,b:2' }, { a: '1', b: '2' }), metric({ b: '2', a: '1' })])!;
  assert.deepEqual(values, [
    { value: 1, labels: { a: '1,b:2' } },
    { value: 2, labels: { a: '1', b: '2' } },
  ]);
});

test('Registry.aggregate() of one registry exposes what the registry does', async () => {
  const random = new SeededRandom(7);
  const registry = new Registry();
  const registers = [registry];
  const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['a', 'b'], registers });
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['a'], buckets: [0.1, 0.5, 2], registers });
  const summary = new Summary({ name: 's', help: 'S.', labelNames: ['a'], percentiles: [0.5, 0.9], registers });
  for (let i = 0; i < 200; i++) {
    const a = `"${random.int(5)}\n`;
    counter.inc({ a, b: String(i % 3) }, random.int(10));
    histogram.observe({ a }, random.int(24) / 8);
    summary.observe({ a }, random.int(8));
  }
  const json = JSON.parse(JSON.stringify([await registry.getMetricsAsJSON()])) as object[];
  assert.equal(await Registry.aggregate(json).metrics(), await registry.metrics());
  registry.setContentType(OPENMETRICS_CONTENT_TYPE as never);
  const aggregated = AggregatorRegistry.aggregate(json, OPENMETRICS_CONTENT_TYPE);
  const withoutStart = (await registry.metrics()).replace(/^\w+_created.*\n/gm, '');
  assert.equal(await aggregated.metrics(), withoutStart);
});

test('Registry.aggregate() puts buckets together that only some series have', async () => {
  const process = async (buckets: readonly number[], a: string): Promise<object> => {
    const registry = new Registry();
    new Histogram({ name: 'h', help: 'H.', labelNames: ['a'], buckets, registers: [registry] }).observe({ a }, 1.5);
    return registry.getMetricsAsJSON();
  };
  const text = await Registry.aggregate([await process([1, 2], 'x'), await process([1, 4], 'y')]).metrics();
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('h_bucket')),
    [
      'h_bucket{le="1",a="x"} 0',
      'h_bucket{le="2",a="x"} 1',
      'h_bucket{le="4",a="x"} 1',
      'h_bucket{le="+Inf",a="x"} 1',
      'h_bucket{le="1",a="y"} 0',
      'h_bucket{le="2",a="y"} 0',
      'h_bucket{le="4",a="y"} 1',
      'h_bucket{le="+Inf",a="y"} 1',
    ],
  );
});

test('Registry.aggregate() of nothing is empty, and refuses what is no list of metrics', async () => {
  const empty = Registry.aggregate([]);
  assert.equal(await empty.metrics(), '\n'); // as in prom-client
  assert.equal(empty.contentType, PROMETHEUS_CONTENT_TYPE);
  const metric = { name: 'x', help: 'X.', type: 'gauge', values: [] };
  for (const wrong of [[[null]], [[1]], [[{}]]]) assert.throws(() => Registry.aggregate(wrong), TypeError);
  assert.throws(() => Registry.aggregate([[{ ...metric, aggregator: 'wild' }]]), {
    name: 'RangeError',
    message: /'wild' is not a defined aggregator/,
  });
});

test('aggregators skip NaN, which JSON turns into null, and merge a ratio from its parts', async () => {
  const json = async (value: number, ratio?: readonly [number, number]): Promise<object> => {
    const registry = new Registry();
    for (const aggregator of ['sum', 'min', 'max', 'average', 'first'] as const) {
      new Gauge({ name: aggregator, help: 'G.', aggregator, registers: [registry] }).set(value);
    }
    const gauge = new Gauge({ name: 'ratio', help: 'G.', aggregator: 'ratio', registers: [registry] });
    if (ratio !== undefined) gauge.setRatio(...ratio);
    return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as object;
  };
  const merged = async (metrics: readonly object[]): Promise<string[]> => {
    const text = await Registry.aggregate(metrics).metrics();
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  };
  const busy = [await json(NaN, [0, 0]), await json(4, [10, 10]), await json(2, [0, 30])];
  assert.deepEqual(await merged(busy), ['sum 6', 'min 2', 'max 4', 'average 3', 'first 4', 'ratio 0.25']);
  const idle = [await json(NaN, [0, 0]), await json(NaN, [0, 0])];
  assert.deepEqual(await merged(idle), ['sum NaN', 'min NaN', 'max NaN', 'average NaN', 'first NaN', 'ratio 0']);
});
