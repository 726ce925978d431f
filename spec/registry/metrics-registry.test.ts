import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Collector,
  Counter,
  Gauge,
  Histogram,
  type Metric,
  MetricsRegistry,
  register,
  StateSet,
} from '../../lib/core.ts';
import { wellFormed } from '../../lib/model/label-value.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { NASTY_LABEL_VALUES } from '../support/nasty-label-values.ts';
import { untyped } from '../support/refused-numbers.ts';
import { sampleOf } from '../support/sample-of.ts';
import { namesOf, scrape } from '../support/scrape.ts';
import { turn } from '../support/turn.ts';

test('register, the default registry, is a MetricsRegistry', () => {
  assert.ok(register instanceof MetricsRegistry);
});

test('MetricsRegistry.metrics() of an empty registry is the empty string', async () => {
  assert.equal(await new MetricsRegistry().metrics(), '');
});

test('MetricsRegistry.contentType is that of text format 0.0.4', () => {
  assert.equal(new MetricsRegistry().contentType, 'text/plain; version=0.0.4; charset=utf-8');
});

test('MetricsRegistry exposes metrics in the order in which they joined', async () => {
  const registry = new MetricsRegistry();
  const create = (name: string): Gauge => new Gauge({ name, help: 'H.', registers: [registry] });
  const [z, a] = [create('z'), create('a')];
  create('m');
  assert.deepEqual(namesOf(await scrape(registry)), ['z', 'a', 'm']);
  registry.unregister(z);
  registry.register(z);
  registry.unregister(a);
  assert.deepEqual(namesOf(await scrape(registry)), ['m', 'z']);
});

test('MetricsRegistry.getSingleMetric() and removeSingleMetric() find a metric by its own name', async () => {
  const registry = new MetricsRegistry({ prefix: 'shop_' });
  const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
  assert.equal(registry.getSingleMetric('jobs_total'), counter);
  assert.equal(registry.getSingleMetric('shop_jobs_total'), undefined);
  assert.equal(registry.removeSingleMetric('other'), false);
  assert.equal(registry.removeSingleMetric('jobs_total'), true);
  assert.equal(registry.removeSingleMetric('jobs_total'), false);
  assert.equal(await registry.metrics(), '');
  new Counter({ name: 'jobs_total', help: 'Jobs.', registers: [registry] });
});

test('MetricsRegistry.unregister() removes that very metric, and tells whether it was there', () => {
  const registry = new MetricsRegistry();
  const standing = new Counter({ name: 'x', help: 'X.', registers: [registry] });
  const namesake = new Counter({ name: 'x', help: 'X.', registers: [] });
  assert.equal(registry.unregister(namesake), false);
  assert.equal(registry.getSingleMetric('x'), standing);
  assert.equal(registry.unregister(standing), true);
  assert.equal(registry.unregister(standing), false);
});

test('MetricsRegistry.register() refuses a name that is there', () => {
  const registry = new MetricsRegistry();
  new Counter({ name: 'x', help: 'X.', registers: [registry] });
  assert.throws(() => new Gauge({ name: 'x', help: 'X.', registers: [registry] }), {
    name: 'RangeError',
    message:
      'Cannot register metric "x": expected a free name, got one that is taken: A metric with the name x has already been registered. ' +
      'Create it once, or pass ifExists: "reuse".',
  });
});

test('MetricsRegistry.register() refuses a name that a histogram exposes, in either order', async () => {
  for (const suffix of ['', '_bucket', '_sum', '_count']) {
    const registry = new MetricsRegistry();
    new Histogram({ name: 'x', help: 'X.', buckets: [1], registers: [registry] });
    const before = await registry.metrics();
    assert.throws(() => new Counter({ name: `x${suffix}`, help: 'C.', registers: [registry] }), RangeError);
    assert.equal(await registry.metrics(), before);

    const other = new MetricsRegistry();
    new Counter({ name: `x${suffix}`, help: 'C.', registers: [other] });
    assert.throws(() => new Histogram({ name: 'x', help: 'X.', registers: [other] }), RangeError);
    assert.deepEqual(namesOf(await scrape(other)), [`x${suffix}`]);
    // The failed histogram has taken none of its other names.
    for (const free of ['x_bucket', 'x_sum', 'x_count'].filter((name) => name !== `x${suffix}`)) {
      new Counter({ name: free, help: 'F.', registers: [other] });
    }
  }
  const registry = new MetricsRegistry();
  new Histogram({ name: 'x', help: 'X.', registers: [registry] });
  assert.throws(() => new Counter({ name: 'x_count', help: 'C.', registers: [registry] }), {
    message: /Cannot register metric "x_count": .* "x_count", which is a series of metric "x"\. Rename one of them\./,
  });
  new Gauge({ name: 'x_counts', help: 'No clash.', registers: [registry] });
  new Gauge({ name: 'x_total', help: 'No clash.', registers: [registry] });
});

