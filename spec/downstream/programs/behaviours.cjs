'use strict';

// What prom-client does when it is called in all the ways that its users know: `node behaviours.cjs` prints the result of
// each function below as JSON, by name, with whatever `prom-client` resolves to.

const client = require('prom-client');
const { create } = require('./create.cjs');

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** What a call throws: whether it is an Error, and its message. */
function thrownBy(call) {
  try {
    call();
    return 'nothing';
  } catch (error) {
    return error instanceof Error ? error.message : 'no Error';
  }
}

const isNumber = (value) => typeof value === 'number' && value >= 0;

const behaviours = {
  async 'counter.inc() in every form'() {
    const plain = create().counter();
    plain.inc();
    plain.inc(2);
    plain.inc(undefined);
    plain.inc({}, 3);
    plain.inc(0);
    const labelled = create().counter({ labelNames: ['a', 'b'] });
    labelled.inc({ a: '1', b: '2' });
    labelled.inc({ b: '2', a: '1' }, 5);
    labelled.labels('1', '2').inc();
    labelled.labels({ a: '1', b: '3' }).inc(4);
    return [await plain.get(), await labelled.get()];
  },
  async 'gauge.set(), inc() and dec() in every form'() {
    const plain = create().gauge();
    plain.set(5);
    plain.inc();
    plain.inc(2.5);
    plain.dec();
    plain.dec(-1);
    const labelled = create().gauge({ labelNames: ['a'] });
    labelled.set({ a: 'x' }, -3);
    labelled.inc({ a: 'x' });
    labelled.dec({ a: 'x' }, 2);
    labelled.labels('y').set(7);
    labelled.labels({ a: 'y' }).inc();
    labelled.labels('y').dec(3);
    return [await plain.get(), await labelled.get()];
  },
  async 'gauge.setToCurrentTime() and startTimer()'() {
    const gauge = create().gauge({ labelNames: ['a'] });
    gauge.setToCurrentTime({ a: 'now' });
    gauge.labels('too').setToCurrentTime();
    const seconds = [gauge.startTimer({ a: 'x' })(), gauge.startTimer()({ a: 'y' }), gauge.labels('z').startTimer()()];
    const { values } = await gauge.get();
    return [values.map(({ labels }) => labels), values[0].value > 1.7e9, seconds.map(isNumber)];
  },
  async 'histogram.observe() in every form'() {
    const plain = create().histogram();
    plain.observe(0);
    plain.observe(1);
    plain.observe(99);
    const labelled = create().histogram({ labelNames: ['a'] });
    labelled.observe({ a: 'x' }, 2);
    labelled.labels('x').observe(0.5);
    labelled.labels({ a: 'y' }).observe(3);
    return [await plain.get(), await labelled.get()];
  },
  async 'histogram.zero()'() {
    const histogram = create().histogram({ labelNames: ['a'] });
    histogram.zero({ a: 'new' });
    histogram.observe({ a: 'known' }, 1);
    histogram.zero({ a: 'known' });
    return histogram.get();
  },
  async 'histogram.startTimer() reads its labels at the end'() {
    const histogram = create().histogram({ labelNames: ['a', 'b'] });
    const labels = {};
    const end = histogram.startTimer(labels);
    labels.a = 'x';
    const seconds = end({ b: 'y' });
    const { values } = await histogram.get();
    return [isNumber(seconds), values.at(-1).labels, values.at(-1).value];
  },
  async 'summary.observe() in every form'() {
    const labelled = create().summary({ labelNames: ['a'], percentiles: [0.5, 0.9] });
    labelled.observe({ a: 'x' }, 2);
    labelled.labels('x').observe(2);
    labelled.labels({ a: 'y' }).observe(4);
    const plain = create().summary({ percentiles: [0.5], maxAgeSeconds: 60, ageBuckets: 3, pruneAgedBuckets: false, compressCount: 10 });
    plain.observe(3);
    return [await labelled.get(), await plain.get()];
  },
  async 'remove() and reset()'() {
    const { registry, counter, gauge } = create();
    const labelled = counter({ labelNames: ['a'] });
    labelled.inc({ a: 'x' });
    labelled.inc({ a: 'y' });
    labelled.remove('x');
    labelled.remove('never there');
    const left = await labelled.get();
    labelled.remove({ a: 'y' });
    const plain = gauge({ name: 'plain' });
    plain.set(3);
    plain.reset();
    return [left, (await labelled.get()).values, (await plain.get()).values, registry.getMetricsAsArray().length];
  },
  async 'metrics() of counters and gauges'() {
    const { registry, counter, gauge } = create();
    counter({ name: 'c_total', labelNames: ['a'] }).inc({ a: 'quote " slash \\ line \n' }, 2);
    gauge({ name: 'g', help: 'Back \\ slash.' }).set(-0.25);
    return registry.metrics();
  },
  async 'collect(), whose this is the metric'() {
    const { registry, gauge } = create();
    gauge({ name: 'sync', collect() { this.set(1); } });
    gauge({ name: 'async', async collect() { await null; this.set(2); } });
    const own = gauge({ name: 'own', collect() { this.inc(); } });
    return [await registry.metrics(), (await own.get()).values[0].value];
  },
  async 'getMetricsAsJSON() with default labels'() {
    const { registry, counter, histogram } = create();
    registry.setDefaultLabels({ region: 'eu' });
    counter({ name: 'c_total', aggregator: 'first', labelNames: ['a'] }).inc({ a: 'x' });
    histogram({ name: 'h', labelNames: ['region'] }).observe({ region: 'us' }, 2);
    return registry.getMetricsAsJSON();
  },
  async 'getSingleMetric(), getSingleMetricAsString(), removeSingleMetric(), getMetricsAsArray()'() {
    const { registry, counter, gauge } = create();
    const one = counter({ name: 'one_total' });
    gauge({ name: 'two' });
    const text = await registry.getSingleMetricAsString('one_total');
    registry.removeSingleMetric('two');
    registry.removeSingleMetric('three');
    return [
      text,
      registry.getSingleMetric('one_total') === one,
      registry.getSingleMetric('two') === undefined,
      registry.getMetricsAsArray().map(({ name, type, help, aggregator }) => ({ name, type, help, aggregator })),
    ];
  },
  async 'registerMetric() of the same metric, clear(), resetMetrics()'() {
    const { registry, counter } = create();
    const metric = counter();
    metric.inc(3);
    registry.registerMetric(metric);
    registry.resetMetrics();
    const { values } = await metric.get();
    registry.clear();
    registry.registerMetric(metric);
    const names = registry.getMetricsAsArray().map(({ name }) => name);
    return [values, names];
  },
  async 'Registry.merge()'() {
    const [first, second] = [create(), create()];
    first.counter({ name: 'a_total' }).inc();
    second.gauge({ name: 'b' }).set(2);
    const merged = client.Registry.merge([first.registry, second.registry]);
    const refused = thrownBy(() => client.Registry.merge([first.registry, new client.Registry(OPENMETRICS)]));
    return [await merged.metrics(), merged instanceof client.Registry, /same content type/.test(refused)];
  },
  async 'content types'() {
    const registry = new client.Registry(OPENMETRICS);
    const before = registry.contentType;
    registry.setContentType(TEXT);
    const { PROMETHEUS_CONTENT_TYPE, OPENMETRICS_CONTENT_TYPE } = client.Registry;
    client.register.setContentType(OPENMETRICS);
    const followed = client.contentType;
    client.register.setContentType(TEXT);
    return [
      [before, registry.contentType, new client.Registry().contentType, client.register.contentType],
      [PROMETHEUS_CONTENT_TYPE, OPENMETRICS_CONTENT_TYPE, client.prometheusContentType, client.openMetricsContentType],
      [followed, client.contentType],
      thrownBy(() => registry.setContentType('text/html')).startsWith('Content type text/html is unsupported'),
      thrownBy(() => new client.Registry('text/html')).startsWith('Content type text/html is unsupported'),
    ];
  },
  async 'exemplars, in the call shapes of enableExemplars'() {
    const registry = new client.Registry(OPENMETRICS);
    const options = { help: 'X.', registers: [registry], labelNames: ['a'], enableExemplars: true };
    const counter = new client.Counter({ ...options, name: 'c_total' });
    counter.inc({ labels: { a: 'x' }, value: 2, exemplarLabels: { trace_id: 't1' } });
    counter.inc({ labels: { a: 'y' } });
    const histogram = new client.Histogram({ ...options, name: 'h', buckets: [1] });
    histogram.observe({ labels: { a: 'x' }, value: 0.5, exemplarLabels: { trace_id: 't2' } });
    const seconds = histogram.startTimer({ a: 'y' }, { trace_id: 't3' })({}, { span_id: 's' });
    const lines = (await registry.metrics()).split('\n').filter((line) => / # \{/.test(line));
    return [isNumber(seconds), lines.map((line) => line.replace(/} [\d.e-]+ [\d.]+$/, '} VALUE TIME').replace(/le="1(\.0)?"|,/g, ''))];
  },
  async 'the same name twice'() {
    const { counter } = create();
    counter();
    return /A metric with the name x has already been registered\./.test(thrownBy(() => counter()));
  },
  async 'a counter that shall fall'() {
    return /It is not possible to decrease a counter/.test(thrownBy(() => create().counter().inc(-1)));
  },
  async 'what is refused'() {
    const { counter, gauge, histogram, summary } = create();
    const labelled = counter({ name: 'a', labelNames: ['a'] });
    return [
      () => labelled.inc({ b: 'x' }),
      () => labelled.labels('x', 'y'),
      () => labelled.labels({ b: 'x' }).inc(),
      () => labelled.inc({ a: 'x' }, '5'),
      () => gauge({ name: 'b' }).set('5'),
      () => histogram({ name: 'c' }).observe(NaN),
      () => summary({ name: 'd' }).observe('5'),
      () => histogram({ name: 'e', labelNames: ['le'] }),
      () => summary({ name: 'f', labelNames: ['quantile'] }),
      () => counter({ name: '9' }),
      () => counter({ name: 'h', labelNames: ['9'] }),
      () => counter({ name: 'i', help: '' }),
      () => new client.Counter(),
      () => counter({ name: 'j', collect: 5 }),
      () => client.collectDefaultMetrics('prefix_'),
      () => client.linearBuckets(0, 1, 0),
      () => client.exponentialBuckets(0, 2, 3),
    ].map((call) => thrownBy(call) !== 'nothing' && thrownBy(call) !== 'no Error');
  },
  async 'aggregators, and AggregatorRegistry.aggregate()'() {
    const processes = [1, 4].map((value) => {
      const { registry, histogram, summary } = create();
      histogram({ name: 'h', buckets: [0.5, 2.5] }).observe(value);
      summary({ name: 's', percentiles: [] }).observe(value);
      for (const aggregator of ['sum', 'first', 'min', 'max', 'average', 'omit']) {
        const options = { name: aggregator, help: 'G.', labelNames: ['a', 'b'], aggregator, registers: [registry] };
        const gauge = new client.Gauge(options);
        gauge.set({ a: '1', b: '2' }, value);
        if (value === 4) gauge.set({ a: '1', b: '3' }, 9);
      }
      return registry;
    });
    const metrics = await Promise.all(processes.map((registry) => registry.getMetricsAsJSON()));
    const gauges = metrics.map((all) => all.find(({ name }) => name === 'sum'));
    const aggregated = client.AggregatorRegistry.aggregate(JSON.parse(JSON.stringify(metrics)));
    return [
      ['average', 'first', 'max', 'min', 'omit', 'sum'].map((name) => [name, client.aggregators[name](gauges) ?? 'nothing']),
      client.aggregators.sum([]) === undefined,
      (await aggregated.metrics()).split('\n').filter((line) => line !== '').sort(),
      aggregated instanceof client.Registry,
      await aggregated.getSingleMetric('max').get(),
      aggregated.getSingleMetric('omit') === undefined,
      thrownBy(() => client.AggregatorRegistry.aggregate([[{ ...gauges[0], aggregator: 'wild' }]])).includes("'wild' is not a defined aggregator."),
    ];
  },
  async 'linearBuckets(), exponentialBuckets(), validateMetricName()'() {
    return [
      client.linearBuckets(0, 5, 4),
      client.exponentialBuckets(1, 2, 5),
      ['a', 'a:b_c9', '_', '9a', 'a-b', '', 'a b'].map((name) => client.validateMetricName(name)),
    ];
  },
  async 'the default registry, which metrics join by themselves'() {
    client.register.clear();
    const options = { name: 'by_itself', help: 'X.' };
    new client.Gauge({ ...options, registers: undefined }).set(4);
    const isThere = client.register.getSingleMetric('by_itself') instanceof client.Gauge;
    const text = await client.register.metrics();
    client.register.clear();
    return [isThere, text, client.register instanceof client.Registry];
  },
  async 'collectDefaultMetrics() by its options'() {
    const register = new client.Registry();
    const returned = client.collectDefaultMetrics({
      register, prefix: 'p_', labels: { region: 'eu' }, gcDurationBuckets: [0.1], eventLoopMonitoringPrecision: 20, timeout: 5,
    });
    const families = await register.getMetricsAsJSON();
    returned?.stop();
    const names = ['p_process_cpu_seconds_total', 'p_nodejs_heap_size_used_bytes', 'p_nodejs_version_info'];
    const known = families.filter(({ name }) => names.includes(name));
    return [
      known.map(({ name, type, values }) => [name, type, values[0].labels.region]),
      client.collectDefaultMetrics.metricsList,
    ];
  },
  async 'default metrics are metrics'() {
    const register = new client.Registry();
    const returned = client.collectDefaultMetrics({ register, labels: { region: 'eu' } });
    const known = (name) => !/utilization|eventloop_time|_threads$|virtual_memory_max|heap_size_limit/.test(name);
    const names = register.getMetricsAsArray().map(({ name }) => name).filter(known);
    const shown = await Promise.all(
      names.map(async (name) => {
        const metric = register.getSingleMetric(name);
        const { values, ...head } = await metric.get();
        const labels = values[0] && Object.keys(values[0].labels).sort();
        // Of these, prom-client has none at the first look, or none so far.
        const isLate = /^nodejs_(active|gc|eventloop_lag_seconds)/.test(name);
        return [head, isLate || labels];
      }),
    );
    let message;
    try {
      client.collectDefaultMetrics({ register });
    } catch (error) {
      message = /A metric with the name \w+ has already been registered\./.exec(error.message)?.[0];
    }
    register.removeSingleMetric('nodejs_version_info');
    const text = await register.metrics();
    register.resetMetrics();
    const after = await register.metrics();
    register.clear();
    const cleared = register.getMetricsAsArray().length;
    const again = client.collectDefaultMetrics({ register });
    const found = register.getSingleMetric('process_cpu_user_seconds_total') instanceof client.Counter;
    returned?.stop();
    again?.stop();
    return [
      names,
      shown,
      message,
      [text, after].map((one) => [one.includes('nodejs_version_info'), one.includes('\nprocess_cpu_seconds_total{region="eu"}')]),
      cleared,
      found,
    ];
  },
};

async function run() {
  const results = {};
  for (const [name, behaviour] of Object.entries(behaviours)) {
    results[name] = await behaviour().catch((error) => ({ failed: error.stack }));
  }
  // Standard output may be a pipe: ended by itself once all is written, since nothing here keeps the process alive.
  process.stdout.write(JSON.stringify({ names: Object.keys(client).filter((name) => name !== 'default'), results }));
}

run();
