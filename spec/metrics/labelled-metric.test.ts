import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, type Family, Gauge, Histogram, MetricsRegistry, register } from '../../lib/core.ts';
import type { MetricStorage } from '../../lib/model/metric-storage.ts';
import { untyped } from '../support/refused-numbers.ts';
import { sampleOf } from '../support/sample-of.ts';
import { namesOf, scrape } from '../support/scrape.ts';

const CLASSES = [Counter, Gauge, Histogram] as const;

/** Creates a metric as plain JavaScript may. */
function create(Metric: (typeof CLASSES)[number], options: unknown): unknown {
  return new (Metric as unknown as new (options: unknown) => unknown)(options);
}

test('a removed series is exposed no longer, and comes back from 0 with the next update of a child that is held', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['a'], registers: [registry] });
  const held = counter.labels('x');
  held.inc(5);
  counter.labels('y').inc();
  assert.equal(counter.remove('x'), true);
  assert.equal(counter.remove('x'), false);
  assert.equal(held.value, 0);
  assert.doesNotMatch(await registry.metrics(), /a="x"/);
  held.inc(2);
  assert.equal(sampleOf(await scrape(registry), 'c_total', { a: 'x' }), 2);
  counter.inc({ a: 'x' });
  assert.equal(held.value, 3);
  assert.equal(counter.labels('x'), held);
});

test('remove() takes labels as labels() does, and tells whether there was such a series', () => {
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['a', 'b'], registers: [] });
  gauge.set({ a: 'x', b: 'y' }, 1);
  gauge.set({ a: 'x', b: 'z' }, 1);
  assert.equal(gauge.remove('x', 'other'), false);
  assert.equal(gauge.remove('other', 'y'), false);
  assert.equal(gauge.remove({ b: 'y', a: 'x' }), true);
  assert.equal(gauge.remove('x', 'z'), true);
  assert.equal(gauge.series.length, 0);
  assert.throws(() => gauge.remove(...(['x'] as string[])), /expected 2 label values \(a, b\), got 1/);
});

test('remove() takes the only series of a metric without labels, and the next update brings it back', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'c_total', help: 'C.', registers: [registry] });
  const gauge = new Gauge({ name: 'g', help: 'G.', registers: [registry] });
  counter.inc(3);
  gauge.set(3);
  const { series } = counter;
  for (const metric of [counter, gauge]) {
    assert.equal(untyped(metric, 'remove')(), true);
    assert.equal(untyped(metric, 'remove')({}), false);
    assert.deepEqual([metric.series.length, metric.labels().value], [0, 0]);
  }
  assert.equal(series[0]?.value, 3, 'a scrape that is under way');
  assert.equal(await registry.metrics(), '');
  counter.inc(0);
  gauge.dec(-2);
  assert.equal(sampleOf(await scrape(registry), 'c_total'), 0);
  assert.equal(sampleOf(await scrape(registry), 'g'), 2);
  assert.equal(untyped(gauge, 'remove')(), true);
  gauge.set(-0);
  assert.equal(sampleOf(await scrape(registry), 'g'), 0);
  assert.equal(untyped(counter, 'remove')(), true);
  counter.clear();
  assert.equal(sampleOf(await scrape(registry), 'c_total'), 0);
});

test('Histogram.reset() leaves no series, labels or not, until the next observation or zero()', async () => {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({ name: 'h', help: 'H.', buckets: [1], registers: [registry] });
  const held = histogram.labels();
  histogram.observe(5);
  histogram.reset();
  histogram.reset();
  assert.equal(await registry.metrics(), '');
  assert.deepEqual([held.count, histogram.quantile(0.5)], [0, NaN]);
  held.observe(1);
  assert.equal(sampleOf(await scrape(registry), 'h_count'), 1);
  histogram.reset();
  histogram.zero({});
  assert.equal(sampleOf(await scrape(registry), 'h_count'), 0);
  histogram.reset();
  histogram.clear();
  assert.equal(histogram.series.length, 1);
});

