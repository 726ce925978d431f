import { create, EVERYTHING, KINDS, type Kind, METADATA, type Program, small, UPDATES } from './program.ts';

/** Documented shapes of arguments in the ways that programs combine them: labels left out, numbers at their limits, several registries. */
export function shapes(): Program[] {
  return [
    ...KINDS.flatMap(withoutLabels),
    ...KINDS.flatMap(labelValues),
    ...numbers(),
    ...KINDS.flatMap(lives),
    ...distributions(),
    ...inSeveralRegistries(),
    ...afterAggregation(),
    ...surface(),
  ];
}

function program(about: string, ...lines: string[]): Program {
  return { about, lines };
}

/** Undefined, null and an empty object in the place of labels, as wrappers pass them. */
function withoutLabels(kind: Kind): Program[] {
  const methods = kind === 'gauge' ? ['set', 'inc', 'dec'] : [UPDATES[kind]];
  const calls = methods.flatMap((method) => [
    `m.${method}(undefined, 3)`,
    `m.${method}({}, 3)`,
    ...(kind === 'histogram' || kind === 'summary' ? [`m.${method}(null, 3)`] : []),
    ...(method === 'set' || method === 'observe'
      ? []
      : [`m.${method}({}, undefined)`, `m.${method}(undefined, undefined)`]),
  ]);
  return [
    ...calls.map((call) =>
      program(`a ${kind}, labels left out`, create(kind, small(kind)), `void ${call}`, ...EVERYTHING),
    ),
    program(
      `a ${kind}, labels() of nothing`,
      create(kind, small(kind)),
      `void m.labels({}).${UPDATES[kind]}(2)`,
      'm.remove({})',
      ...EVERYTHING,
    ),
    program(
      `a ${kind}, remove() of what is not there`,
      create(kind, { ...small(kind), labelNames: ['a'] }),
      `void m.${UPDATES[kind]}({ a: 'x' }, 2)`,
      "void m.remove('y')",
      "void m.remove({ a: 'z' })",
      ...EVERYTHING,
    ),
  ];
}

/** Label values that are odd as texts. */
function labelValues(kind: Kind): Program[] {
  const update = (value: string): string => `void m.${UPDATES[kind]}({ a: ${value} }, 1)`;
  const labelled = create(kind, { ...small(kind), labelNames: ['a'] });
  return [
    program(
      `a ${kind}, numbers and texts`,
      labelled,
      update('1'),
      update("'1'"),
      "void m.labels('1').METHOD(1)".replace('METHOD', UPDATES[kind]),
      update('0'),
      update('-1.5'),
      ...EVERYTHING,
    ),
    program(
      `a ${kind}, odd texts`,
      labelled,
      update("' '"),
      update("'a b'"),
      update("'{}'"),
      update("'日本'"),
      ...EVERYTHING,
    ),
    program(`a ${kind}, text that reads as a sample`, labelled, update(`'x"} 5\\nm 7'`), ...EVERYTHING),
    program(
      `a ${kind}, an overflow of series`,
      labelled,
      `void Array.from({ length: 300 }, (_, i) => m.${UPDATES[kind]}({ a: i }, 1))`,
      'm.get().then(({ values }) => values.length)',
      'r.metrics().then((text) => text.length)',
    ),
  ];
}

/** How numbers are written. */
function numbers(): Program[] {
  const values = [
    '1e21',
    '1e-7',
    '123456789012',
    '0.1 + 0.2',
    '2 ** 53',
    '5e-324',
    '1.7976931348623157e308',
    '-1e-9',
    '1e300 * 10',
  ];
  return [
    ...values.map((value) =>
      program('a number of a gauge', create('gauge', {}), `void m.set(${value})`, ...EVERYTHING),
    ),
    ...values
      .filter((value) => !value.startsWith('-') && value !== '1e300 * 10')
      .map((value) => program('a number of a counter', create('counter', {}), `void m.inc(${value})`, ...EVERYTHING)),
    program(
      'a sum of fractions',
      create('counter', {}),
      'void [0.1, 0.2, 0.3, 0.7].forEach((part) => m.inc(part))',
      ...EVERYTHING,
    ),
  ];
}

