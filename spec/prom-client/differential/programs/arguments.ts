import { CLASSES, create, EVERYTHING, type Kind, METADATA, type Program, small, UPDATES } from './program.ts';

/** Every method with arguments that its types do not allow, each in a program that shows what came of it. */
export function oddArguments(kind: Kind): Program[] {
  const values = [
    'null',
    'undefined',
    'NaN',
    'Infinity',
    '-Infinity',
    '-1',
    '-0',
    "'5'",
    "''",
    'true',
    'false',
    '[]',
    '{}',
    '5n',
    '() => 1',
  ];
  const labels = [
    ...[
      'null',
      'undefined',
      '{}',
      '[]',
      "'x'",
      "{ z: 'x' }",
      "{ a: 'x', z: 'y' }",
      '{ a: undefined }',
      '{ a: null }',
      '{ a: 1 }',
    ],
    ...['{ a: true }', "{ a: '' }", '{ a: {} }', "{ a: ['x'] }", "Object.create({ a: 'x' })"],
  ];
  const method = UPDATES[kind];
  const methods = kind === 'gauge' ? ['set', 'inc', 'dec'] : [method];
  const value = kind === 'counter' ? '' : ', 2';
  const plain = create(kind, small(kind));
  const labelled = create(kind, { ...small(kind), labelNames: ['a'] });
  const program = (about: string, ...lines: string[]): Program => ({ about, lines: [...lines, ...EVERYTHING] });
  return [
    ...methods.flatMap((name) => [
      program(`${kind}.${name}() without arguments`, plain, `void m.${name}()`),
      ...values.map((odd) => program(`${kind}.${name}() of an odd value`, plain, `void m.${name}(${odd})`)),
      ...values.map((odd) =>
        program(`${kind}.${name}() with labels and an odd value`, labelled, `void m.${name}({ a: 'x' }, ${odd})`),
      ),
    ]),
    ...labels.map((odd) =>
      program(`${kind}.${method}() with odd labels`, labelled, `void m.${method}(${odd}${value})`),
    ),
    ...labels.map((odd) => program(`${kind}.labels() with odd labels`, labelled, `void m.labels(${odd}).${method}(2)`)),
    ...['', "'x', 'y'", "'x', undefined", "{ a: 'x' }, 'y'", '5', 'true', 'null'].map((odd) =>
      program(`${kind}.labels() of odd values`, labelled, `void m.labels(${odd}).${method}(2)`),
    ),
    ...["'x'", '', 'undefined', "{ a: 'x' }"].map((odd) =>
      program(`${kind}.labels() without label names`, plain, `void m.labels(${odd}).${method}(2)`),
    ),
    ...labels
      .concat('', "'x', 'y'")
      .map((odd) =>
        program(
          `${kind}.remove() with odd labels`,
          labelled,
          `void m.${method}({ a: 'x' }, 2)`,
          `void m.remove(${odd})`,
        ),
      ),
    program(`${kind}.${method}() with labels, without label names`, plain, `void m.${method}({ a: 'x' }, 2)`),
    program(`${kind}.remove() without label names`, plain, `void m.${method}(2)`, 'void m.remove()'),
    program(`${kind}.remove() without label names`, plain, `void m.${method}(2)`, 'void m.remove({})'),
    program(`the result of ${kind}.${method}()`, labelled, `m.${method}({ a: 'x' }, 2)`, `m.labels('x').${method}(2)`),
    program(
      `the result of ${kind}.remove()`,
      labelled,
      `void m.${method}({ a: 'x' }, 2)`,
      "m.remove('x')",
      "m.remove('x')",
    ),
    program(`the result of ${kind}.reset()`, labelled, 'm.reset()', 'r.resetMetrics()', 'r.clear()'),
    ...(kind === 'histogram'
      ? labels.map((odd) => program('histogram.zero() with odd labels', labelled, `void m.zero(${odd})`))
      : []),
  ];
}