test('reset() and clear() remove all series of a labelled metric, and held children bring theirs back', async () => {
  for (const method of ['reset', 'clear'] as const) {
    const registry = new MetricsRegistry();
    const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['a'], buckets: [1], registers: [registry] });
    const held = histogram.labels('x');
    held.observe(1);
    histogram.observe({ a: 'y' }, 2);
    histogram[method]();
    assert.equal(await registry.metrics(), '');
    held.observe(1);
    assert.equal(sampleOf(await scrape(registry), 'h_count', { a: 'x' }), 1);
    histogram.observe({ a: 'x' }, 0.5);
    assert.equal(sampleOf(await scrape(registry), 'h_count', { a: 'x' }), 2);
    assert.equal(histogram.series.length, 1);
  }
});

test('reset() and clear() take a metric without labels back to 0, and its child goes on counting', async () => {
  for (const method of ['reset', 'clear'] as const) {
    const registry = new MetricsRegistry();
    const counter = new Counter({ name: 'c_total', help: 'C.', registers: [registry] });
    const gauge = new Gauge({ name: 'g', help: 'G.', registers: [registry] });
    const histogram = new Histogram({ name: 'h', help: 'H.', buckets: [1], registers: [registry] });
    const held = counter.labels();
    held.inc(5);
    gauge.set(5);
    histogram.observe(5);
    await registry.metrics();
    for (const metric of [counter, gauge]) metric[method]();
    histogram.clear();
    assert.equal(
      await registry.metrics(),
      `# HELP c_total C.
# TYPE c_total counter
c_total 0

# HELP g G.
# TYPE g gauge
g 0

# HELP h H.
# TYPE h histogram
h_bucket{le="1.0"} 0
h_bucket{le="+Inf"} 0
h_sum 0
h_count 0
`,
    );
    held.inc();
    assert.equal(sampleOf(await scrape(registry), 'c_total'), 1);
  }
});

test('Counter, Gauge and Histogram join the default registry unless told otherwise', () => {
  for (const [i, Metric] of CLASSES.entries()) {
    const name = `default_${i}`;
    const metric = create(Metric, { name, help: 'D.' });
    assert.equal(register.getSingleMetric(name), metric);
    create(Metric, { name, help: 'D.', registers: [] });
    create(Metric, { name, help: 'D.', registers: [new MetricsRegistry()] });
    assert.throws(() => create(Metric, { name, help: 'D.' }), /already been registered/);
    assert.equal(register.removeSingleMetric(name), true);
  }
});

test('a constructor that throws leaves nothing registered', () => {
  const registry = new MetricsRegistry();
  const good = { name: 'good', help: 'G.', registers: [registry] };
  const bad: readonly (readonly [options: unknown, error: RegExp])[] = [
    [undefined, /Cannot create a metric: expected an object of options/],
    [null, /Cannot create a metric: expected an object of options/],
    ['good', /expected an object of options with name and help, got "good"/],
    [{ ...good, name: undefined }, /expected its name to be a string, got undefined/],
    [{ ...good, name: 'not-good' }, /Cannot create metric "not-good"/],
    [{ ...good, name: '' }, /Cannot create metric ""/],
    [{ ...good, help: undefined }, /Cannot create metric "good": expected a help text/],
    [{ ...good, help: '  ' }, /expected a help text/],
    [{ ...good, labelNames: 'a' }, /Cannot create metric "good": expected labelNames as an array, got "a"/],
    [{ ...good, labelNames: ['a', 'a'] }, /each label name once/],
    [{ ...good, labelNames: ['__name__'] }, /reserved for Prometheus/],
    [{ ...good, labelNames: ['le'] }, /reserved for buckets/],
    [{ ...good, labelNames: ['quantile'] }, /reserved for buckets/],
    [{ ...good, labelNames: ['a b'] }, /label "a b" of metric "good"/],
    [{ ...good, collect: 5 }, /Cannot create metric "good": expected collect to be a function, got 5/],
    [{ ...good, idleSeconds: 0 }, /metric "good": expected idleSeconds /],
    [{ ...good, maxSeries: 0 }, /metric "good": expected maxSeries to be a positive integer or Infinity, got 0/],
    [
      { ...good, registers: registry },
      /Cannot create metric "good": expected registers (as an array of registries|to be registries)/,
    ],
    [
      { ...good, registers: [registry, null] },
      /Cannot create metric "good": expected registers (as an array of registries|to be registries)/,
    ],
    [
      { ...good, registers: [registry, {}] },
      /Cannot create metric "good": expected registers (as an array of registries|to be registries)/,
    ],
  ];
  for (const Metric of CLASSES) {
    for (const [options, error] of bad) {
      assert.throws(
        () => create(Metric, options),
        (thrown: Error) => {
          assert.match(thrown.message, error);
          assert.ok(thrown instanceof TypeError || thrown instanceof RangeError);
          return true;
        },
      );
      assert.equal(registry.getSingleMetric('good'), undefined);
      assert.equal(register.getSingleMetric('good'), undefined);
    }
  }
});