test('MetricsRegistry frees the names of a histogram that leaves', () => {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({ name: 'x', help: 'X.', registers: [registry] });
  registry.unregister(histogram);
  for (const name of ['x_count', 'x_sum', 'x_bucket', 'x']) new Counter({ name, help: 'C.', registers: [registry] });
});

test('MetricsRegistry.register() compares names as they are exposed', () => {
  const registry = new MetricsRegistry({ prefix: 'a_' });
  new Histogram({ name: 'x', help: 'X.', registers: [registry] });
  assert.throws(
    () => new Counter({ name: 'x_sum', help: 'C.', registers: [registry] }),
    /"a_x_sum", which is a series of metric "a_x"/,
  );
});

test('MetricsRegistry.register() refuses the names that it keeps for itself', () => {
  const registry = new MetricsRegistry();
  for (const name of ['metrics_client_overflowed_updates_total', 'metrics_client_collector_failures_total']) {
    assert.throws(() => new Counter({ name, help: 'C.', registers: [registry] }), RangeError);
    registry.clear();
    assert.throws(() => new Counter({ name, help: 'C.', registers: [registry] }), RangeError);
  }
});

test('MetricsRegistry.register() takes any object with the shape of a metric, and refuses a bad name, help or label', async () => {
  const registry = new MetricsRegistry();
  const metric: Metric = {
    name: 'queue_length',
    help: 'Jobs waiting.',
    type: 'unknown',
    unit: '',
    labelNames: ['queue'],
    series: [{ labelValues: ['mail'], value: 4 }],
    overflowedUpdates: 0,
  };
  registry.register(metric);
  assert.equal(
    await registry.metrics(),
    `# HELP queue_length Jobs waiting.
# TYPE queue_length untyped
queue_length{queue="mail"} 4
`,
  );
  const other = new MetricsRegistry();
  for (const bad of [
    undefined,
    null,
    {},
    { ...metric, name: 'a b' },
    { ...metric, help: '' },
    { ...metric, labelNames: ['le'] },
  ]) {
    assert.throws(() => untyped(other, 'register')(bad), /^(Type|Range)Error: Cannot (create|use) /);
  }
  assert.equal(await other.metrics(), '');
});

test('MetricsRegistry exposes a prefix before every name', async () => {
  const registry = new MetricsRegistry({ prefix: 'shop_' });
  new Histogram({ name: 'x', help: 'X.', buckets: [1], registers: [registry] });
  registry.registerCollector({ name: 'c', collect: () => [{ name: 'y', help: 'Y.', series: [{ value: 1 }] }] });
  assert.equal(
    await registry.metrics(),
    `# HELP shop_x X.
# TYPE shop_x histogram
shop_x_bucket{le="1.0"} 0
shop_x_bucket{le="+Inf"} 0
shop_x_sum 0
shop_x_count 0

# HELP shop_y Y.
# TYPE shop_y untyped
shop_y 1
`,
  );
});

