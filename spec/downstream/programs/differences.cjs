'use strict';

// Where this library and prom-client differ: `node differences.cjs` prints the result of each function below as JSON, by
// the name that docs/migrating-from-prom-client.md gives it, with whatever `prom-client` resolves to.

const client = require('prom-client');
const { create } = require('./create.cjs');

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The lines of a scrape that are samples. */
async function samples(registry) {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** The name of the error that a call throws; what it returns if it throws none. */
function outcome(call) {
  try {
    return call();
  } catch (error) {
    return error.name;
  }
}

/** What has been warned of so far, by code. */
const warnings = [];
process.on('warning', ({ code }) => warnings.push(code));

const differences = {
  async 'a label is missing'() {
    const { registry, counter } = create();
    const metric = counter({ labelNames: ['a', 'b'] });
    for (let i = 0; i < 3; i++) metric.inc({ a: 'x' });
    metric.inc({ a: 'x', b: 'y' });
    await new Promise((resolve) => setImmediate(resolve));
    return [await samples(registry), warnings.splice(0)];
  },
  async 'a label value is undefined or null'() {
    const { registry, counter } = create();
    const metric = counter({ labelNames: ['a'] });
    metric.inc({ a: undefined });
    metric.inc({ a: null });
    return samples(registry);
  },
  async 'a label value is an object'() {
    const { registry, counter } = create();
    const metric = counter({ labelNames: ['a'] });
    return [outcome(() => void metric.inc({ a: ['quote " in it'] })), await samples(registry)];
  },
  async 'two sets of label values that look alike, such as { a: "1,b:2" } and { a: "1", b: "2" }'() {
    const { registry, counter } = create();
    const metric = counter({ labelNames: ['a', 'b', 'c'] });
    metric.inc({ a: '1,b:2', b: '3', c: '4' });
    metric.inc({ a: '1', b: '2,b:3', c: '4' });
    return (await samples(registry)).length;
  },
  async 'a label object is changed and used again'() {
    const { registry, counter } = create();
    const metric = counter({ labelNames: ['a'] });
    const labels = { a: 'x' };
    metric.inc(labels);
    labels.a = 'y';
    metric.inc(labels);
    return samples(registry);
  },
  async 'a held child without updates'() {
    const { registry, counter } = create();
    counter({ labelNames: ['a'] }).labels('x');
    return samples(registry);
  },
  async 'counter.inc(NaN)'() {
    const { registry, counter } = create();
    const metric = counter();
    return [outcome(() => metric.inc(NaN)) ?? 'taken', await samples(registry)];
  },
  async 'buckets that are unsorted or have duplicates'() {
    const { histogram } = create();
    return [[2, 1], [1, 1]].map((buckets, i) => outcome(() => typeof histogram({ name: `h${i}`, buckets })));
  },
  async 'a bucket with the bound -1'() {
    const { registry, histogram } = create();
    histogram({ buckets: [-1, 1] }).observe(5);
    return samples(registry);
  },
  async 'remove()'() {
    const metric = create().gauge({ labelNames: ['a'] });
    metric.set({ a: 'x' }, 1);
    return [metric.remove('x') ?? 'nothing', metric.remove('x') ?? 'nothing'];
  },
  async 'a constructor that throws'() {
    const { registry, histogram } = create();
    outcome(() => histogram({ labelNames: ['le'] }));
    return registry.getMetricsAsArray().length;
  },
  async 'label __name__, a label name twice'() {
    const { counter } = create();
    return [['__name__'], ['a', 'a']].map((labelNames, i) => outcome(() => typeof counter({ name: `c${i}`, labelNames })));
  },
  async 'x_count beside a histogram x'() {
    const { counter, histogram } = create();
    histogram();
    return outcome(() => typeof counter({ name: 'x_count' }));
  },
  async 'a metric that is there already'() {
    const { counter } = create();
    const metric = counter();
    return [outcome(() => counter()), outcome(() => counter({ ifExists: 'reuse' }) === metric)];
  },
  async 'quantiles without an observation'() {
    const { registry, summary } = create();
    summary({ percentiles: [0.5] });
    return (await samples(registry))[0];
  },
  async 'exemplars through labels(…)'() {
    const registry = new client.Registry(OPENMETRICS);
    const metric = new client.Counter({ name: 'x_total', help: 'X.', labelNames: ['a'], registers: [registry], enableExemplars: true });
    metric.labels('x').inc();
    return samples(registry);
  },
  async 'the name of a counter, in OpenMetrics'() {
    const { registry, counter } = create();
    const metric = counter({ name: 'x_total' });
    registry.setContentType(OPENMETRICS);
    await registry.metrics();
    return metric.name;
  },
  async 'getSingleMetricAsString() of a counter, in OpenMetrics'() {
    const { registry, counter } = create();
    counter({ name: 'x_total' }).inc();
    registry.setContentType(OPENMETRICS);
    return (await registry.getSingleMetricAsString('x_total')).split('\n').at(-1);
  },
  async 'constant labels of a merged registry'() {
    const { registry, counter } = create();
    registry.setDefaultLabels({ region: 'eu' });
    counter();
    return samples(client.Registry.merge([registry]));
  },
  async 'le and quantile, in OpenMetrics'() {
    const { registry, histogram } = create();
    registry.setContentType(OPENMETRICS);
    histogram({ buckets: [1e-7, 1] });
    return (await samples(registry)).map((line) => /le="(.*)"/.exec(line)?.[1]).filter(Boolean);
  },
  async 'not a number'() {
    const { registry, gauge } = create();
    gauge().set(NaN);
    return samples(registry);
  },
  async 'order of labels'() {
    const { registry, histogram } = create();
    histogram({ labelNames: ['a', 'b'], buckets: [1] }).observe({ b: '2', a: '1' }, 2);
    return (await samples(registry))[1];
  },
  async 'one collect throws'() {
    const { registry, gauge } = create();
    gauge({ name: 'good' }).set(1);
    gauge({ name: 'bad', collect() { throw new Error('no'); } });
    return samples(registry).catch(() => 'rejected');
  },
  async 'two scrapes at once'() {
    const { registry, gauge } = create();
    const metric = gauge({
      labelNames: ['a'],
      async collect() {
        this.reset();
        await new Promise((resolve) => setImmediate(resolve));
        this.inc({ a: 'x' });
      },
    });
    const texts = await Promise.all([samples(registry), samples(registry)]);
    return [texts, metric.type];
  },
  async 'a label of a metric and a constant label that are the same'() {
    const { registry, gauge } = create();
    registry.setDefaultLabels({ a: 'constant' });
    gauge({ labelNames: ['a'] }).set({ a: '' }, 1);
    return (await registry.getMetricsAsJSON())[0].values[0].labels;
  },
  async 'a default label without a value'() {
    const { registry, gauge } = create();
    registry.setDefaultLabels({ a: undefined, b: null });
    gauge();
    return samples(registry);
  },
  async 'NaN in aggregate()'() {
    const json = async (value) => {
      const { registry, gauge } = create();
      for (const aggregator of ['average', 'max', 'min']) gauge({ name: aggregator, aggregator }).set(value);
      return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON()));
    };
    return samples(client.AggregatorRegistry.aggregate([await json(NaN), await json(4)]));
  },
  async 'an object with get() and samples of another name'() {
    const { registry } = create();
    const values = [{ value: 1 }, { value: 2, metricName: 'x_max' }];
    registry.registerMetric({ name: 'x', get: async () => ({ name: 'x', help: 'X.', type: 'gauge', values }) });
    return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('# HELP'));
  },
  async 'an object with get() and two samples of the same labels'() {
    const { registry } = create();
    const values = [1, 2].map((value) => ({ value, labels: { a: 'b' } }));
    registry.registerMetric({ name: 'x', get: async () => ({ name: 'x', help: 'X.', type: 'gauge', values }) });
    return samples(registry);
  },
  async 'fs.readdirSync(), where a test replaces it'() {
    const { registry } = create();
    client.collectDefaultMetrics({ register: registry });
    const fs = require('node:fs');
    const { readdirSync } = fs;
    fs.readdirSync = () => ['0', '1'];
    const lines = await samples(registry);
    Object.assign(fs, { readdirSync });
    return lines.includes('process_open_fds 1');
  },
  async 'client.contentType = …'() {
    const { default: imported } = await import('prom-client');
    const isSet = [client, imported].map((each) => Reflect.set(each, 'contentType', OPENMETRICS));
    client.register.setContentType(client.prometheusContentType);
    return isSet;
  },
};

async function run() {
  const results = {};
  for (const [name, difference] of Object.entries(differences)) {
    results[name] = await difference().catch((error) => ({ failed: error.message }));
  }
  process.stdout.write(JSON.stringify(results));
}

run();