test('a constructor that one of several registries refuses joins none of them', async () => {
  const [first, second, third] = [new MetricsRegistry(), new MetricsRegistry(), new MetricsRegistry()];
  const standing = new Gauge({ name: 'x', help: 'Standing.', registers: [second] });
  assert.throws(
    () => new Counter({ name: 'x', help: 'New.', registers: [first, second, third] }),
    /"x".*already been registered/,
  );
  assert.equal(first.getSingleMetric('x'), undefined);
  assert.equal(second.getSingleMetric('x'), standing);
  assert.equal(third.getSingleMetric('x'), undefined);
  new Counter({ name: 'x', help: 'New.', registers: [first, third, first] });
  assert.deepEqual(namesOf(await scrape(first)), ['x']);
});

test('a metric in several registries is one metric', async () => {
  const [first, second] = [
    new MetricsRegistry({ prefix: 'shop_' }),
    new MetricsRegistry({ constantLabels: { shard: 1 } }),
  ];
  const counter = new Counter({ name: 'x_total', help: 'X.', registers: [first, second] });
  counter.inc(3);
  assert.equal(sampleOf(await scrape(first), 'shop_x_total'), 3);
  assert.equal(sampleOf(await scrape(second), 'x_total', { shard: '1' }), 3);
});

test('ifExists: "reuse" returns the registered metric if type, labels and buckets agree', () => {
  const registry = new MetricsRegistry();
  const options = { name: 'x', help: 'X.', labelNames: ['a', 'b'], registers: [registry], ifExists: 'reuse' } as const;
  const first = new Histogram({ ...options, buckets: [1, 2] });
  assert.equal(registry.getSingleMetric('x'), first);
  assert.equal(new Histogram({ ...options, buckets: [1, 2] }), first);
  assert.equal(new Histogram({ ...options, help: 'Other.', buckets: [1, 2, Infinity] }), first);
  first.observe({ a: 1, b: 2 }, 1);
  assert.equal(new Histogram({ ...options, buckets: [1, 2] }).labels('1', '2').count, 1);
});

