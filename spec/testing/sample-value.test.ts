import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, Info, MetricsRegistry, PrometheusExporter, StateSet } from '../../lib/core.ts';
import type { CollectedFamily } from '../../lib/model/collector.ts';
import type { LabelValue } from '../../lib/model/label-value.ts';
import { parse } from '../../lib/parse/index.ts';
import { sampleValue } from '../../lib/testing/index.ts';
import { NASTY_LABEL_VALUES } from '../support/nasty-label-values.ts';
import { parseExposition } from '../support/parse-exposition.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores';

/** A registry whose collector returns these families. */
function registryOf(...families: readonly CollectedFamily[]): MetricsRegistry {
  const registry = new MetricsRegistry();
  registry.registerCollector({ name: 'families', collect: () => families });
  return registry;
}

function latencies(): MetricsRegistry {
  const registry = new MetricsRegistry();
  const options = {
    name: 'latency_seconds',
    help: 'Latency.',
    labelNames: ['route'],
    buckets: [0.1, 1],
    registers: [registry],
  };
  const latency = new Histogram(options);
  latency.observe({ route: '/' }, 0.05);
  latency.observe({ route: '/' }, 0.5);
  latency.observe({ route: '/' }, 5);
  return registry;
}

test('sampleValue() resolves to the value of a counter, of a gauge, and of an info', async () => {
  const registry = new MetricsRegistry();
  const orders = new Counter({
    name: 'orders_total',
    help: 'Orders.',
    labelNames: ['side', 'venue'],
    registers: [registry],
  });
  const open = new Gauge({ name: 'open_orders', help: 'Open.', registers: [registry] });
  new Info({ name: 'build_info', help: 'Build.', labelNames: ['version'], registers: [registry] }).set({
    version: '1.2.3',
  });
  orders.inc({ side: 'buy', venue: 'XETRA' }, 3);
  open.set(-1.5);
  assert.equal(await sampleValue(registry, 'orders_total', { venue: 'XETRA', side: 'buy' }), 3);
  assert.equal(await sampleValue(registry, 'open_orders'), -1.5);
  assert.equal(await sampleValue(registry, 'build_info', { version: '1.2.3' }), 1);
});

test('sampleValue() resolves to the state of a state set', async () => {
  const registry = new MetricsRegistry();
  const mode = new StateSet({ name: 'mode', help: 'Mode.', states: ['live', 'paper'], registers: [registry] });
  mode.select('paper');
  assert.equal(await sampleValue(registry, 'mode', { mode: 'paper' }), 1);
  assert.equal(await sampleValue(registry, 'mode', { mode: 'live' }), 0);
});

test('sampleValue() resolves to the buckets of a histogram, cumulative, its sum and its count', async () => {
  const registry = latencies();
  const read = (suffix: string, le?: LabelValue) =>
    sampleValue(registry, `latency_seconds${suffix}`, { route: '/', ...(le === undefined ? {} : { le }) });
  assert.equal(await read('_bucket', 0.1), 1);
  assert.equal(await read('_bucket', '0.1'), 1);
  for (const le of [1, '1', '1.0', '1e+00']) assert.equal(await read('_bucket', le), 2, String(le));
  for (const le of ['+Inf', Infinity]) assert.equal(await read('_bucket', le), 3, String(le));
  assert.equal(await read('_bucket', 2), undefined);
  assert.equal(await read('_sum'), 5.55);
  assert.equal(await read('_count'), 3);
});

test('sampleValue() resolves to the quantiles of a summary, its sum and its count', async () => {
  const series = [{ quantileValues: [2, NaN], sum: 9, count: 4 }];
  const registry = registryOf({ name: 'size_bytes', help: 'Size.', type: 'summary', quantiles: [0.5, 1], series });
  assert.equal(await sampleValue(registry, 'size_bytes', { quantile: 0.5 }), 2);
  assert.equal(await sampleValue(registry, 'size_bytes', { quantile: '1.0' }), NaN);
  assert.equal(await sampleValue(registry, 'size_bytes_sum'), 9);
  assert.equal(await sampleValue(registry, 'size_bytes_count'), 4);
});