test('MetricsRegistry puts constant labels behind those of a metric, which win', async () => {
  const registry = new MetricsRegistry({ constantLabels: { shard: 7, zone: 'eu' } });
  new Gauge({ name: 'plain', help: 'P.', registers: [registry] });
  new Gauge({ name: 'own', help: 'O.', labelNames: ['zone', 'a'], registers: [registry] }).set(
    { zone: 'us', a: 'x' },
    1,
  );
  new Histogram({ name: 'h', help: 'H.', buckets: [], registers: [registry] });
  registry.registerCollector({
    name: 'c',
    collect: () => [{ name: 'collected', help: 'C.', series: [{ labels: { zone: 'us' }, value: 1 }] }],
  });
  assert.equal(
    await registry.metrics(),
    `# HELP plain P.
# TYPE plain gauge
plain{shard="7",zone="eu"} 0

# HELP own O.
# TYPE own gauge
own{zone="us",a="x",shard="7"} 1

# HELP h H.
# TYPE h histogram
h_bucket{shard="7",zone="eu",le="+Inf"} 0
h_sum{shard="7",zone="eu"} 0
h_count{shard="7",zone="eu"} 0

# HELP collected C.
# TYPE collected untyped
collected{zone="us",shard="7"} 1
`,
  );
});

test('MetricsRegistry escapes constant labels of any characters', async () => {
  for (const value of NASTY_LABEL_VALUES) {
    const registry = new MetricsRegistry({ constantLabels: { zone: value } });
    new Gauge({ name: 'g', help: 'G.', registers: [registry] });
    const [family] = await scrape(registry);
    assert.equal(family!.samples[0]!.labels.get('zone'), wellFormed(value));
  }
});

test('MetricsRegistry.setDefaultLabels() replaces the constant labels, of metrics that are there too', async () => {
  const registry = new MetricsRegistry({ constantLabels: { zone: 'eu' } });
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['a'], registers: [registry] });
  gauge.set({ a: 'x' }, 1);
  await registry.metrics();
  const labels = { shard: 1 };
  registry.setDefaultLabels(labels);
  labels.shard = 2;
  new Gauge({ name: 'later', help: 'L.', registers: [registry] });
  const families = await scrape(registry);
  assert.equal(sampleOf(families, 'g', { a: 'x', shard: '1' }), 1);
  assert.equal(sampleOf(families, 'later', { shard: '1' }), 0);
  registry.setDefaultLabels({});
  assert.equal(sampleOf(await scrape(registry), 'g', { a: 'x' }), 1);
});

test('MetricsRegistry.setDefaultLabels() leaves out a label without a value, with a warning', async (t) => {
  const registry = new MetricsRegistry({ constantLabels: { zone: undefined } });
  new Gauge({ name: 'g', help: 'G.', registers: [registry] });
  const warnings = await collectWarnings(t);
  registry.setDefaultLabels({ version: undefined, shard: 7, commit: null as never });
  await turn();
  const [warning] = warnings;
  assert.equal(warning?.code, 'METRICS_MISSING_LABEL');
  assert.match(warning?.message ?? '', /^The constant labels "version", "commit" have no value/);
  assert.equal(await registry.metrics(), '# HELP g G.\n# TYPE g gauge\ng{shard="7"} 0\n');
});

test('MetricsRegistry refuses options that could not be exposed', () => {
  for (const prefix of ['9', 'a b', 'a-', 5]) {
    assert.throws(() => new MetricsRegistry({ prefix: prefix as string }), /Cannot create (a )?metric/);
  }
  for (const constantLabels of [{ 'a-b': '1' }, { __name__: 'x' }, { le: '1' }, { quantile: '1' }]) {
    assert.throws(() => new MetricsRegistry({ constantLabels: constantLabels as never }), {
      name: 'RangeError',
      message: /constant labels/,
    });
    assert.throws(() => new MetricsRegistry().setDefaultLabels(constantLabels as never), RangeError);
  }
  for (const value of [{}, () => 'x']) {
    assert.throws(() => new MetricsRegistry({ constantLabels: { a: value as never } }), TypeError);
  }
  for (const collectTimeoutSeconds of [0, -1, NaN, '5' as never]) {
    assert.throws(
      () => new MetricsRegistry({ collectTimeoutSeconds }),
      /Cannot set collectTimeoutSeconds: expected a number above 0/,
    );
  }
  for (const idleSeconds of [0, -1, NaN, '5' as never]) {
    assert.throws(() => new MetricsRegistry({ idleSeconds }), {
      name: 'RangeError',
      message: /^Cannot create a registry: expected idleSeconds above 0, or Infinity for no expiry, got /,
    });
  }
});