test('ifExists: "reuse" throws if type, labels or buckets differ, and changes nothing', () => {
  const registry = new MetricsRegistry();
  const options = { name: 'x', help: 'X.', labelNames: ['a', 'b'], registers: [registry], ifExists: 'reuse' } as const;
  const standing = new Histogram({ ...options, buckets: [1, 2] });
  const cases: readonly (readonly [() => unknown, RegExp])[] = [
    [
      () => new Counter(options),
      /Cannot reuse metric "x": expected the type of the registered one, "histogram", got "counter"\. Give it another name, or restart the program if its code has changed while it ran\.$/,
    ],
    [() => new Histogram({ ...options, buckets: [1, 3] }), /expected the upperBounds .* \[1,2\], got \[1,3\]/],
    [
      () => new Histogram({ ...options, labelNames: ['a'], buckets: [1, 2] }),
      /expected the labelNames .* \["a","b"\], got \["a"\]/,
    ],
    [() => new Histogram({ ...options, labelNames: ['b', 'a'], buckets: [1, 2] }), /expected the labelNames/],
    [() => new Histogram({ ...options, ifExists: 'throw', buckets: [1, 2] }), /already been registered/],
  ];
  for (const [make, message] of cases) {
    assert.throws(make, { name: 'RangeError', message });
    assert.equal(registry.getSingleMetric('x'), standing);
  }
});

test('ifExists: "reuse" joins the registered metric to those of the registries that lack it', async () => {
  const [first, second] = [new MetricsRegistry(), new MetricsRegistry()];
  const options = { name: 'x_total', help: 'X.', ifExists: 'reuse' } as const;
  const standing = new Counter({ ...options, registers: [second] });
  const reused = new Counter({ ...options, registers: [first, second] });
  assert.equal(reused, standing);
  reused.inc();
  assert.equal(sampleOf(await scrape(first), 'x_total'), 1);
  assert.equal(sampleOf(await scrape(second), 'x_total'), 1);
  // Another metric of that name in the other registry: no metric could stand in both.
  const other = new MetricsRegistry();
  new Counter({ name: 'x_total', help: 'Other.', registers: [other] });
  const third = new MetricsRegistry();
  assert.throws(() => new Counter({ ...options, registers: [third, first, other] }), /already been registered/);
  assert.equal(third.getSingleMetric('x_total'), undefined);
  assert.equal(first.getSingleMetric('x_total'), standing);
});

test('collect runs at each scrape with the metric as this, sync or async', async () => {
  const registry = new MetricsRegistry();
  let n = 0;
  new Gauge({
    name: 'sync',
    help: 'S.',
    registers: [registry],
    collect() {
      this.set(++n);
    },
  });
  new Counter({
    name: 'async_total',
    help: 'A.',
    labelNames: ['a'],
    registers: [registry],
    async collect() {
      await null;
      this.inc({ a: 'x' }, 10);
    },
  });
  new Histogram({
    name: 'h',
    help: 'H.',
    buckets: [1],
    registers: [registry],
    async collect() {
      this.observe(n);
    },
  });
  assert.equal(n, 0);
  for (const round of [1, 2, 3]) {
    const families = await scrape(registry);
    assert.equal(sampleOf(families, 'sync'), round);
    assert.equal(sampleOf(families, 'async_total', { a: 'x' }), round * 10);
    assert.equal(sampleOf(families, 'h_count'), round);
  }
});

test('Counter.inc() finds the series of labels in another order whose getter updates the same metric', () => {
  const counter = new Counter({ name: 'x_total', help: 'X.', labelNames: ['a', 'b'], registers: [] });
  for (const [a, b] of [
    ['x', ''],
    ['x', 'w'],
    ['y', 'z'],
  ] as const)
    counter.inc({ a, b });
  let isRead = false;
  counter.inc({
    b: 'w',
    get a() {
      if (!isRead) counter.inc({ b: 'z', a: 'y' });
      isRead = true;
      return 'x';
    },
  });
  assert.deepEqual(
    counter.series.map(({ value }) => value),
    [1, 2, 2],
  );
});

