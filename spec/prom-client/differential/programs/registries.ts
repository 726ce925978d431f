import type { SeededRandom } from '../../../support/seeded-random.ts';
import { create, EVERYTHING, KINDS, METADATA, type Program, small, times, UPDATES } from './program.ts';

export function registries(random: SeededRandom): Program[] {
  const counter = (name = 'm', options: Record<string, unknown> = {}): string =>
    create('counter', { name, ...options });
  const second = create('gauge', { name: 'm2' }).replace('(m =', '(m2 =');
  const two = [counter(), second, 'void m.inc(3)', 'void m2.set(-4)'];
  const program = (about: string, ...lines: string[]): Program => ({ about, lines });
  const content = ['undefined', 'TEXT', 'OPENMETRICS', "'text/html'", 'null', '5', "''"];
  const defaults = [
    "{ region: 'eu' }",
    '{}',
    '{ n: 1 }',
    '{ n: undefined }',
    '{ n: null }',
    '{ n: true }',
    "{ a: 'default' }",
    "{ le: '1' }",
  ];
  return [
    program('an empty registry', 'r.metrics()', 'r.getMetricsAsJSON()', 'r.getMetricsAsArray()', 'r.contentType'),
    program('an empty registry, in OpenMetrics', 'r.setContentType(OPENMETRICS)', 'r.metrics()', 'r.contentType'),
    ...content.map((type) => program('new Registry()', `new client.Registry(${type}).contentType`)),
    ...content.map((type) => program('registry.setContentType()', `r.setContentType(${type})`, 'r.contentType')),
    program(
      'the content types',
      '[client.prometheusContentType, client.openMetricsContentType, client.contentType]',
      '[client.Registry.PROMETHEUS_CONTENT_TYPE, client.Registry.OPENMETRICS_CONTENT_TYPE]',
    ),
    program(
      'contentType of the default registry',
      'client.register.setContentType(OPENMETRICS)',
      'client.contentType',
      'client.register.setContentType(TEXT)',
      'client.contentType',
    ),
    program(
      'the default registry',
      'client.Registry.globalRegistry === client.register',
      "void (m = new client.Counter({ name: 'm', help: 'M.' }))",
      'client.register.metrics()',
    ),
    program(
      'registry.getSingleMetric()',
      ...two,
      "r.getSingleMetric('m') === m",
      "r.getSingleMetric('z')",
      'r.getSingleMetric()',
      "r.getSingleMetric('m').get()",
    ),
    program(
      'registry.removeSingleMetric()',
      ...two,
      "r.removeSingleMetric('m')",
      "r.removeSingleMetric('z')",
      'r.removeSingleMetric()',
      'r.metrics()',
      "r.getSingleMetric('m')",
    ),
    program(
      'a metric that returns after removeSingleMetric()',
      ...two,
      "r.removeSingleMetric('m')",
      counter(),
      'void m.inc()',
      'r.metrics()',
    ),
    program(
      'registry.getSingleMetricAsString()',
      ...two,
      "r.getSingleMetricAsString('m2')",
      "r.getSingleMetricAsString('z')",
      'r.getSingleMetricAsString()',
    ),
    program(
      'registry.getMetricsAsString()',
      ...two,
      'r.getMetricsAsString(m)',
      'r.getMetricsAsString(m2)',
      'r.getMetricsAsString()',
    ),
    program(
      'registry.getMetricsAsString() with default labels',
      ...two,
      "r.setDefaultLabels({ region: 'eu' })",
      'r.getMetricsAsString(m)',
    ),
    program(
      'registry.getMetricsAsArray()',
      ...two,
      METADATA,
      'r.getMetricsAsArray().map((metric) => [metric === m, metric === m2])',
    ),
    program(
      'the fields of a metric',
      counter('m', { labelNames: ['b', 'a'], aggregator: 'first' }),
      '({ name: m.name, help: m.help, type: m.type, labelNames: m.labelNames, aggregator: m.aggregator, collect: m.collect, enableExemplars: m.enableExemplars })',
    ),
    program(
      'registry.clear()',
      ...two,
      "r.setDefaultLabels({ region: 'eu' })",
      'r.clear()',
      'r.metrics()',
      'r.getMetricsAsArray()',
      'r.registerMetric(m)',
      'r.metrics()',
    ),
    program('registry.resetMetrics()', ...two, 'r.resetMetrics()', 'r.metrics()', 'r.getMetricsAsArray().length'),
    program(
      'registry.registerMetric()',
      counter('m', { registers: [] }).replace('registers: [r]', 'registers: []'),
      'r.registerMetric(m)',
      'r.registerMetric(m)',
      'r2.registerMetric(m)',
      'void m.inc()',
      'r.metrics()',
      'r2.metrics()',
    ),
    program(
      'registry.registerMetric() of a name that is there',
      ...two,
      "void (m2 = new client.Counter({ name: 'm', help: 'M.', registers: [r2] }))",
      'r.registerMetric(m2)',
      'r.metrics()',
    ),
    ...['', 'null', '{}', "'m'"].map((odd) =>
      program('registry.registerMetric() of no metric', `r.registerMetric(${odd})`, 'r.getMetricsAsArray().length'),
    ),
    ...KINDS.map((kind) => program('a name twice', create('counter', {}), create(kind, {}), 'r.metrics()')),
    program(
      'names that meet in a histogram',
      create('histogram', small('histogram')),
      counter('m_count'),
      counter('m_bucket'),
      'r.getMetricsAsArray().length',
    ),
    ...defaults.flatMap((labels) =>
      KINDS.map((kind) =>
        program(
          'registry.setDefaultLabels()',
          `r.setDefaultLabels(${labels})`,
          create(kind, { ...small(kind), labelNames: ['a'] }),
          `void m.${UPDATES[kind]}({ a: 'x' }, 2)`,
          `void m.${UPDATES[kind]}({}, 2)`,
          ...EVERYTHING,
        ),
      ),
    ),
    ...['', 'null', '5', "'x'", '[]'].map((odd) =>
      program('registry.setDefaultLabels() of no labels', `r.setDefaultLabels(${odd})`, counter(), 'r.metrics()'),
    ),
    program(
      'get() after getMetricsAsJSON()',
      ...two,
      "r.setDefaultLabels({ region: 'eu' })",
      'r.getMetricsAsJSON()',
      'm.get()',
    ),
    program(
      'registry.setDefaultLabels() twice',
      ...two,
      "r.setDefaultLabels({ a: '1' })",
      'r.metrics()',
      "r.setDefaultLabels({ b: '2' })",
      'r.metrics()',
      'r.getMetricsAsJSON()',
    ),
    program(
      'OpenMetrics',
      ...two,
      'r.setContentType(OPENMETRICS)',
      'r.metrics()',
      "r.getSingleMetricAsString('m')",
      'm.name',
      'r.setContentType(TEXT)',
      'r.metrics()',
    ),
    program(
      'OpenMetrics, a counter with _total',
      counter('m_total'),
      'void m.inc()',
      'r.setContentType(OPENMETRICS)',
      'r.metrics()',
      'm.name',
    ),
    program(
      'metrics() of several metrics',
      ...times(5, (i) => create(random.pick(KINDS), { name: `m${i}` })),
      'r.metrics()',
      'r.getMetricsAsJSON()',
    ),
    program('metrics() twice at once', ...two, 'Promise.all([r.metrics(), r.metrics()])'),
    ...[
      'client.Registry.merge([r, r2])',
      'client.Registry.merge([r])',
      'client.Registry.merge([])',
      'client.Registry.merge()',
      'client.Registry.merge([r, r])',
      'client.Registry.merge([r, new client.Registry(OPENMETRICS)])',
      'client.Registry.merge([new client.Registry(OPENMETRICS), new client.Registry(OPENMETRICS)])',
      'client.AggregatorRegistry.merge([r, r2])',
    ].map((merge) =>
      program(
        'Registry.merge()',
        ...two,
        "void (m2 = new client.Gauge({ name: 'other', help: 'O.', registers: [r2] }))",
        `(merged = ${merge}, merged instanceof client.Registry)`,
        'merged.metrics()',
        'merged.contentType',
        'merged.getMetricsAsArray().length',
        'void m.inc()',
        'merged.metrics()',
        "merged.getSingleMetric('m') === m",
      ),
    ),
    program(
      'Registry.merge() of a name twice',
      counter(),
      "void (m2 = new client.Counter({ name: 'm', help: 'M.', registers: [r2] }))",
      'void (merged = client.Registry.merge([r, r2]))',
      'merged.metrics()',
    ),
    ...(Number(process.versions.node.split('.')[0]) < 22 ? [] : ['sum', 'first', 'omit', 'wild']).map((aggregator) =>
      program(
        'filters by aggregator',
        counter(),
        create('gauge', { name: 'g', aggregator: 'first' }),
        `r.getMetricsAsArray('${aggregator}').map(({ name }) => name)`,
        `r.getMetricsAsJSON('${aggregator}')`,
      ),
    ),
    ...['a', 'a:b_c9', '_', '9a', 'a-b', '', 'a b', 'é', 'a\n'].map((name) =>
      program('validateMetricName()', `client.validateMetricName(${JSON.stringify(name)})`),
    ),
    program(
      'the names of the module',
      "['Registry', 'Counter', 'Gauge', 'Histogram', 'Summary', 'Pushgateway', 'AggregatorRegistry'].map((name) => typeof client[name])",
      'Object.keys(client.aggregators).filter((name) => name !== "ratio").sort()',
    ),
  ];
}