/** Options of a metric, right and wrong. */
export function constructors(kind: Kind): Program[] {
  const odd = [
    ...[
      '',
      'null',
      "'m'",
      '{}',
      "{ name: 'm' }",
      "{ help: 'M.' }",
      "{ name: '', help: 'M.' }",
      "{ name: 'm', help: '' }",
    ],
    ...[
      "{ name: '9', help: 'M.' }",
      "{ name: 'a-b', help: 'M.' }",
      "{ name: 'a:b', help: 'M.' }",
      "{ name: 5, help: 'M.' }",
    ],
    ...[
      "{ name: 'm', help: 5 }",
      "{ name: 'm', help: 'M.', labelNames: ['9'] }",
      "{ name: 'm', help: 'M.', labelNames: ['a-b'] }",
    ],
    ...["{ name: 'm', help: 'M.', labelNames: ['a', 'a'] }", "{ name: 'm', help: 'M.', labelNames: undefined }"],
    ...["{ name: 'm', help: 'M.', labelNames: ['__a'] }", "{ name: 'm', help: 'M.', labelNames: ['__name__'] }"],
    ...["{ name: 'm', help: 'M.', labelNames: 'a' }", "{ name: 'm', help: 'M.', labelNames: [''] }"],
    ...[
      "{ name: 'm', help: 'M.', collect: 5 }",
      "{ name: 'm', help: 'M.', collect: undefined }",
      "{ name: 'm', help: 'M.', collect: null }",
    ],
    ...["{ name: 'm', help: 'M.', labelNames: ['le'] }", "{ name: 'm', help: 'M.', labelNames: ['quantile'] }"],
    ...["{ name: 'm', help: 'M.', aggregator: 'wild' }", "{ name: 'm', help: 'M.', aggregator: undefined }"],
    ...["{ name: 'm', help: 'M.', enableExemplars: true }", "{ name: 'm', help: 'M.', enableExemplars: false }"],
    ...[
      "{ name: 'm', help: 'M.', registers: undefined }",
      "{ name: 'm', help: 'M.', registers: [] }",
      "{ name: 'm', help: 'M.', registers: null }",
    ],
    ...[
      "{ name: 'm', help: 'M.', registers: [r, r2] }",
      "{ name: 'm', help: 'M.', registers: [r, r] }",
      "{ name: 'm', help: 'M.', unknown: 5 }",
    ],
    ...(kind === 'histogram'
      ? ['[]', '[1, 1]', '[2, 1]', '[-1, 1]', '[1, Infinity]', '[NaN]', "['1']", 'undefined', '[0]', '[1e-7, 1e21]']
      : []
    ).map((bounds) => `{ name: 'm', help: 'M.', buckets: ${bounds} }`),
    ...(kind === 'summary'
      ? ['[]', '[0.5, 0.5]', '[0.9, 0.5]', '[2]', '[0]', '[1]', '[-1]', '[NaN]', "['0.5']", 'undefined']
      : []
    ).map((percentiles) => `{ name: 'm', help: 'M.', percentiles: ${percentiles} }`),
    ...(kind === 'summary'
      ? [
          'maxAgeSeconds: 60',
          'ageBuckets: 5',
          'maxAgeSeconds: 0, ageBuckets: 0',
          'pruneAgedBuckets: true',
          'compressCount: 5',
        ]
      : []
    ).map((window) => `{ name: 'm', help: 'M.', percentiles: [0.5], ${window} }`),
  ];
  const Class = CLASSES[kind];
  const update = `void m.${UPDATES[kind]}(2)`;
  return [
    ...odd.map((options) => ({
      about: `new ${Class}()`,
      lines: [
        `(m = new client.${Class}(${options.replace(/ \}$/, options.includes('registers') ? ' }' : ', registers: [r] }')}), '')`,
        ...(/labelNames: \[.+\]/.test(options) ? [] : [update]),
        'r.metrics()',
        'client.register.metrics()',
        METADATA,
      ],
    })),
    ...['this.%(4)', 'return this.%(4)', 'throw new Error("no")', 'return Promise.reject(new Error("no"))'].map(
      (body) => ({
        about: 'collect()',
        lines: [
          `(m = new client.${Class}({ name: 'm', help: 'M.', registers: [r], collect() { ${body.replace('%', UPDATES[kind])} } }), '')`,
          'm.get().then(({ values }) => values.length)',
          'r.metrics()',
        ],
      }),
    ),
    {
      about: 'an asynchronous collect()',
      lines: [
        `(m = new client.${Class}({ name: 'm', help: 'M.', registers: [r], async collect() { await null; this.${UPDATES[kind]}(4); } }), '')`,
        'r.metrics()',
        'r.getMetricsAsJSON()',
        "r.getSingleMetricAsString('m')",
      ],
    },
    {
      about: `a subclass of ${Class}`,
      lines: [
        `(m = new (class Own extends client.${Class} { twice() { this.${UPDATES[kind]}(2); this.${UPDATES[kind]}(2); return this instanceof client.${Class}; } })({ name: 'm', help: 'M.', registers: [r] }), m.twice())`,
        'r.metrics()',
      ],
    },
  ];
}
