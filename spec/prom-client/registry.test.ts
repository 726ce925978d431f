import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter as CounterOfCore, MetricsRegistry, register as registerOfCore } from '../../lib/core.ts';
import type { RegistryContentType } from '../../lib/index.ts';
import * as client from '../../lib/index.ts';
import { parse } from '../../lib/parse/index.ts';

const { Counter, Gauge, Histogram, Info, Registry, register } = client;
const { OPENMETRICS_CONTENT_TYPE, PROMETHEUS_CONTENT_TYPE } = Registry;

test('Registry.getMetricsAsJSON() gives what a scrape would: constant labels, prefix, collectors, and aggregators', async () => {
  const registry = new Registry({ prefix: 'shop_', constantLabels: { region: 'eu' } });
  new Counter({ name: 'x_total', help: 'X.', labelNames: ['a'], aggregator: 'omit', registers: [registry] }).inc({
    a: 'b',
  });
  new Info({ name: 'build_info', help: 'B.', labelNames: ['version'], registers: [registry] }).set({ version: '1' });
  registry.registerCollector({
    name: 'disk',
    collect: () => [{ name: 'free_bytes', help: 'F.', type: 'gauge', series: [{ value: 7, labels: { disk: 'a' } }] }],
  });
  assert.deepEqual(await registry.getMetricsAsJSON(), [
    {
      help: 'X.',
      name: 'shop_x_total',
      type: 'counter',
      values: [{ value: 1, labels: { a: 'b', region: 'eu' } }],
      aggregator: 'omit',
    },
    {
      help: 'B.',
      name: 'shop_build_info',
      type: 'gauge',
      values: [{ value: 1, labels: { version: '1', region: 'eu' } }],
      aggregator: 'first',
    },
    {
      help: 'F.',
      name: 'shop_free_bytes',
      type: 'gauge',
      values: [{ value: 7, labels: { disk: 'a', region: 'eu' } }],
      aggregator: 'sum',
    },
  ]);
});

test('Registry.getSingleMetricAsString() gives one metric in the format of the registry, and refuses an unknown one', async () => {
  const registry = new Registry();
  new Counter({ name: 'x_total', help: 'X.', registers: [registry] }).inc();
  new Gauge({ name: 'y', help: 'Y.', labelNames: ['a'], registers: [registry] });
  assert.equal(
    await registry.getSingleMetricAsString('x_total'),
    '# HELP x_total X.\n# TYPE x_total counter\nx_total 1',
  );
  assert.equal(await registry.getSingleMetricAsString('y'), '# HELP y Y.\n# TYPE y gauge'); // it has no series
  await assert.rejects(registry.getSingleMetricAsString('z'), {
    name: 'RangeError',
    message: /^Cannot show metric "z": /,
  });
  registry.setContentType(OPENMETRICS_CONTENT_TYPE as never);
  assert.equal(await registry.getSingleMetricAsString('x_total'), '# HELP x X.\n# TYPE x counter\nx_total 1');
  await assert.rejects(registry.getSingleMetricAsString('z'), RangeError);
});

