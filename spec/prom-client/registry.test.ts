import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter as CounterOfCore, MetricsRegistry, register as registerOfCore } from '../../lib/core.ts';
import type { RegistryContentType } from '../../lib/index.ts';
import * as client from '../../lib/index.ts';

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
      type: 'info',
      values: [{ value: 1, labels: { version: '1', region: 'eu' } }],
      aggregator: 'sum',
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
  assert.equal(await registry.getSingleMetricAsString('y'), ''); // it has no series
  await assert.rejects(registry.getSingleMetricAsString('z'), {
    name: 'RangeError',
    message: /^Cannot show metric "z": /,
  });
  registry.setContentType(OPENMETRICS_CONTENT_TYPE as never);
  assert.equal(await registry.getSingleMetricAsString('x_total'), '# TYPE x counter\n# HELP x X.\nx_total 1');
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
  assert.deepEqual([counter.labels().value, histogram.labels().count, histogram.series.length], [0, 0, 1]);
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
