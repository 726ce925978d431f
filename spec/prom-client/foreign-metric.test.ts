import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, PrometheusExporter, Registry, Summary } from '../../lib/index.ts';
import type { ForeignMetric } from '../../lib/prom-client/foreign-metric.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';
import { NASTY_LABEL_VALUES } from '../support/nasty-label-values.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { turn } from '../support/turn.ts';

const { OPENMETRICS_CONTENT_TYPE } = Registry;
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

/** An object as programs pass it to prom-client's `registerMetric()`. */
function foreign(object: object = {}, own: object = { name: 'orders' }): ForeignMetric {
  const all = { name: 'orders', help: 'Orders.', type: 'counter', values: [{ value: 12, labels: { side: 'buy' } }] };
  return { ...own, get: async () => ({ ...all, ...object }) } as unknown as ForeignMetric;
}

/** A registry with these objects. */
function registryOf(...metrics: readonly ForeignMetric[]): Registry {
  const registry = new Registry();
  for (const metric of metrics) registry.registerMetric(metric);
  return registry;
}

test('Registry.registerMetric() takes an object with get(), lists it, finds it and removes it', async () => {
  const metric = foreign();
  const registry = registryOf(metric, metric);
  assert.deepEqual(registry.getMetricsAsArray(), [metric]);
  assert.equal(registry.getSingleMetric('orders'), metric);
  assert.equal(await registry.metrics(), '# HELP orders Orders.\n# TYPE orders counter\norders{side="buy"} 12\n');
  assert.throws(
    () => registry.registerMetric(foreign()),
    /A metric with the name orders has already been registered\./,
  );
  assert.throws(
    () => new Counter({ name: 'orders', help: 'O.', registers: [registry] }),
    /has already been registered/,
  );
  assert.equal(registry.removeSingleMetric('orders'), true);
  assert.deepEqual([registry.getMetricsAsArray(), await registry.metrics()], [[], '\n']);
});

test('Registry.registerMetric() takes several objects without a name, each once', async () => {
  const [first, second] = [foreign({}, {}), foreign({ name: 'jobs' }, {})];
  const registry = registryOf(first, second, first);
  assert.deepEqual(registry.getMetricsAsArray(), [first, second]);
  assert.match(await registry.metrics(), /^orders\{side="buy"\} 12$[^]*^jobs\{side="buy"\} 12$/m);
  assert.match(await registry.getMetricsAsString(second), /^jobs\{side="buy"\} 12$/m);
});

test('Registry.getSingleMetricAsString() shows an object whose get() returns another name than its own', async () => {
  const registry = registryOf(foreign({}, { name: 'listed' }));
  registry.setDefaultLabels({ region: 'eu' });
  assert.match(await registry.getSingleMetricAsString('listed'), /^orders\{side="buy",region="eu"\} 12$/m);
});

test('Registry.registerMetric() takes an object without a name, with other fields, and with a get() that is not async', async () => {
  const registry = registryOf(
    foreign({}, {}),
    foreign({ name: 'jobs' }, { name: 'jobs', help: 'Another.', labelNames: ['side'], type: 'gauge' }),
    { name: 'sync', get: () => ({ name: 'sync', help: 'S.', type: 'gauge', values: [], aggregator: 'sum' }) },
  );
  assert.equal(
    await registry.metrics(),
    `# HELP orders Orders.
# TYPE orders counter
orders{side="buy"} 12

# HELP jobs Orders.
# TYPE jobs counter
jobs{side="buy"} 12

# HELP sync S.
# TYPE sync gauge
`,
  );
});