test('Registry.setContentType() says what metrics() writes, and refuses other types', async () => {
  const registry = new Registry<RegistryContentType>(OPENMETRICS_CONTENT_TYPE);
  assert.equal(registry.contentType, OPENMETRICS_CONTENT_TYPE);
  assert.match(await registry.metrics(), /# EOF\n$/);
  registry.setContentType(PROMETHEUS_CONTENT_TYPE);
  assert.equal(registry.contentType, new MetricsRegistry().contentType);
  assert.doesNotMatch(await registry.metrics(), /# EOF/);
  for (const wrong of ['text/html', '', undefined]) {
    const refused = {
      name: 'TypeError',
      message: `Content type ${wrong} is unsupported. Cannot set it: expected ${JSON.stringify(PROMETHEUS_CONTENT_TYPE)} or ${JSON.stringify(OPENMETRICS_CONTENT_TYPE)}.`,
    };
    assert.throws(() => registry.setContentType(wrong as never), refused);
  }
});

test('Registry.resetMetrics() takes all back to the start and removes none', async () => {
  const registry = new Registry();
  const counter = new Counter({ name: 'x_total', help: 'X.', registers: [registry] });
  const histogram = new Histogram({ name: 'h', help: 'H.', buckets: [1], registers: [registry] });
  counter.inc();
  histogram.observe(1);
  registry.resetMetrics();
  assert.deepEqual([counter.labels().value, histogram.labels().count, histogram.series.length], [0, 0, 0]);
  assert.deepEqual(registry.getMetricsAsArray(), [counter, histogram]);
});

test('Registry.registerMetric() takes a metric that is there already', () => {
  const registry = new Registry();
  const counter = new Counter({ name: 'x_total', help: 'X.', registers: [] });
  registry.registerMetric(counter);
  registry.registerMetric(counter);
  assert.equal(registry.getSingleMetric('x_total'), counter);
  const other = new Counter({ name: 'x_total', help: 'X.', registers: [] });
  assert.throws(() => registry.registerMetric(other), /A metric with the name x_total has already been registered\./);
  assert.throws(() => registry.registerMetric(null as never), TypeError);
});

test('Registry.merge() is a Registry of the same content type, and exposes a metric of two registries once', async () => {
  const [first, second] = [new Registry(OPENMETRICS_CONTENT_TYPE), new Registry(OPENMETRICS_CONTENT_TYPE)];
  new Counter({ name: 'x_total', help: 'X.', registers: [first, second] }).inc();
  const merged = Registry.merge([first, second]);
  assert.ok(merged instanceof Registry);
  assert.equal(merged.contentType, OPENMETRICS_CONTENT_TYPE);
  assert.equal((await merged.getMetricsAsJSON()).length, 1);
  assert.throws(
    () => Registry.merge([first, new Registry()]),
    /^Error: Registers can only be merged if they have the same content type/,
  );
  assert.equal(Registry.merge([]).contentType, PROMETHEUS_CONTENT_TYPE);
});

test('register is the default registry of the core, and has the methods of a Registry', async () => {
  assert.equal(register, registerOfCore);
  assert.ok(register instanceof Registry);
  const counter = new CounterOfCore({ name: 'x_total', help: 'X.' });
  try {
    counter.inc(3);
    assert.deepEqual(
      (await register.getMetricsAsJSON()).map(({ name, values }) => [name, values[0]!.value]),
      [['x_total', 3]],
    );
  } finally {
    register.clear();
  }
});

test('contentType follows register.setContentType(), in the default export too', () => {
  assert.equal(client.contentType, PROMETHEUS_CONTENT_TYPE);
  try {
    register.setContentType(OPENMETRICS_CONTENT_TYPE as never);
    assert.equal(client.contentType, OPENMETRICS_CONTENT_TYPE);
    assert.equal(client.default.contentType, OPENMETRICS_CONTENT_TYPE);
  } finally {
    register.setContentType(PROMETHEUS_CONTENT_TYPE);
  }
  assert.equal(client.prometheusContentType, PROMETHEUS_CONTENT_TYPE);
  assert.equal(client.openMetricsContentType, OPENMETRICS_CONTENT_TYPE);
});

test('Registry.getMetricsAsString() shows a metric as the registry does, registered there or not', async () => {
  const registry = new Registry({ prefix: 'shop_' });
  registry.setDefaultLabels({ region: 'eu' });
  const own = new Counter({ name: 'x_total', help: 'X.', registers: [registry] });
  const other = new Gauge({ name: 'y', help: 'Y.', registers: [] });
  assert.equal(
    await registry.getMetricsAsString(own),
    '# HELP shop_x_total X.\n# TYPE shop_x_total counter\nshop_x_total{region="eu"} 0',
  );
  assert.equal(await registry.getMetricsAsString(other), '# HELP y Y.\n# TYPE y gauge\ny{region="eu"} 0');
  assert.equal(registry.getSingleMetric('y'), undefined);
  registry.setContentType(OPENMETRICS_CONTENT_TYPE as never);
  assert.match(await registry.getMetricsAsString(own), /^# HELP shop_x X\.\n# TYPE shop_x counter\nshop_x_total/);
});

test('Registry.globalRegistry is the default registry', () => {
  assert.equal(Registry.globalRegistry, register);
  assert.equal(client.AggregatorRegistry.globalRegistry, register);
});

test('Registry.metrics() shows the metadata of a metric without series, as prom-client does; an exporter does not', async () => {
  const registry = new Registry();
  new Counter({ name: 'x_total', help: 'X.', labelNames: ['a'], registers: [registry] });
  assert.equal(await registry.metrics(), '# HELP x_total X.\n# TYPE x_total counter\n');
  assert.equal(new TextDecoder().decode(await new client.PrometheusExporter(registry).render()), '');
  registry.setContentType(OPENMETRICS_CONTENT_TYPE as never);
  assert.equal(await registry.metrics(), '# HELP x X.\n# TYPE x counter\n# EOF\n');
});

test('Registry refuses a metric with enableExemplars while it writes text, and then holds none of it', () => {
  const options = { name: 'x', help: 'X.', enableExemplars: true };
  const [text, open] = [new Registry(), new Registry(OPENMETRICS_CONTENT_TYPE)];
  for (const Metric of [Counter, Histogram] as readonly (new (
    options: object,
  ) => object)[]) {
    assert.throws(() => new Metric({ ...options, registers: [open, text] }), {
      name: 'TypeError',
      message: /Exemplars are supported only on OpenMetrics registries/,
    });
    assert.deepEqual([open.getMetricsAsArray(), text.getMetricsAsArray()], [[], []]);
  }
  new Counter({ ...options, registers: [open as never, new MetricsRegistry()] });
});

test('Registry.getMetricsAsJSON() has label values as they were passed, by series', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ shard: 7, zone: 'eu' });
  const gauge = new Gauge({ name: 'x', help: 'X.', labelNames: ['status', 'ok'], registers: [registry] });
  gauge.set({ status: 200, ok: true }, 1);
  gauge.set({ ok: 'true', status: '404' }, 2);
  gauge.labels(500, false).set(3);
  gauge.set({ status: '200', ok: 'true' }, 4); // the first series, under the labels that it was created with
  const labels = { shard: 7, zone: 'eu' };
  const expected = [
    { value: 4, labels: { status: 200, ok: true, ...labels } },
    { value: 2, labels: { status: '404', ok: 'true', ...labels } },
    { value: 3, labels: { status: 500, ok: false, ...labels } },
  ];
  assert.deepEqual((await registry.getMetricsAsJSON())[0]!.values, expected);
  assert.match(await registry.metrics(), /^x\{status="500",ok="false",shard="7",zone="eu"\} 3$/m);
  const held = gauge.labels(500, false);
  assert.equal(gauge.remove('500', 'false'), true);
  held.set(5);
  assert.deepEqual((await gauge.get()).values[2], { value: 5, labels: { status: 500, ok: false } });
});