test('MetricsRegistry.setDefaultLabels() that throws changes nothing', async () => {
  const registry = new MetricsRegistry({ constantLabels: { zone: 'eu' } });
  new Gauge({ name: 'g', help: 'G.', registers: [registry] });
  assert.throws(() => registry.setDefaultLabels({ good: '1', le: '1' }));
  assert.equal(sampleOf(await scrape(registry), 'g', { zone: 'eu' }), 0);
});

test('MetricsRegistry.clear() removes metrics, collectors and constant labels, and frees the names', async () => {
  const registry = new MetricsRegistry({ constantLabels: { zone: 'eu' } });
  const options = { name: 'x', help: 'X.', registers: [registry] };
  const counter = new Counter(options);
  registry.registerCollector({ name: 'c', collect: () => [{ name: 'y', help: 'Y.', series: [{ value: 1 }] }] });
  registry.clear();
  assert.equal(await registry.metrics(), '');
  assert.equal(registry.getSingleMetric('x'), undefined);
  counter.inc();
  new Counter(options);
  assert.equal(sampleOf(await scrape(registry), 'x'), 0);
});

test('MetricsRegistry.merge() exposes the metrics of several registries as each of them does', async () => {
  const first = new MetricsRegistry({ prefix: 'a_', constantLabels: { shard: 1 } });
  const second = new MetricsRegistry({ constantLabels: { shard: 2 } });
  const x = new Counter({ name: 'x', help: 'X.', registers: [first] });
  new Gauge({ name: 'y', help: 'Y.', registers: [second] });
  first.registerCollector({ name: 'c', collect: () => [{ name: 'z', help: 'Z.', series: [{ value: 3 }] }] });
  const merged = MetricsRegistry.merge([first, second]);
  x.inc();
  assert.equal(
    await merged.metrics(),
    `# HELP a_x X.
# TYPE a_x counter
a_x{shard="1"} 1

# HELP y Y.
# TYPE y gauge
y{shard="2"} 0

# HELP a_z Z.
# TYPE a_z untyped
a_z{shard="1"} 3
`,
  );
  assert.equal(merged.getSingleMetric('a_x'), x);
});

test('MetricsRegistry.merge() gives a registry of its own: changes to it leave the others alone', async () => {
  const first = new MetricsRegistry({ constantLabels: { shard: 1 } });
  new Gauge({ name: 'x', help: 'X.', registers: [first] });
  const merged = MetricsRegistry.merge([first]);
  const before = await first.metrics();
  merged.setDefaultLabels({ zone: 'eu' });
  new Gauge({ name: 'own', help: 'O.', registers: [merged] });
  assert.equal(await first.metrics(), before);
  const families = await scrape(merged);
  assert.equal(sampleOf(families, 'x', { shard: '1' }), 0);
  assert.equal(sampleOf(families, 'own', { zone: 'eu' }), 0);
  merged.clear();
  assert.equal(await merged.metrics(), '');
  assert.equal(await first.metrics(), before);
});

test('MetricsRegistry.merge() exposes what several registries hold once, as the first does, whatever their prefixes', async () => {
  const [first, second] = [new MetricsRegistry({ prefix: 'a_' }), new MetricsRegistry({ prefix: 'b_' })];
  const counter = new Counter({ name: 'x_total', help: 'X.', registers: [first, second] });
  const other = new Gauge({ name: 'y', help: 'Y.', registers: [second] });
  const collector = { name: 'c', collect: () => [{ name: 'z', help: 'Z.', series: [{ value: 1 }] }] };
  for (const registry of [first, second]) registry.registerCollector(collector);
  counter.inc();
  const merged = MetricsRegistry.merge([first, second]);
  for (const each of [merged, MetricsRegistry.merge([first, second, first])])
    assert.deepEqual(namesOf(await scrape(each)), ['a_x_total', 'b_y', 'a_z']);
  // They can be taken out again, although they are not called as the merged registry would call them.
  assert.equal(merged.unregister(counter), true);
  assert.equal(merged.unregister(counter), false);
  assert.equal(merged.removeSingleMetric('b_y'), true);
  assert.deepEqual(namesOf(await scrape(merged)), ['a_z']);
  assert.equal(merged.getSingleMetric('b_y'), undefined);
  assert.equal(second.getSingleMetric('y'), other);
});

