import type { SeededRandom } from '../../../support/seeded-random.ts';
import {
  create,
  EVERYTHING,
  type Kind,
  labelNames,
  labelsOf,
  METADATA,
  type Program,
  small,
  UPDATES,
} from './program.ts';

/** A metric that is created, updated, read and reset, in one of the usual ways. */
export function lifeOf(kind: Kind, random: SeededRandom): Program {
  const names = labelNames(random);
  const lines =
    random.int(4) === 0 ? [`r.setDefaultLabels({ region: 'eu'${random.int(3) === 0 ? ", a: 'default'" : ''} })`] : [];
  if (random.int(6) === 0) lines.push('r.setContentType(OPENMETRICS)');
  lines.push(create(kind, { ...optionsOf(kind, random), labelNames: names }));
  for (let i = random.int(7); i >= 0; i--) lines.push(updateOf(kind, names, random));
  if (random.int(3) === 0) {
    const away = [
      'm.reset()',
      'r.resetMetrics()',
      ...(names.length > 0 ? [`void m.remove(${labelsOf(names, random)})`] : []),
    ];
    lines.push(random.pick(away), ...(random.int(2) === 0 ? [updateOf(kind, names, random)] : []));
  }
  return { about: `a ${kind}`, lines: [...lines, ...EVERYTHING, 'r.getSingleMetricAsString(m.name)', METADATA] };
}

export function optionsOf(kind: Kind, random: SeededRandom): Record<string, unknown> {
  const name = kind === 'counter' && random.int(3) === 0 ? { name: 'm_total' } : {};
  const aggregator =
    random.int(4) === 0 ? { aggregator: random.pick(['sum', 'first', 'min', 'max', 'average', 'omit']) } : {};
  const help = random.int(4) === 0 ? { help: random.pick(['Back \\ slash.', 'Two\nlines.', 'A "quote".', 'é']) } : {};
  const specific: Record<Kind, readonly Record<string, unknown>[]> = {
    counter: [{}],
    gauge: [{}],
    histogram: [{}, { buckets: [1, 2.5] }, { buckets: [0.001, 0.01, 100] }, { buckets: [] }],
    summary: [
      {},
      { percentiles: [0.5, 0.99] },
      { percentiles: [] },
      { maxAgeSeconds: 600, ageBuckets: 5, percentiles: [0.5] },
    ],
  };
  return { ...name, ...aggregator, ...help, ...random.pick(specific[kind]) };
}

/** Every method that changes a metric, with arguments that prom-client's types allow. */
export function updateOf(kind: Kind, names: readonly string[], random: SeededRandom): string {
  // No 0 for a summary: a quantile of 0 is one of no observation.
  const value = random.pick([
    '1',
    '2',
    '0.5',
    '7',
    ...(kind === 'summary' ? [] : ['0']),
    ...(kind === 'gauge' ? ['-3', 'Infinity', 'NaN'] : []),
  ]);
  const labels = labelsOf(names, random);
  const positional = names.map(() => JSON.stringify(random.pick(['x', 'y', '1']))).join(', ');
  const [method, needsValue] = random.pick<readonly [string, boolean]>(
    {
      counter: [['inc', false] as const],
      gauge: [['set', true] as const, ['inc', false] as const, ['dec', false] as const],
      histogram: [['observe', true] as const],
      summary: [['observe', true] as const],
    }[kind],
  );
  const argument =
    needsValue || random.int(2) === 0 ? value.replace(/Infinity|NaN/, method === 'set' ? '$&' : '1') : '';
  const withLabels =
    names.length === 0 && random.int(2) === 0 ? argument : [labels, argument].filter((text) => text !== '').join(', ');
  return random.pick([
    `void m.${method}(${withLabels})`,
    `void m.${method}(${withLabels})`,
    `void m.labels(${positional}).${method}(${argument})`,
    `void m.labels(${labels}).${method}(${argument})`,
    ...(kind === 'histogram' && names.length > 0 ? [`m.zero(${labels})`] : []),
  ]);
}

/** A child that is held while its series is updated, removed or reset. */
export function childOf(kind: Kind, random: SeededRandom): Program {
  const update = `void child.${UPDATES[kind]}(${random.pick(['1', '2', '3'])})`;
  const lines = [create(kind, { ...small(kind), labelNames: ['a'] }), "void (child = m.labels('x'))"];
  for (let i = random.int(4); i >= 0; i--) {
    lines.push(
      random.pick([
        update,
        update,
        `void m.${UPDATES[kind]}({ a: 'x' }, 2)`,
        'm.reset()',
        'r.resetMetrics()',
        "void m.remove('x')",
        'm.get()',
      ]),
    );
  }
  return { about: `a child of a ${kind}`, lines: [...lines, update, ...EVERYTHING] };
}