test('Registry.aggregate() merges infos and state sets to what they are in one process, and keeps each aggregator', async () => {
  const json = async (state: 'on' | 'off'): Promise<object> => {
    const registry = new Registry();
    new Info({ name: 'build_info', help: 'B.', labelNames: ['version'], registers: [registry] }).set({ version: 1 });
    new client.StateSet({ name: 'mode', help: 'M.', states: ['on', 'off'], registers: [registry] }).select(state);
    new Gauge({ name: 'started_seconds', help: 'S.', aggregator: 'first', registers: [registry] }).set(1.7e9);
    registry.registerCollector({
      name: 'c',
      collect: () => [{ name: 'peak', help: 'P.', type: 'gauge', aggregator: 'max', series: [{ value: 3 }] }],
    });
    return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as object;
  };
  const aggregated = Registry.aggregate([await json('on'), await json('off')]);
  const text = await aggregated.metrics();
  assert.deepEqual(
    text.split('\n').filter((line) => line !== '' && !line.startsWith('# HELP')),
    [
      '# TYPE build_info gauge',
      'build_info{version="1"} 1',
      '# TYPE mode gauge',
      'mode{mode="on"} 1',
      'mode{mode="off"} 1',
      '# TYPE started_seconds gauge',
      'started_seconds 1700000000',
      '# TYPE peak gauge',
      'peak 3',
    ],
  );
  const metric = aggregated.getSingleMetric('peak') as unknown as { get(): { name: string }; aggregator: string };
  assert.deepEqual([metric.get().name, metric.aggregator], ['peak', 'max']); // get() is not asynchronous, as in prom-client
});

test('Registry.metrics() writes the labels of a histogram in the order of prom-client: bound, constant labels, its own', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ region: 'eu' });
  const options = { help: 'H.', registers: [registry], buckets: [1], percentiles: [0.5] };
  new Histogram({ ...options, name: 'h', labelNames: ['b', 'a'] }).observe({ a: 'x', b: 'y' }, 1);
  new Histogram({ ...options, name: 'plain' }).observe(1);
  new client.Summary({ ...options, name: 's', labelNames: ['a'] }).observe({ a: 'x' }, 1);
  const text = await registry.metrics();
  assert.deepEqual(
    text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    [
      'h_bucket{le="1",region="eu",b="y",a="x"} 1',
      'h_bucket{le="+Inf",region="eu",b="y",a="x"} 1',
      'h_sum{region="eu",b="y",a="x"} 1',
      'h_count{region="eu",b="y",a="x"} 1',
      'plain_bucket{le="1",region="eu"} 1',
      'plain_bucket{le="+Inf",region="eu"} 1',
      'plain_sum{region="eu"} 1',
      'plain_count{region="eu"} 1',
      's{quantile="0.5",a="x",region="eu"} 1',
      's_sum{a="x",region="eu"} 1',
      's_count{a="x",region="eu"} 1',
    ],
  );
  const exported = new TextDecoder().decode(await new client.PrometheusExporter(registry).render('text/plain'));
  assert.match(exported, /^h_bucket\{b="y",a="x",region="eu",le="1\.0"\} 1$/m);
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  const openMetrics = await registry.metrics();
  assert.match(
    openMetrics,
    /^h_bucket\{le="1\.0",region="eu",b="y",a="x"\} 1\nh_bucket\{le="\+Inf",region="eu",b="y",a="x"\} 1$/m,
  );
  assert.match(openMetrics, /^s\{quantile="0\.5",a="x",region="eu"\} 1\ns_sum\{a="x",region="eu"\} 1$/m);
  parse(openMetrics, Registry.OPENMETRICS_CONTENT_TYPE);
  const scraped = await new client.PrometheusExporter(registry).render('application/openmetrics-text');
  assert.match(new TextDecoder().decode(scraped), /^h_bucket\{b="y",a="x",region="eu",le="1\.0"\} 1$/m);
});