test('an object with get() is exposed in OpenMetrics and protobuf too, in its place among the metrics', async () => {
  const registry = new Registry({ prefix: 'shop_' });
  new Gauge({ name: 'a', help: 'A.', registers: [registry] }).set(1);
  registry.registerMetric(foreign());
  new Gauge({ name: 'z', help: 'Z.', registers: [registry] }).set(2);
  registry.setContentType(OPENMETRICS_CONTENT_TYPE as never);
  const text = await registry.metrics();
  assert.match(text, /# TYPE shop_orders counter\nshop_orders_total\{side="buy"\} 12\n/);
  assert.deepEqual(
    (await registry.getMetricsAsJSON()).map(({ name }) => name),
    ['shop_a', 'orders', 'shop_z'], // the object as get() returned it
  );
  const families = decodeProtobuf(await new PrometheusExporter(registry).render(PROTOBUF));
  assert.deepEqual(
    families.map(({ name }) => name),
    ['shop_a', 'shop_orders', 'shop_z'],
  );
  assert.match(await registry.getSingleMetricAsString('shop_orders'), /shop_orders_total\{side="buy"\} 12$/);
});

test('an object with get() gets the default labels, its own win, and it stays as it is', async () => {
  const values = [{ value: 1, labels: { side: 'buy' } }, { value: 2 }];
  const registry = registryOf(foreign({ values }));
  registry.setDefaultLabels({ region: 'eu', side: 'any', shard: 7 });
  assert.deepEqual((await registry.getMetricsAsJSON())[0]!.values, [
    { value: 1, labels: { side: 'buy', region: 'eu', shard: 7 } },
    { value: 2, labels: { region: 'eu', shard: 7 } },
  ]);
  assert.deepEqual(values, [{ value: 1, labels: { side: 'buy' } }, { value: 2 }]);
});

test('an object with get() may have any number and any label value', async () => {
  const registry = registryOf(
    foreign({
      type: 'gauge',
      values: [
        ...[NaN, Infinity, -Infinity, null, '2.5'].map((value, i) => ({ value, labels: { i } })),
        ...NASTY_LABEL_VALUES.map((nasty, i) => ({ value: i, labels: { nasty, missing: undefined } })),
      ],
    }),
  );
  const [family] = parseExposition(await registry.metrics());
  assert.deepEqual(
    family!.samples.slice(0, 5).map(({ value }) => value),
    [NaN, Infinity, -Infinity, NaN, 2.5],
  );
  assert.equal(family!.samples.length, 5 + NASTY_LABEL_VALUES.length);
  assert.equal(new Set(family!.samples.map(({ labels }) => JSON.stringify([...labels]))).size, family!.samples.length);
});

test('an object with get() shows what a metric of ours shows, for each type and with exemplars', async () => {
  const options = { help: 'X.', labelNames: ['a'], registers: [] };
  const histogram = new Histogram({ ...options, name: 'h', buckets: [1, 2] });
  histogram.labels('x').observe(1.5, { trace_id: 't' });
  histogram.observe({ a: 'y' }, 9);
  const summary = new Summary({ ...options, name: 's', percentiles: [0.5, 0.9] });
  summary.observe({ a: 'x' }, 3);
  const counter = new Counter({ ...options, name: 'c_total' });
  counter.labels('x').inc(2, { trace_id: 'u' });
  const gauge = new Gauge({ ...options, name: 'g' });
  gauge.set({ a: 'x' }, -1);
  const [own, others] = [new Registry(), new Registry()];
  for (const metric of [histogram, summary, counter, gauge]) {
    own.registerMetric(metric);
    const json = JSON.parse(JSON.stringify(await metric.get())) as ReturnType<ForeignMetric['get']>;
    others.registerMetric({ name: metric.name, get: () => json });
  }
  for (const accept of ['text/plain', 'application/openmetrics-text', PROTOBUF]) {
    const [expected, actual] = await Promise.all(
      [own, others].map((registry) => new PrometheusExporter(registry).render(accept)),
    );
    const decode = (bytes: Uint8Array): unknown =>
      accept === PROTOBUF
        ? decodeProtobuf(bytes).map(({ name, metrics }) => [name, metrics.length])
        : new TextDecoder().decode(bytes);
    assert.deepEqual(decode(actual!), decode(expected!), accept);
  }
  assert.deepEqual(await others.getMetricsAsJSON(), JSON.parse(JSON.stringify(await own.getMetricsAsJSON())));
});

test('getMetricsAsJSON() has each object with get() once, whatever else reads the registry meanwhile', async () => {
  let reads = 0;
  const registry = registryOf({
    name: 'x',
    get: () => ({
      name: 'x',
      help: 'X.',
      type: 'gauge',
      aggregator: 'sum',
      values: [
        { value: ++reads, labels: {} },
        { value: 2, labels: {}, metricName: 'x_max' },
      ],
    }),
  });
  const many = Array.from({ length: 20 }, async (_, i) => {
    for (let step = 0; step < i; step++) await undefined;
    return registry.getMetricsAsJSON();
  });
  for (const json of await Promise.all(many))
    assert.deepEqual(
      json.map(({ name, values }) => [name, values.length]),
      [['x', 2]],
    );
  assert.ok(reads > 1);
});

test('objects with get() can be merged and reset', async () => {
  let resets = 0;
  const first = registryOf({ ...foreign(), reset: () => resets++ } as ForeignMetric);
  const second = registryOf(foreign({ name: 'jobs' }, { name: 'jobs' }));
  const merged = Registry.merge([first, second]);
  assert.match(await merged.metrics(), /^orders\{side="buy"\} 12$[^]*^jobs\{side="buy"\} 12$/m);
  assert.equal((await merged.getMetricsAsJSON()).length, 2);
  assert.throws(() => Registry.merge([first, registryOf(foreign())]), /has already been registered/);
  merged.resetMetrics();
  assert.equal(resets, 1);
});

test('Registry.resetMetrics() resets every metric though the reset() of one throws', () => {
  const fail = (): never => {
    throw new Error('no reset');
  };
  const registry = registryOf({ ...foreign(), reset: fail } as ForeignMetric);
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  jobs.inc(5);
  assert.throws(() => registry.resetMetrics(), /no reset/);
  assert.equal(jobs.labels().value, 0);
});

test('an object with get() that fails, or returns what cannot be exposed, costs only its own family', async (t) => {
  const warnings = await collectWarnings(t);
  const bad: readonly (() => unknown)[] = [
    () => {
      throw new Error('no');
    },
    () => Promise.reject(new Error('no')),
    () => undefined,
    () => ({ name: 'bad', values: 5 }),
    () => ({ name: 'a b', help: 'X.', type: 'gauge', values: [] }),
    () => ({ name: 'bad', help: 'X.', type: 'gauge', values: [{ value: 'many' }] }),
    ...[undefined, '', ' ', [], true].map((value) => () => ({
      name: 'bad',
      help: 'X.',
      type: 'gauge',
      values: [{ value }],
    })),
    () => ({ name: 'bad', help: 'X.', type: 'gauge', values: [null] }),
    () => ({ name: 'bad', help: 'X.', type: 'gauge', values: [{ value: 1, labels: { 'a b': 1 } }] }),
    () => ({ name: 'orders', help: 'X.', type: 'gauge', values: [{ value: 1 }] }), // which is another metric's name
  ];
  const registry = registryOf(
    foreign(),
    ...bad.map((get, i) => ({ name: `bad_${i}`, get }) as unknown as ForeignMetric),
  );
  const text = await registry.metrics();
  await turn();
  assert.match(text, /^orders\{side="buy"\} 12$/m);
  for (const i of bad.keys()) {
    if (i === 2) continue; // no values, as in prom-client: nothing to expose
    assert.match(
      text,
      new RegExp(`^metrics_client_collector_failures_total\\{collector="bad_${i}"\\} 1$`, 'm'),
      `${i}`,
    );
  }
  assert.equal(warnings.length, bad.length - 1);
});

test('Registry.registerMetric() refuses what has neither a get() nor the fields of a metric', () => {
  for (const wrong of [undefined, null, 'x', {}, { name: 'x' }, { name: 'x', get: 5 }])
    assert.throws(() => new Registry().registerMetric(wrong as never), TypeError);
});

test('an object with get() and an exemplar that holds no numbers costs only its own family', async (t) => {
  await collectWarnings(t);
  for (const exemplar of [
    { labelSet: { a: '1' }, value: '1\nevil_total 7' },
    { labelSet: { a: '1' }, value: 1, timestamp: '1\nevil_total 7' },
  ]) {
    const registry = new Registry(OPENMETRICS_CONTENT_TYPE);
    const values = [{ value: 1, labels: {}, exemplar }];
    const object = { name: 'f_total', get: () => ({ name: 'f_total', help: 'F.', type: 'counter', values }) };
    registry.registerMetric(object as unknown as ForeignMetric);
    const text = await registry.metrics();
    assert.doesNotMatch(text, /evil|^f_total/m);
    assert.match(text, /^metrics_client_collector_failures_total\{collector="f_total"\} 1$/m);
  }
});