/** Series that come, go and come back. */
function lives(kind: Kind): Program[] {
  const update = (labels: string): string => `void m.${UPDATES[kind]}(${labels}, 1)`;
  const labelled = create(kind, { ...small(kind), labelNames: ['a', 'b'] });
  return [
    program(
      `a ${kind}, a series that returns`,
      labelled,
      update("{ a: 'x', b: '1' }"),
      update("{ a: 'y', b: '1' }"),
      "void m.remove({ b: '1', a: 'x' })",
      update("{ a: 'x', b: '1' }"),
      ...EVERYTHING,
    ),
    program(
      `a ${kind}, reset() and updates`,
      labelled,
      update("{ a: 'x', b: '1' }"),
      'm.reset()',
      'r.metrics()',
      update("{ a: 'x', b: '2' }"),
      ...EVERYTHING,
    ),
    program(
      `a ${kind} with a collect() that resets`,
      `(m = new client.${{ counter: 'Counter', gauge: 'Gauge', histogram: 'Histogram', summary: 'Summary' }[kind]}({ name: 'm', help: 'M.', labelNames: ['a'], registers: [r], collect() { this.reset(); this.${UPDATES[kind]}({ a: 'x' }, 4); } }), '')`,
      'r.metrics()',
      'r.metrics()',
      'm.get()',
      "r.getSingleMetricAsString('m')",
    ),
  ];
}

function distributions(): Program[] {
  return [
    ...[
      '[0, 1, 2]',
      '[-1.5, 0, 2]',
      '[0.1, 0.2, 0.3]',
      '[1e3, 1e6, 1e9]',
      'client.linearBuckets(0, 10, 4)',
      'client.exponentialBuckets(1, 2, 5)',
    ].map((bounds) =>
      program(
        'observations on the bounds',
        `(m = new client.Histogram({ name: 'm', help: 'M.', registers: [r], buckets: ${bounds} }), '')`,
        'void m.upperBounds.forEach((bound) => m.observe(bound))',
        'void m.observe(1e12)',
        ...EVERYTHING,
      ),
    ),
    program(
      'zero() of a histogram without labels',
      create('histogram', small('histogram')),
      'void m.observe(1)',
      'm.zero({})',
      ...EVERYTHING,
    ),
    program(
      'zero() between observations',
      create('histogram', { ...small('histogram'), labelNames: ['a'] }),
      "void m.observe({ a: 'x' }, 1)",
      "m.zero({ a: 'x' })",
      "void m.observe({ a: 'x' }, 2)",
      ...EVERYTHING,
    ),
    ...['[0, 1]', '[0.5]', '[0.25, 0.75]', '[0.999]'].map((percentiles) =>
      program(
        'percentiles',
        `(m = new client.Summary({ name: 'm', help: 'M.', registers: [r], percentiles: ${percentiles} }), '')`,
        'void m.observe(5)',
        'void m.observe(5)',
        ...EVERYTHING,
      ),
    ),
    program(
      'negative observations',
      create('summary', small('summary')),
      'void m.observe(-3)',
      'void m.observe(-3)',
      ...EVERYTHING,
    ),
    program('negative observations', create('histogram', small('histogram')), 'void m.observe(-3)', ...EVERYTHING),
    program(
      'exemplars of several buckets',
      'r.setContentType(OPENMETRICS)',
      create('histogram', { ...small('histogram'), enableExemplars: true }),
      ...[0.5, 2, 9].map((value) => `void m.observe({ value: ${value}, exemplarLabels: { trace_id: 't${value}' } })`),
      'm.get().then(timeless)',
      'r.getMetricsAsJSON().then(timeless)',
    ),
    program(
      'a counter whose exemplar has no labels any more',
      'r.setContentType(OPENMETRICS)',
      create('counter', { enableExemplars: true }),
      "void m.inc({ exemplarLabels: { trace_id: 't' } })",
      'void m.inc({ exemplarLabels: {} })',
      'm.get().then(timeless)',
      'r.metrics().then(timeless)',
    ),
  ];
}