test('sampleValue() runs the collectors first, and finds what they returned', async () => {
  let free = 7;
  const registry = new MetricsRegistry({ prefix: 'shop_', constantLabels: { zone: 'eu' } });
  registry.registerCollector({
    name: 'disk',
    collect: async () => [{ name: 'free_bytes', help: 'Free.', type: 'gauge', series: [{ value: free }] }],
  });
  assert.equal(await sampleValue(registry, 'shop_free_bytes', { zone: 'eu' }), 7);
  free = 8;
  assert.equal(await sampleValue(registry, 'shop_free_bytes', { zone: 'eu' }), 8);
});

test('sampleValue() wants all labels, constant ones too, and takes an empty one for an absent one', async () => {
  const registry = registryOf({
    name: 'jobs',
    help: 'Jobs.',
    type: 'gauge',
    series: [
      { labels: { queue: 'a', host: 'x' }, value: 1 },
      { labels: { queue: 'b' }, value: 2 },
    ],
  });
  assert.equal(await sampleValue(registry, 'jobs', { queue: 'a' }), undefined);
  assert.equal(await sampleValue(registry, 'jobs', { queue: 'b' }), 2);
  assert.equal(await sampleValue(registry, 'jobs', { queue: 'b', host: '' }), 2);
  assert.equal(await sampleValue(registry, 'jobs', { queue: 'b', host: '', zone: 'eu' }), undefined);
});

test('sampleValue() resolves to undefined where there is no such metric or series, and creates none', async () => {
  const registry = new MetricsRegistry();
  const orders = new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['side'], registers: [registry] });
  assert.equal(await sampleValue(registry, 'orders_total', { side: 'buy' }), undefined);
  assert.equal(await sampleValue(registry, 'orders'), undefined);
  assert.equal(orders.series.length, 0);
});

test('sampleValue() tells label values apart that escaping or joining could mix up', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'nasty_total', help: 'Nasty.', labelNames: ['a', 'b'], registers: [registry] });
  NASTY_LABEL_VALUES.forEach((a, i) => counter.inc({ a, b: NASTY_LABEL_VALUES.at(-1 - i)! }, i));
  for (const [i, a] of NASTY_LABEL_VALUES.entries()) {
    assert.equal(await sampleValue(registry, 'nasty_total', { a, b: NASTY_LABEL_VALUES.at(-1 - i)! }), i);
  }
});

test('sampleValue() takes the names of OpenMetrics too', async () => {
  const registry = registryOf(
    { name: 'requests', help: 'Requests.', type: 'counter', series: [{ value: 5 }] },
    {
      name: 'ages',
      help: 'Ages.',
      type: 'gaugehistogram',
      upperBounds: [1],
      series: [{ bucketCounts: [2, 1], sum: 4 }],
    },
  );
  for (const name of ['requests', 'requests_total']) assert.equal(await sampleValue(registry, name), 5, name);
  for (const name of ['ages_sum', 'ages_gsum']) assert.equal(await sampleValue(registry, name), 4, name);
  for (const name of ['ages_count', 'ages_gcount']) assert.equal(await sampleValue(registry, name), 3, name);
});

test('sampleValue() prefers the name that a family has in the text formats', async () => {
  const counter = (name: string, value: number) =>
    ({ name, help: 'C.', type: 'counter', series: [{ value }] }) as const;
  for (const families of [
    [counter('c', 1), counter('c_total', 2)],
    [counter('c_total', 2), counter('c', 1)],
  ]) {
    assert.equal(await sampleValue(registryOf(...families), 'c'), 1);
    assert.equal(await sampleValue(registryOf(...families), 'c_total'), 2);
  }
});

test('sampleValue() gives back every sample of random registries, as independent parsers read them', async () => {
  const random = new SeededRandom(20);
  let samples = 0;
  for (let i = 0; i < 60; i++) {
    const registry = randomRegistry(random);
    const openMetrics = await new PrometheusExporter(registry).render(OPENMETRICS);
    const families = [...parseExposition(await registry.metrics()), ...parse(openMetrics, OPENMETRICS)];
    for (const { name, labels, value } of families.flatMap((family) => family.samples)) {
      assert.equal(
        await sampleValue(registry, name, Object.fromEntries(labels)),
        value,
        `${name} ${JSON.stringify([...labels])}`,
      );
      samples++;
    }
  }
  assert.ok(samples > 2000, String(samples));
});