test('a metric without registries is checked as any other, and takes label names of UTF-8', () => {
  for (const Metric of CLASSES) {
    const good = { name: 'good', help: 'G.', registers: [] };
    assert.throws(() => create(Metric, { ...good, name: '\ud800' }), /Cannot create metric/);
    assert.throws(() => create(Metric, { ...good, name: 'U__good' }), /Cannot create metric "U__good": expected /);
    assert.throws(() => create(Metric, { ...good, help: '' }), /Cannot create metric "good": expected a help text/);
    assert.throws(() => create(Metric, { ...good, labelNames: ['a.b', 'a_b'] }), /each label name once/);
    assert.throws(() => create(Metric, { ...good, labelNames: ['U__a'] }), /Cannot use label "U__a" of metric "good"/);
    const options = { ...good, labelNames: ['http.method'], aggregator: 'max' };
    const metric = create(Metric, options) as Counter<'http.method'>;
    assert.deepEqual([metric.labels('GET').labelValues, metric.aggregator], [['GET'], 'max']);
    assert.equal((create(Metric, good) as Counter).aggregator, 'sum');
  }
});

test('createdSeconds is the Unix time in seconds of the creation, or of the last clear()', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_250 });
  for (const Metric of CLASSES) {
    const metric = create(Metric, { name: 'x', help: 'X.', registers: [] }) as Counter;
    const created = Date.now() / 1000;
    t.mock.timers.tick(1500);
    assert.equal(metric.createdSeconds, created);
    metric.clear();
    assert.equal(metric.createdSeconds, created + 1.5);
  }
  assert.equal(Date.now(), 1_700_000_004_750);
});

test('get() runs collect, and then has the values in the shape of prom-client, with exemplars if they are enabled', async () => {
  const counter = new Counter({
    name: 'x_total',
    help: 'X.',
    labelNames: ['a'],
    registers: [],
    async collect() {
      await null;
      this.inc({ a: 'y' }, 3);
    },
  });
  assert.deepEqual(await counter.get(), {
    help: 'X.',
    name: 'x_total',
    type: 'counter',
    values: [{ value: 3, labels: { a: 'y' } }],
    aggregator: 'sum',
  });
  const options = { name: 'h', help: 'H.', buckets: [], registers: [] };
  for (const enableExemplars of [false, true]) {
    const { values } = await new Histogram({ ...options, enableExemplars }).get();
    // prom-client's own difference: null in a bucket without exemplar, undefined in that of infinity if they are enabled.
    assert.deepEqual(values[0], {
      labels: { le: '+Inf' },
      value: 0,
      metricName: 'h_bucket',
      exemplar: enableExemplars ? undefined : null,
    });
  }
});

test('remove() takes null for a missing label, as labels() does', () => {
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['a', 'b'], registers: [] });
  gauge.labels('', 'x').set(1);
  gauge.labels('', '').set(2);
  assert.equal(untyped(gauge, 'remove')(null, 'x'), true);
  assert.deepEqual(
    gauge.series.map(({ value }) => value),
    [2],
  );
});

test('a metric is stored as its own option says, else as its first registry, and its storage hears how it is exposed', () => {
  const calls: unknown[] = [];
  const storageOf = (name: string): MetricStorage => ({
    store: (type, _options, upperBounds) => {
      calls.push([name, type, upperBounds]);
      // Without functions of its own, it leaves the numbers to the children.
      return { expose: (family: Family | undefined) => calls.push([name, family?.name]) } as never;
    },
  });
  const registry = new MetricsRegistry({ prefix: 'shop_', storage: storageOf('registry') });
  const other = new MetricsRegistry({ storage: storageOf('other') });
  new Counter({ name: 'a', help: 'A.', registers: [registry, other] }).inc();
  new Gauge({ name: 'b', help: 'B.', registers: [registry], storage: storageOf('own') });
  new Histogram({ name: 'c', help: 'C.', buckets: [1], registers: [], storage: storageOf('own') });
  registry.removeSingleMetric('b');
  assert.deepEqual(calls, [
    ['registry', 'counter', undefined],
    ['registry', 'shop_a'],
    ['registry', 'a'],
    ['own', 'gauge', undefined],
    ['own', 'shop_b'],
    ['own', 'histogram', [1]],
    ['own', undefined],
  ]);
});