test('MetricsRegistry.register() checks names with their prefix, which may read like an escaped name', () => {
  const registry = new MetricsRegistry({ prefix: 'U', nameValidationScheme: 'utf8' });
  assert.throws(
    () => new Counter({ name: '__a_2e_b', help: 'A.', registers: [registry] }),
    /expected a name without "U__"/,
  );
});

test('MetricsRegistry.merge() refuses registries that expose the same name', () => {
  const [first, second, prefixed] = [
    new MetricsRegistry(),
    new MetricsRegistry(),
    new MetricsRegistry({ prefix: 'p_' }),
  ];
  for (const registry of [first, second, prefixed]) new Counter({ name: 'x', help: 'X.', registers: [registry] });
  assert.throws(() => MetricsRegistry.merge([first, second]), {
    name: 'RangeError',
    message: /metric "x".*already been registered/,
  });
  MetricsRegistry.merge([first, prefixed]);
});

test('MetricsRegistry.merge() shares the runs of collectors: both scraped at once, each collects once', async () => {
  const first = new MetricsRegistry();
  let [metricRuns, collectorRuns] = [0, 0];
  new Gauge({
    name: 'g',
    help: 'G.',
    registers: [first],
    async collect() {
      this.set(++metricRuns);
    },
  });
  first.registerCollector({
    name: 'c',
    async collect() {
      return [{ name: 'y', help: 'Y.', series: [{ value: ++collectorRuns }] }];
    },
  });
  const merged = MetricsRegistry.merge([first]);
  const [one, other] = await Promise.all([first.metrics(), merged.metrics()]);
  assert.equal(one, other);
  assert.deepEqual([metricRuns, collectorRuns], [1, 1]);
  assert.match(one, /\ng 1\n.*\ny 1\n$/s);
});

test('MetricsRegistry.gather() hands out families without reading or changing a metric', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'x_total', help: 'X.', registers: [registry] });
  const [family] = await registry.gather();
  assert.deepEqual(
    [family!.name, family!.help, family!.type, family!.unit, family!.labelNames, family!.constantLabels],
    ['x_total', 'X.', 'counter', '', [], []],
  );
  counter.inc(5);
  assert.equal((family!.series[0] as { value: number }).value, 5);
  await registry.metrics();
  assert.equal(counter.name, 'x_total');
});

test('MetricsRegistry takes names of any text if it is told to, and else refuses them', () => {
  const registry = new MetricsRegistry({
    nameValidationScheme: 'utf8',
    prefix: 'my.',
    constantLabels: { 'zone.x': 'eu' },
  });
  new Counter({ name: 'http.requests', help: 'R.', labelNames: ['http.method'], registers: [registry] });
  assert.equal(registry.getSingleMetric('http.requests')?.name, 'http.requests');
  for (const options of [
    { name: 'http.requests', labelNames: [] },
    { name: 'requests', labelNames: ['http.method'] },
  ]) {
    const legacy = new MetricsRegistry();
    assert.throws(() => new Counter({ ...options, help: 'R.', registers: [legacy] }), { name: 'RangeError' });
    assert.equal(legacy.getSingleMetric(options.name), undefined);
  }
  assert.throws(() => new MetricsRegistry({ prefix: 'my.' }), { name: 'RangeError' });
  assert.throws(() => new MetricsRegistry({ constantLabels: { 'a.b': 1 } }), { name: 'RangeError' });
  assert.throws(() => new MetricsRegistry({ nameValidationScheme: 'utf-8' as never }), {
    name: 'RangeError',
    message: 'Cannot create a registry: expected nameValidationScheme "legacy" or "utf8", got "utf-8".',
  });
});

test('MetricsRegistry refuses a state set whose label is no name, or one of its own, once the prefix is before it', () => {
  const options = { name: 'phase', help: 'Phase.', states: ['on'] };
  const create = (prefix: string, labelNames: string[]) => () =>
    new StateSet({ ...options, labelNames, registers: [new MetricsRegistry({ prefix })] });
  assert.throws(
    create('app_', ['app_phase']),
    /RangeError: Cannot use label "app_phase" .* expected each label name once/,
  );
  assert.throws(create('app:', []), /RangeError: Cannot use label "app:phase" .* expected letters, digits and "_"/);
  assert.doesNotThrow(create('app_', ['job']));
});