export function timers(kind: Kind): Program[] {
  const show = ['r.metrics().then(timeless)', 'm.get().then(timeless)'];
  const labelled = create(kind, { ...small(kind), labelNames: ['a', 'b'] });
  if (kind === 'counter') return [];
  const isSeconds = '.every((seconds) => typeof seconds === "number" && seconds >= 0 && seconds < 60)';
  const current =
    kind === 'gauge'
      ? ['m.setToCurrentTime()', "m.labels({ a: 'x', b: 'y' }).setToCurrentTime()", "m.setToCurrentTime({ a: 'x' })"]
      : [];
  return [
    {
      about: `${kind}.startTimer()`,
      lines: [
        create(kind, small(kind)),
        `[m.startTimer()(), m.startTimer({})({}), m.startTimer(undefined)(undefined)]${isSeconds}`,
        ...show,
      ],
    },
    {
      about: `${kind}.startTimer()`,
      lines: [
        labelled,
        `[m.startTimer({ a: 'x' })({ b: 'y' }), m.startTimer()({ a: 'x', b: 'z' }), m.labels('x', 'y').startTimer()()]${isSeconds}`,
        ...show,
      ],
    },
    {
      about: `${kind}.startTimer()`,
      lines: [
        labelled,
        `[m.startTimer({ a: 'x', b: 'y' })({ b: 'z' }), m.labels({ a: 'x', b: 'y' }).startTimer()({ b: 'z' })]${isSeconds}`,
        ...show,
      ],
    },
    ...['null', "{ z: 'x' }", "'x'", '5'].map((odd) => ({
      about: `${kind}.startTimer() with odd labels`,
      lines: [labelled, `void (end = m.startTimer(${odd}))`, 'void end()', ...show],
    })),
    {
      about: `${kind}.startTimer() that ends twice`,
      lines: [labelled, "void (end = m.startTimer({ a: 'x', b: 'y' }))", `[end(), end()]${isSeconds}`, ...show],
    },
    ...current.map((line) => ({
      about: 'gauge.setToCurrentTime()',
      lines: [line === current[0] ? create(kind, small(kind)) : labelled, line, ...show],
    })),
  ];
}

export function exemplars(random: SeededRandom): Program[] {
  const show = ['r.metrics().then(timeless)', 'm.get().then(timeless)', 'r.getMetricsAsJSON().then(timeless)'];
  const long = `{ trace_id: '${'x'.repeat(130)}' }`;
  return (['counter', 'histogram'] as const).flatMap((kind) => {
    const method = UPDATES[kind];
    const program = (names: readonly string[], ...lines: string[]): Program => ({
      about: `exemplars of a ${kind}`,
      lines: [
        'r.setContentType(OPENMETRICS)',
        create(kind, { ...small(kind), name: random.pick(['m', 'm_total']), labelNames: names, enableExemplars: true }),
        ...lines,
        ...show,
      ],
    });
    const value = random.pick(['value: 1', 'value: 2', 'value: 9']);
    return [
      program([], `void m.${method}({ ${value}, exemplarLabels: { trace_id: 't' } })`),
      program([], `void m.${method}({ labels: {}, ${value}, exemplarLabels: { trace_id: 't', span_id: 's' } })`),
      program([], `void m.${method}({ ${value} })`),
      program(
        ['a'],
        `void m.${method}({ labels: { a: 'x' }, ${value}, exemplarLabels: { trace_id: 't' } })`,
        `void m.${method}({ labels: { a: 'x' }, ${value} })`,
      ),
      program(
        ['a'],
        `void m.${method}({ labels: { a: 'x' }, ${value}, exemplarLabels: { trace_id: 't' } })`,
        `void m.${method}({ labels: { a: 'x' }, ${value}, exemplarLabels: { trace_id: 'u' } })`,
      ),
      program(['a'], `void m.${method}({ labels: { a: 'x' }, ${value}, exemplarLabels: ${long} })`),
      program([], `void m.${method}({ ${value}, exemplarLabels: {} })`),
      program([], `void m.${method}({ ${value}, exemplarLabels: { trace_id: 'a "quote"' } })`),
      program([], `void m.${method}({ ${value}, exemplarLabels: undefined })`),
      program(
        [],
        ...(kind === 'counter'
          ? ['void m.inc()', 'void m.inc({})']
          : [`[m.startTimer()(), m.startTimer({}, { trace_id: 't' })({}, { span_id: 's' })].length`]),
      ),
      program(['a'], `void m.${method}({ labels: { z: 'x' }, ${value}, exemplarLabels: { trace_id: 't' } })`),
      program(['a'], `void m.labels('x').${method}(2)`),
      program([], `void m.${method}({ ${value}, exemplarLabels: { trace_id: 't' } })`, 'r.setContentType(TEXT)'),
      program([], `void m.${method}({ ${value}, exemplarLabels: { trace_id: 't' } })`, 'm.reset()'),
    ];
  });
}
