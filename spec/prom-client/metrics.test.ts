import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Counter,
  Gauge,
  Histogram,
  type MetricValueWithName,
  PrometheusExporter,
  Registry,
  Summary,
} from '../../lib/index.ts';
import { parse } from '../../lib/parse/index.ts';
import { Summary as PlainSummary } from '../../lib/summary.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { untyped } from '../support/refused-numbers.ts';
import { turn } from '../support/turn.ts';

const HELP = 'H.';

test('Counter.get() gives the values of this moment, labels as they were passed', async () => {
  const counter = new Counter({
    name: 'x_total',
    help: HELP,
    labelNames: ['status'],
    aggregator: 'max',
    registers: [],
  });
  counter.inc({ status: 200 }, 2);
  const object = await counter.get();
  counter.inc({ status: 200 });
  assert.deepEqual(object, {
    help: HELP,
    name: 'x_total',
    type: 'counter',
    values: [{ value: 2, labels: { status: 200 } }],
    aggregator: 'max',
  });
});

test('Gauge.get() runs collect first, and rejects as it does', async () => {
  const gauge = new Gauge({
    name: 'x',
    help: HELP,
    registers: [],
    async collect() {
      this.set(await Promise.resolve(5));
    },
  });
  assert.deepEqual((await gauge.get()).values, [{ value: 5, labels: {} }]);
  const bad = new Gauge({
    name: 'y',
    help: HELP,
    registers: [],
    collect() {
      throw new Error('no');
    },
  });
  await assert.rejects(bad.get(), /no/);
});

test('Histogram.get() gives cumulative buckets, the sum and the count, each with its name', async () => {
  const histogram = new Histogram({ name: 'x', help: HELP, buckets: [1, 2], registers: [] });
  for (const value of [0.5, 1.5, 1.5, 9]) histogram.observe(value);
  assert.deepEqual((await histogram.get()).values, [
    { value: 1, metricName: 'x_bucket', exemplar: null, labels: { le: 1 } },
    { value: 3, metricName: 'x_bucket', exemplar: null, labels: { le: 2 } },
    { value: 4, metricName: 'x_bucket', exemplar: null, labels: { le: '+Inf' } },
    { value: 12.5, metricName: 'x_sum', labels: {} },
    { value: 4, metricName: 'x_count', labels: {} },
  ]);
});

test('Histogram.zero() creates a series, or takes it back to 0', () => {
  const histogram = new Histogram({ name: 'x', help: HELP, labelNames: ['a'], buckets: [1], registers: [] });
  histogram.observe({ a: 'known' }, 1);
  histogram.zero({ a: 'known' });
  histogram.zero({ a: 'new' });
  assert.deepEqual(
    histogram.series.map(({ labelValues, count, sum }) => [...labelValues, count, sum]),
    [
      ['known', 0, 0],
      ['new', 0, 0],
    ],
  );
});

test('Summary.get() gives quantiles, the sum and the count', async () => {
  const summary = new Summary({ name: 'x', help: HELP, percentiles: [0.5], registers: [] });
  summary.observe(3);
  assert.deepEqual((await summary.get()).values, [
    { value: 3, labels: { quantile: 0.5 } },
    { value: 3, metricName: 'x_sum', labels: {} },
    { value: 1, metricName: 'x_count', labels: {} },
  ]);
});