/** Objects with a name and get(), as packages register them instead of metrics. */
export function foreignMetrics(): Program[] {
  const objects = [
    "{ name: 'f', get: async () => ({ name: 'f', help: 'F.', type: 'gauge', values: [{ value: 1, labels: { a: 'x' } }], aggregator: 'sum' }) }",
    "{ name: 'f', help: 'F.', type: 'counter', get: () => ({ name: 'f', help: 'F.', type: 'counter', values: [{ value: 1, labels: {} }], aggregator: 'sum' }) }",
    "{ name: 'f', async get() { return { name: 'f', help: 'F.', type: 'gauge', values: [{ value: NaN, labels: {} }, { value: Infinity, labels: { a: 'q\"' } }], aggregator: 'first' }; } }",
    "{ name: 'f', async get() { return { name: 'f', help: 'F.', type: 'histogram', values: [{ metricName: 'f_bucket', value: 1, labels: { le: 1 } }, { metricName: 'f_bucket', value: 2, labels: { le: '+Inf' } }, { metricName: 'f_sum', value: 3, labels: {} }, { metricName: 'f_count', value: 2, labels: {} }], aggregator: 'sum' }; } }",
    "{ name: 'f', async get() { return { name: 'f', help: 'F.', type: 'summary', values: [{ value: 1, labels: { quantile: 0.5 } }, { metricName: 'f_sum', value: 3, labels: {} }, { metricName: 'f_count', value: 2, labels: {} }], aggregator: 'sum' }; } }",
    "{ name: 'f', async get() { return { name: 'f', help: 'F.', type: 'gauge', values: [], aggregator: 'sum' }; } }",
    "{ name: 'f', async get() { return { name: 'f', help: 'F.', type: 'gauge' }; } }",
    "{ async get() { return { name: 'f', help: 'F.', type: 'gauge', values: [{ value: 1 }] }; } }",
    "{ name: 'f', async get() { return { name: 'f', type: 'gauge', values: [{ value: 1, labels: {} }] }; } }",
    "{ name: 'f', async get() { throw new Error('no'); } }",
    "{ name: 'f', async get() { return { name: 'f', help: 'F.', type: 'untyped', values: [{ value: 1, labels: {} }] }; } }",
  ];
  return objects.flatMap((object) => [
    {
      about: 'registerMetric() of an object with get()',
      lines: [
        `r.registerMetric(${object})`,
        'r.metrics()',
        'r.getMetricsAsJSON()',
        "typeof r.getSingleMetric('f')",
        'r.getMetricsAsArray().length',
        "r.getSingleMetricAsString('f')",
        "r.removeSingleMetric('f')",
        'r.metrics()',
      ],
    },
    {
      about: 'an object with get(), with default labels',
      lines: [
        "r.setDefaultLabels({ region: 'eu', a: 'default' })",
        `r.registerMetric(${object})`,
        'r.metrics()',
        'r.getMetricsAsJSON()',
      ],
    },
    {
      about: 'an object with get(), merged',
      lines: [
        `r.registerMetric(${object})`,
        'client.Registry.merge([r, r2]).metrics()',
        'r.setContentType(OPENMETRICS)',
        'r.metrics()',
      ],
    },
  ]);
}