function inSeveralRegistries(): Program[] {
  const shared = "(m = new client.Counter({ name: 'm', help: 'M.', labelNames: ['a'], registers: [r, r2] }), '')";
  const update = "void m.inc({ a: 'x' }, 2)";
  return [
    program(
      'one metric in two registries',
      shared,
      update,
      "r.setDefaultLabels({ region: 'eu' })",
      'r.metrics()',
      'r2.metrics()',
    ),
    program(
      'clear() of one of two registries',
      shared,
      update,
      'r.clear()',
      'r.metrics()',
      'r2.metrics()',
      update,
      'r2.metrics()',
    ),
    program('resetMetrics() of one of two registries', shared, update, 'r.resetMetrics()', 'r2.metrics()'),
    program(
      'removal from one of two registries',
      shared,
      update,
      "r.removeSingleMetric('m')",
      'r.metrics()',
      'r2.metrics()',
    ),
    program(
      'a merged registry',
      create('counter', { name: 'm' }),
      "void (m2 = new client.Gauge({ name: 'other', help: 'O.', registers: [r2] }))",
      'void (merged = client.Registry.merge([r, r2]))',
      "merged.removeSingleMetric('other')",
      'merged.metrics()',
      'r2.metrics()',
      'merged.resetMetrics()',
      'merged.getMetricsAsJSON()',
      "merged.getSingleMetricAsString('m')",
      'client.Registry.merge([merged, r2]).metrics()',
      'merged.clear()',
      'r.metrics()',
    ),
    program(
      'a merged registry with default labels',
      create('counter', { name: 'm' }),
      'void (merged = client.Registry.merge([r, r2]))',
      "merged.setDefaultLabels({ region: 'eu' })",
      'r.metrics()',
    ),
    ...KINDS.map((kind) =>
      program(
        `registry.registerMetric() of a ${kind}, later`,
        create(kind, small(kind)).replace('registers: [r]', 'registers: []'),
        'r.metrics()',
        'r.registerMetric(m)',
        `void m.${UPDATES[kind]}(3)`,
        'r.metrics()',
        METADATA,
        "r.getSingleMetric('m') === m",
      ),
    ),
    program(
      'formats in turns',
      create('gauge', {}),
      'void m.set(1.5)',
      ...['OPENMETRICS', 'TEXT', 'OPENMETRICS'].flatMap((type) => [`r.setContentType(${type})`, 'r.metrics()']),
      "r.getSingleMetricAsString('m')",
    ),
  ];
}

function afterAggregation(): Program[] {
  const aggregate =
    'r.getMetricsAsJSON().then((all) => void (merged = client.AggregatorRegistry.aggregate(JSON.parse(JSON.stringify([all, all])))))';
  return KINDS.map((kind) =>
    program(
      `an aggregated ${kind}, used like a registry`,
      create(kind, { ...small(kind), labelNames: ['a'] }),
      `void m.${UPDATES[kind]}({ a: 'x' }, 2)`,
      aggregate,
      "merged.setDefaultLabels({ region: 'eu' })",
      'merged.metrics()',
      "merged.getSingleMetricAsString('m')",
      'merged.getMetricsAsArray().map(({ name }) => name)',
      "merged.removeSingleMetric('m')",
      'merged.getMetricsAsArray().length',
      'client.Registry.merge([merged, r2]).getMetricsAsArray().length',
    ),
  );
}

/** What programs and their tests do with the module itself. */
function surface(): Program[] {
  return [
    program(
      'the names of the module',
      "Object.keys(client).filter((name) => name === 'Counter' || name === 'register').sort()",
    ),
    program(
      'the module as an object',
      "[client.hasOwnProperty('Counter'), Object.isFrozen(client), typeof client.toString]",
    ),
    program(
      'a member that a test replaces',
      '(child = client.linearBuckets, client.linearBuckets = () => [7], client.linearBuckets(0, 1, 2))',
      '(client.linearBuckets = child, client.linearBuckets(0, 1, 2))',
    ),
    program('a member that a test adds and removes', '(client.own = 5, client.own)', 'delete client.own', 'client.own'),
    program(
      'client.contentType = …',
      '(client.contentType = OPENMETRICS, [client.contentType, client.register.contentType])',
      'client.register.setContentType(TEXT)',
      'client.contentType',
      "client.contentType = 'text/html'",
    ),
    ...KINDS.map((kind) =>
      program(`the class of a ${kind}`, create(kind, {}), '[m.constructor.name, Object.prototype.toString.call(m)]'),
    ),
  ];
}