test('Counter with enableExemplars takes one object, and exposes the exemplar on the series of its labels', async () => {
  const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  const counter = new Counter({
    name: 'x_total',
    help: HELP,
    labelNames: ['a'],
    enableExemplars: true,
    registers: [registry],
  });
  counter.inc({ labels: { a: 'x' }, value: 2, exemplarLabels: { trace_id: 't' } });
  counter.inc({ labels: { a: 'x' } }); // keeps the exemplar that is there
  counter.inc({ labels: { a: 'y' } });
  const text = new TextDecoder().decode(await new PrometheusExporter(registry).render('application/openmetrics-text'));
  assert.match(text, /^x_total\{a="x"\} 3 # \{trace_id="t"\} 2 [\d.]+$/m);
  assert.match(text, /^x_total\{a="y"\} 1$/m);
  const [first, second] = (await counter.get()).values;
  assert.deepEqual(first!.exemplar?.labelSet, { trace_id: 't' });
  assert.equal(first!.exemplar?.value, 2);
  assert.equal(second!.exemplar, undefined);
  const plain = new Counter({ name: 'y_total', help: HELP, enableExemplars: true, registers: [] });
  plain.inc();
  assert.equal((await plain.get()).values[0]!.value, 1);
});

test('Histogram with enableExemplars takes one object in observe(), exemplar labels at both ends of a timer', async () => {
  const histogram = new Histogram({
    name: 'x',
    help: HELP,
    labelNames: ['a', 'b'],
    buckets: [60],
    enableExemplars: true,
    registers: [],
  });
  histogram.observe({ labels: { a: 'x', b: 'y' }, value: 99, exemplarLabels: { trace_id: 't' } });
  const seconds = histogram.startTimer({ a: 'x' }, { trace_id: 'u' })({ b: 'y' }, { span_id: 's' });
  const { values } = await histogram.get();
  assert.equal(values.length, 4); // one series: the labels of both are the same
  assert.deepEqual(values[0]!.exemplar?.labelSet, { trace_id: 'u', span_id: 's' });
  assert.equal(values[0]!.exemplar?.value, seconds);
  assert.deepEqual(values[1]!.exemplar?.labelSet, { trace_id: 't' });
});

test('An exemplar without labels is exposed by a counter, and is none for a histogram, as in prom-client', async () => {
  const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  const options = { help: HELP, enableExemplars: true, registers: [registry] } as const;
  const counter = new Counter({ ...options, name: 'x_total' });
  const histogram = new Histogram({ ...options, name: 'y', buckets: [1] });
  counter.inc({ exemplarLabels: {} });
  histogram.observe({ value: 2, exemplarLabels: {} });
  const text = await registry.metrics();
  assert.match(text, /^x_total 1 # \{\} 1 [\d.]+$/m);
  assert.doesNotMatch(text, /^y.* # /m);
  assert.equal(
    parse(text, registry.contentType).find(({ name }) => name === 'x')?.samples[0]?.exemplar?.labels.size,
    0,
  );
});

test('Histogram.get() has no exemplar for +Inf of a histogram with enableExemplars, and null elsewhere', async () => {
  const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  const options = { name: 'x', help: HELP, buckets: [1], registers: [registry] };
  const exemplars = async (values: Promise<readonly MetricValueWithName[]>) =>
    (await values).slice(0, 2).map(({ exemplar }) => exemplar);
  const metric = new Histogram({ ...options, enableExemplars: true });
  assert.deepEqual(await exemplars(metric.get().then(({ values }) => values)), [null, undefined]);
  assert.deepEqual(await exemplars(registry.getMetricsAsJSON().then(([one]) => one!.values)), [null, undefined]);
  const plain = new Histogram({ ...options, registers: [] });
  assert.deepEqual(await exemplars(plain.get().then(({ values }) => values)), [null, null]);
});

test('Counter with enableExemplars has an inc() of its own, any other that of the class', () => {
  const plain = new Counter({ name: 'x_total', help: HELP, registers: [] });
  assert.equal(plain.inc, Counter.prototype.inc);
  const exemplars = new Counter({ name: 'y_total', help: HELP, enableExemplars: true, registers: [] });
  assert.notEqual(exemplars.inc, Counter.prototype.inc as unknown);
});

test('Counter with enableExemplars creates no series for an update that it refuses', () => {
  const options = { name: 'x_total', help: HELP, labelNames: ['a'], enableExemplars: true, registers: [] } as const;
  const counter = new Counter(options);
  const labels = { a: 'x' };
  assert.throws(() => counter.inc({ labels, value: -1 }), RangeError);
  assert.throws(() => counter.inc({ labels, exemplarLabels: { 'trace id': '1' } }), RangeError);
  assert.deepEqual(counter.series, []);
});

test('Counter with ifExists: "reuse" is the one that is there, with its methods', async () => {
  const registry = new Registry();
  const options = { name: 'x_total', help: HELP, registers: [registry], ifExists: 'reuse' } as const;
  const first = new Counter(options);
  assert.equal(new Counter(options), first);
  assert.equal((await first.get()).aggregator, 'sum');
});

test('Counter takes null as a missing label and an object by its text, and warns once', async (t) => {
  const warnings = await collectWarnings(t);
  const counter = new Counter({ name: 'x_total', help: HELP, labelNames: ['a', 'b'], registers: [] });
  const inc = (labels: object): void => counter.inc(labels as never);
  inc({ a: /^\/orders/, b: 1 });
  inc({ a: ['p', 'q'], b: 1 });
  inc({ a: 'p,q', b: 1 });
  inc({ a: 'p,q', b: null });
  await turn();
  assert.deepEqual(
    counter.series.map(({ labelValues, value }) => [...labelValues, value]),
    [
      ['/^\\/orders/', '1', 1],
      ['p,q', '1', 2],
      ['p,q', '', 1],
    ],
  );
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['METRICS_LABEL_OBJECT', 'METRICS_MISSING_LABEL'],
  );
  assert.match(warnings[0]!.message, /^Metric "x_total" was updated with a value of type object for label "a"/);
  const withoutText = Object.create(null) as object;
  assert.throws(() => inc({ a: 'x', b: withoutText }), {
    name: 'TypeError',
    message: /^Cannot use label "b" of metric "x_total"/,
  });
  assert.throws(() => inc({ a: 'x', b: Symbol('x') }), TypeError);
});

test('Summary of the main entry has seven quantiles by default, that of its own entry none', async () => {
  const options = { name: 'x', help: HELP, registers: [] };
  const summary = new Summary(options);
  assert.deepEqual(summary.quantiles, [0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999]);
  assert.deepEqual(new Summary({ ...options, percentiles: undefined as never }).quantiles, summary.quantiles);
  assert.deepEqual(new Summary({ ...options, percentiles: [] }).quantiles, []);
  assert.deepEqual(new PlainSummary(options).quantiles, []);
  assert.ok(summary instanceof PlainSummary);
  assert.equal(Summary.name, 'Summary');
  const registry = new Registry();
  const first = new Summary({ ...options, registers: [registry] });
  assert.equal(new Summary({ ...options, registers: [registry], ifExists: 'reuse' }), first);
  for (const wrong of [undefined, null, 5, {}]) assert.throws(() => new Summary(wrong as never), TypeError);
});

test('Summary of the main entry takes 0 for no window', () => {
  const summary = new Summary({ name: 'x', help: HELP, registers: [], maxAgeSeconds: 0, ageBuckets: 0 });
  summary.observe(3);
  assert.deepEqual(summary.labels().quantileValues, new Array(7).fill(3));
});

test('observe() of a histogram and a summary takes undefined or null for no labels', () => {
  for (const metric of [
    new Histogram({ name: 'h', help: HELP, registers: [] }),
    new Summary({ name: 's', help: HELP, registers: [] }),
    new Histogram({ name: 'h', help: HELP, labelNames: ['a'], registers: [] }),
    new Summary({ name: 's', help: HELP, labelNames: ['a'], registers: [] }),
  ]) {
    const observe = untyped(metric, 'observe');
    for (const labels of [undefined, null]) observe(labels, 3);
    assert.deepEqual([metric.series[0]!.count, metric.series[0]!.sum], [2, 6]);
    for (const labels of [undefined, null]) assert.throws(() => observe(labels), TypeError);
  }
});

test('A metric joins whatever has a registerMetric(), as that of a subclass, of a test, or of another copy', async () => {
  const seen: string[] = [];
  class Listening extends Registry {
    override registerMetric(metric: Parameters<Registry['registerMetric']>[0]): void {
      seen.push(`${metric.name}`);
      super.registerMetric(metric);
    }
  }
  const registry = new Listening();
  const stub = { registerMetric: ({ name }: { name: string }) => seen.push(`stub ${name}`) };
  const gauge = new Gauge({ name: 'x', help: HELP, registers: [registry, stub as unknown as Registry] });
  gauge.set(3);
  assert.deepEqual(seen, ['x', 'stub x']);
  assert.match(await registry.metrics(), /^x 3$/m);
});

test('A metric that one of its registries refuses leaves those that it has joined, and stubs as they are', () => {
  const [first, last] = [new Registry(), new Registry()];
  new Gauge({ name: 'x', help: HELP, registers: [last] });
  const stub = { registerMetric: () => undefined };
  assert.throws(
    () => new Gauge({ name: 'x', help: HELP, registers: [first, stub as unknown as Registry, last] }),
    /^RangeError: .*A metric with the name x has already been registered/,
  );
  assert.deepEqual(first.getMetricsAsArray(), []);
  for (const odd of [{}, null, 5])
    assert.throws(
      () => new Gauge({ name: 'x', help: HELP, registers: [odd as unknown as Registry] }),
      /registers to be registries/,
    );
});

test('A metric takes null for no collect and for the default registry', () => {
  const counter = new Counter({ name: 'null_total', help: HELP, collect: null as never, registers: null as never });
  assert.equal(Registry.globalRegistry.getSingleMetric('null_total'), counter);
  assert.equal(counter.collect, undefined);
  Registry.globalRegistry.removeSingleMetric('null_total');
});

test('Summary refuses a window that cannot be, though 0 means none', () => {
  for (const options of [
    { maxAgeSeconds: NaN, ageBuckets: 5 },
    { maxAgeSeconds: 60, ageBuckets: '' as unknown as number },
  ])
    assert.throws(() => new Summary({ name: 'x', help: HELP, registers: [], ...options }), /Cannot create summary "x"/);
});
