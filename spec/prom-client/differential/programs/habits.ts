import { create, EVERYTHING, KINDS, type Program, small, UPDATES } from './program.ts';

/** Habits of programs and of their tests that lean on how prom-client is made: functions without their object, fields, stubs. */
export function habits(): Program[] {
  return [
    ...KINDS.flatMap(childMethods),
    ...KINDS.map(joinsStubs),
    ...fields(),
    ...pruned(),
    ...pushesOfOpenMetrics(),
    program(
      'a name that is checked, in no registry',
      "void new client.Gauge({ name: 'a-b', help: 'M.', registers: [] })",
    ),
    program(
      'a label name that is checked, in no registry',
      "void new client.Gauge({ name: 'a', help: 'M.', labelNames: ['a-b'], registers: [] })",
    ),
    program(
      'an exemplar with a number for a label',
      'r.setContentType(OPENMETRICS)',
      create('counter', { enableExemplars: true }),
      'void m.inc({ exemplarLabels: { n: 5 } })',
      'r.metrics().then(timeless)',
      'm.get().then(timeless)',
    ),
    ...(['histogram', 'summary'] as const).map((kind) =>
      program(
        `negative observations of a ${kind}, in OpenMetrics`,
        'r.setContentType(OPENMETRICS)',
        create(kind, small(kind)),
        'void m.observe(-3)',
        'r.metrics()',
        'm.get()',
      ),
    ),
    program(
      'an object with get() whose samples have different labels',
      "r.registerMetric({ name: 'f', get: () => ({ name: 'f', help: 'F.', type: 'gauge', values: [{ value: 1, labels: {} }, { value: 2, labels: { a: 'x' } }] }) })",
      'r.metrics()',
      'r.getMetricsAsJSON()',
    ),
  ];
}

function program(about: string, ...lines: string[]): Program {
  return { about, lines };
}

function childMethods(kind: keyof typeof UPDATES): Program[] {
  const labelled = create(kind, { ...small(kind), labelNames: ['a'] });
  return [
    program(
      `a method of a child of a ${kind}`,
      labelled,
      `(child = m.labels('x'), void child.${UPDATES[kind]}(2))`,
      ...EVERYTHING,
    ),
    program(
      `a method of a child of a ${kind}, without it`,
      labelled,
      `(child = m.labels('x').${UPDATES[kind]}, void child(2))`,
      ...EVERYTHING,
    ),
  ];
}

/** `registerMetric()` is the seam: stubs have it, subclasses override it. */
function joinsStubs(kind: keyof typeof UPDATES): Program {
  const inRegistries = (registers: string): string =>
    create(kind, small(kind)).replace('registers: [r]', `registers: ${registers}`);
  return program(
    `registries that a ${kind} joins`,
    inRegistries('[{ registerMetric: (metric) => void (child = metric) }]'),
    'child === m',
    '(r.registerMetric = (metric) => { labels = metric.name; client.Registry.prototype.registerMetric.call(r, metric); }, 0)',
    inRegistries('[r]'),
    'labels',
    `void m.${UPDATES[kind]}(2)`,
    'r.metrics()',
    inRegistries('[{}]'),
    inRegistries('[r, r]').replace('"m"', '"twice"'),
  );
}

function fields(): Program[] {
  return [
    program('a field with an option', create('histogram', { buckets: [1, 2] }), 'm.upperBounds', 'm.buckets'),
    program('a field with an option', create('summary', { percentiles: [0.5] }), 'm.percentiles'),
    program('a field with an option', 'new client.Pushgateway(server.url, {}, r).gatewayUrl === server.url'),
  ];
}

/** Without a clock: a summary without observations is empty from the start. */
function pruned(): Program[] {
  const summary = (options: Record<string, unknown>): string =>
    create('summary', { percentiles: [0.5], maxAgeSeconds: 600, ageBuckets: 5, ...options });
  return [
    ...[{}, { labelNames: ['a'] }].map((options) =>
      program(
        'pruneAgedBuckets',
        summary({ pruneAgedBuckets: true, ...options }),
        'r.metrics()',
        'm.get()',
        `void m.observe(${'labelNames' in options ? "{ a: 'x' }, 3" : '3'})`,
        ...EVERYTHING,
        'm.reset()',
        ...EVERYTHING,
      ),
    ),
    program(
      'pruneAgedBuckets: false',
      summary({ pruneAgedBuckets: false }),
      'void m.observe(3)',
      'm.reset()',
      'm.get()',
    ),
  ];
}

function pushesOfOpenMetrics(): Program[] {
  const lines = [
    'r.setContentType(OPENMETRICS)',
    create('counter', { name: 'jobs' }),
    'void m.inc(3)',
    create('counter', { name: 'runs_total' }),
    create('gauge', { name: 'depth' }),
  ];
  const push = [
    "new client.Pushgateway(server.url, {}, r).push({ jobName: 'job' }).then(({ body }) => body)",
    'timeless(server.take())',
  ];
  return [
    program('a push of a registry that is set to OpenMetrics', ...lines, ...push),
    program(
      'a push with an exemplar',
      ...lines,
      create('counter', { name: 'x', enableExemplars: true }),
      "void m.inc({ exemplarLabels: { trace_id: 't' } })",
      ...push,
    ),
  ];
}