/** A collector of one family, which it declares or not. */
function collectorOf(
  name: string,
  family: string,
  isDeclared: boolean,
  type: 'gauge' | 'summary' = 'gauge',
): Collector {
  const series = type === 'gauge' ? [{ value: 1 }] : [{ sum: 1, count: 1 }];
  return {
    name,
    collect: () => [{ name: family, help: 'H.', type, series }],
    ...(isDeclared && { families: [{ name: family, type }] }),
  };
}

test('MetricsRegistry.registerCollector() refuses declared families whose names are taken, by whatever and in either order', async () => {
  const add = (registry: MetricsRegistry, kind: string, name: string): unknown => {
    if (kind === 'metric') return new Gauge({ name, help: 'G.', registers: [registry] });
    if (kind === 'histogram')
      return new Histogram({ name: name.replace(/_count$/, ''), help: 'H.', registers: [registry] });
    return registry.registerCollector(
      kind === 'summary'
        ? collectorOf('s', name.replace(/_count$/, ''), true, 'summary')
        : collectorOf('c', name, true),
    );
  };
  for (const [first, second] of [
    ['metric', 'collector'],
    ['collector', 'metric'],
    ['collector', 'collector'],
    ['histogram', 'collector'],
    ['collector', 'histogram'],
    ['summary', 'metric'],
    ['metric', 'summary'],
  ] as const) {
    const registry = new MetricsRegistry({ prefix: 'p_' });
    add(registry, first, 'x_count');
    const before = await registry.metrics();
    assert.throws(
      () => add(registry, second, 'x_count'),
      { name: 'RangeError', message: /Cannot register .*expected .* is a series of .*Rename one of them/ },
      `${first}, ${second}`,
    );
    assert.equal(await registry.metrics(), before);
    add(registry, second, 'y_count');
  }
  const registry = new MetricsRegistry();
  assert.throws(
    () => add(registry, 'collector', 'metrics_client_overflowed_updates_total'),
    /is a series of the registry itself/,
  );
  assert.throws(
    () => registry.registerCollector({ ...collectorOf('c', 'x', false), families: [{ name: 'x' }, { name: 'x' }] }),
    /is a series of the same collector/,
  );
  for (const families of [5, [{}], [undefined], [{ name: 'a b' }]]) {
    assert.throws(
      () => registry.registerCollector({ ...collectorOf('c', 'x', false), families } as never),
      /^(Type|Range)Error: Cannot /,
    );
  }
  new Gauge({ name: 'x', help: 'X.', registers: [registry] });
});

test('MetricsRegistry.register() refuses the name of a family that a collector has returned, as long as it returns it', async () => {
  const registry = new MetricsRegistry();
  let name = 'x';
  const collector = { name: 'c', collect: () => [{ name, help: 'H.', series: [{ value: 1 }] }] };
  registry.registerCollector(collector);
  await registry.metrics();
  assert.throws(() => new Gauge({ name: 'x', help: 'X.', registers: [registry] }), {
    name: 'RangeError',
    message: /is a series of collector "c"/,
  });
  name = 'y';
  await registry.metrics();
  new Gauge({ name: 'x', help: 'X.', registers: [registry] });
  registry.unregisterCollector(collector);
  new Gauge({ name: 'y', help: 'Y.', registers: [registry] });
  assert.deepEqual(namesOf(await scrape(registry)), ['x', 'y']);
});

test('MetricsRegistry.merge() refuses collectors that declare the same family', () => {
  const registries = ['a', 'b'].map((name) => {
    const registry = new MetricsRegistry();
    registry.registerCollector(collectorOf(name, 'x', true));
    return registry;
  });
  assert.throws(() => MetricsRegistry.merge(registries), {
    name: 'RangeError',
    message: /collector "b": .* "x", which is a series of collector "a"/,
  });
  const merged = MetricsRegistry.merge([registries[0]!, registries[0]!]);
  assert.throws(() => new Gauge({ name: 'x', help: 'X.', registers: [merged] }), /collector "a"/);
  merged.clear();
  new Gauge({ name: 'x', help: 'X.', registers: [merged] });
});