function randomRegistry(random: SeededRandom): MetricsRegistry {
  const labelSets = Array.from({ length: random.int(4) }, (_, n) => ({ a: random.text(8), n: String(n) }));
  const value = () => random.pick([0, 1, -2.5, 1e300, NaN, Infinity]);
  const count = () => random.int(50);
  const head = { help: 'Random.' };
  return registryOf(
    { ...head, name: 'c_total', type: 'counter', series: labelSets.map((labels) => ({ labels, value: count() })) },
    { ...head, name: 'c', type: 'counter', series: labelSets.map((labels) => ({ labels, value: count() })) },
    { ...head, name: 'plain', type: 'counter', series: labelSets.map((labels) => ({ labels, value: count() })) },
    { ...head, name: 'g', type: 'gauge', series: labelSets.map((labels) => ({ labels, value: value() })) },
    { ...head, name: 'u', series: labelSets.map((labels) => ({ labels, value: value() })) },
    { ...head, name: 'b_info', type: 'info', series: labelSets.map((labels) => ({ labels, value: 1 })) },
    {
      ...head,
      name: 'h_seconds',
      type: 'histogram',
      upperBounds: [0, 1e-7, 0.25, 2, 1e6],
      series: labelSets.map((labels) => ({
        labels,
        bucketCounts: Array.from({ length: 6 }, count),
        sum: random.next() * 9,
      })),
    },
    {
      ...head,
      name: 's_bytes',
      type: 'summary',
      quantiles: [0, 0.5, 0.99, 1],
      series: labelSets.map((labels) => ({
        labels,
        quantileValues: Array.from({ length: 4 }, count),
        sum: 4,
        count: count(),
      })),
    },
  );
}

test('sampleValue() says what cannot be the sample of a metric that is there', async () => {
  const summary = { name: 'size_bytes', help: 'Size.', type: 'summary', quantiles: [0.5], series: [] } as const;
  const cases: readonly (readonly [MetricsRegistry, string, Record<string, string>, string])[] = [
    [
      latencies(),
      'latency_seconds',
      { route: '/' },
      'Cannot read sample "latency_seconds": expected the name of a sample, got that of a histogram. ' +
        'Its samples are "latency_seconds_bucket", "latency_seconds_sum" and "latency_seconds_count".',
    ],
    [
      latencies(),
      'latency_seconds_bucket',
      { route: '/' },
      'Cannot read sample "latency_seconds_bucket" of histogram "latency_seconds": expected the label le, got none.',
    ],
    ...['abc', ' 1', '+Infinite'].map(
      (le) =>
        [
          latencies(),
          'latency_seconds_bucket',
          { route: '/', le },
          `Cannot read sample "latency_seconds_bucket": expected le to be a number such as 0.5 or "+Inf", got "${le}".`,
        ] as const,
    ),
    [
      registryOf(summary),
      'size_bytes',
      {},
      'Cannot read sample "size_bytes" of summary "size_bytes": expected the label quantile, got none.',
    ],
  ];
  for (const [registry, name, labels, message] of cases) {
    await assert.rejects(sampleValue(registry, name, labels), { name: 'RangeError', message });
  }
});

test('sampleValue() refuses a registry, name or label that is none', async () => {
  const registry = latencies();
  const read = sampleValue as (...args: readonly unknown[]) => Promise<unknown>;
  const cases: readonly (readonly [readonly unknown[], string])[] = [
    [[undefined, 'a'], 'Cannot read a sample: expected a registry, got undefined.'],
    [[{ metrics: () => '' }, 'a'], 'Cannot read a sample: expected a registry, got a value of type object.'],
    [[registry, 3], 'Cannot read a sample: expected its name to be a string, got 3.'],
    [[registry, 'a', 'b'], 'Cannot read sample "a": expected an object of labels, got "b".'],
    [[registry, 'a', null], 'Cannot read sample "a": expected an object of labels, got null.'],
    [
      [registry, 'a', { b: null }],
      'Cannot use label "b" of metric "a": expected a string, number or boolean, got null. Pass its text.',
    ],
  ];
  for (const [args, message] of cases) await assert.rejects(read(...args), { name: 'TypeError', message });
});
