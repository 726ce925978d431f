import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CollectedFamily,
  type Collector,
  Gauge,
  Histogram,
  MetricsRegistry,
  PrometheusExporter,
} from '../../lib/core.ts';
import { wellFormed } from '../../lib/model/label-value.ts';
import { parse } from '../../lib/parse/index.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';
import { NASTY_LABEL_VALUES } from '../support/nasty-label-values.ts';
import { sampleOf } from '../support/sample-of.ts';
import { namesOf, scrape } from '../support/scrape.ts';
import { turn } from '../support/turn.ts';

const FAILURES = 'metrics_client_collector_failures_total';
const X = { name: 'x', help: 'X.' };

function registryOf(collected: unknown): MetricsRegistry {
  const registry = new MetricsRegistry();
  registry.registerCollector({ name: 'custom', collect: () => collected } as Collector);
  return registry;
}

test('a collected family is exposed with its type, labels and values', async () => {
  const families: CollectedFamily[] = [
    {
      name: 'a_total',
      help: 'A.',
      type: 'counter',
      series: [
        { labels: { l: 'x' }, value: 1.5 },
        { labels: { l: true }, value: 2 },
      ],
    },
    { name: 'b_bytes', help: 'B.', type: 'gauge', unit: 'bytes', series: [{ value: NaN }] },
    { name: 'c', help: 'C.', series: [{ value: -Infinity }] },
    { name: 'd', help: 'D.', type: 'unknown', series: [{ labels: {}, value: 0 }] },
    {
      name: 'e',
      help: 'E.',
      type: 'histogram',
      upperBounds: [1, 2, Infinity],
      series: [{ labels: { l: 1 }, bucketCounts: [1, 0, 2], sum: 9 }],
    },
    { name: 'none', help: 'No series.', series: [] },
  ];
  assert.equal(
    await registryOf(families).metrics(),
    `# HELP a_total A.
# TYPE a_total counter
a_total{l="x"} 1.5
a_total{l="true"} 2

# HELP b_bytes B.
# TYPE b_bytes gauge
b_bytes NaN

# HELP c C.
# TYPE c untyped
c -Inf

# HELP d D.
# TYPE d untyped
d 0

# HELP e E.
# TYPE e histogram
e_bucket{l="1",le="1.0"} 1
e_bucket{l="1",le="2.0"} 1
e_bucket{l="1",le="+Inf"} 3
e_sum{l="1"} 9
e_count{l="1"} 3
`,
  );
});

test('a collected series that lacks a label has it with an empty value', async () => {
  const series: object[] = [
    { labels: { constructor: 'x', b: 'y' }, value: 1 },
    { labels: { b: 'z' }, value: 2 },
    { labels: { b: undefined }, value: 3 },
  ];
  assert.equal(
    await registryOf([{ ...X, series }]).metrics(),
    `# HELP x X.
# TYPE x untyped
x{constructor="x",b="y"} 1
x{constructor="",b="z"} 2
x{constructor="",b=""} 3
`,
  );
});

test('collected label values of any characters are escaped and kept apart', async () => {
  const series = NASTY_LABEL_VALUES.map((l, value) => ({ labels: { l }, value }));
  const [family] = await scrape(registryOf([{ ...X, series }]));
  assert.deepEqual(
    family!.samples.map(({ labels, value }) => [labels.get('l'), value]),
    NASTY_LABEL_VALUES.map((l, i) => [wellFormed(l), i]),
  );
});

test('a collector that returns nonsense costs its own families only, and is counted', async (t) => {
  const warnings = await collectWarnings(t);
  const series = [{ value: 1 }];
  const histogram = { ...X, type: 'histogram', upperBounds: [1] };
  const holes: unknown[] = [];
  holes.length = 2;
  const nonsense: readonly unknown[] = [
    undefined,
    null,
    5,
    {},
    X,
    [undefined],
    [null],
    [5],
    ['text'],
    [{}],
    [{ help: 'X.', series }],
    [{ ...X, name: 'a b', series }],
    [{ ...X, name: 5, series }],
    [{ name: 'x', series }],
    [{ name: 'x', help: '', series }],
    [X],
    [{ ...X, series: 5 }],
    [{ ...X, series: {} }],
    [{ ...X, type: 'summary', series }],
    [{ ...X, type: 'Gauge', series }],
    [{ ...X, type: null, series }],
    [{ ...X, series: [undefined] }],
    [{ ...X, series: [null] }],
    [{ ...X, series: [5] }],
    [{ ...X, series: [{}] }],
    [{ ...X, series: [{ value: '1' }] }],
    [{ ...X, series: [{ value: null }] }],
    [{ ...X, series: [{ value: 1n }] }],
    [{ ...X, series: [{ labels: { le: '1' }, value: 1 }] }],
    [{ ...X, series: [{ labels: { 'a-b': '1' }, value: 1 }] }],
    [{ ...X, series: [{ labels: { __name__: 'y' }, value: 1 }] }],
    [{ ...X, series: [{ labels: { a: null }, value: 1 }] }],
    [{ ...X, series: [{ labels: { a: {} }, value: 1 }] }],
    [{ ...X, series: [{ labels: ['a'], value: 1 }] }],
    [{ ...X, series: [{ labels: 'abc', value: 1 }] }],
    [{ ...X, series: [{ value: 1 }, { value: 2 }] }],
    [
      {
        ...X,
        series: [
          { labels: { a: 1 }, value: 1 },
          { labels: { a: '1' }, value: 2 },
        ],
      },
    ],
    [{ ...X, series: [{ labels: { a: '' }, value: 1 }, { value: 2 }] }],
    [
      { ...X, series },
      { ...X, series },
    ],
    [
      { ...X, series },
      { ...X, name: 'bad name', series },
    ],
    [
      { ...X, series },
      { name: 'healthy', help: 'Taken.', series },
    ],
    [{ name: 'h_count', help: 'Taken by a histogram.', series }],
    [{ name: FAILURES, help: 'Taken by the registry.', series }],
    [{ ...histogram, series }],
    [{ ...X, type: 'histogram', series: [{ bucketCounts: [1], sum: 1 }] }],
    [{ ...histogram, upperBounds: [2, 1], series: [{ bucketCounts: [1, 1, 1], sum: 1 }] }],
    [{ ...histogram, series: [{ bucketCounts: [1], sum: 1 }] }],
    [{ ...histogram, series: [{ bucketCounts: [1, 2] }] }],
    [{ ...histogram, series: [{ bucketCounts: [1, 2], sum: '1' }] }],
    [{ ...histogram, series: [{ bucketCounts: 'ab', sum: 1 }] }],
    [{ ...histogram, series: [{ bucketCounts: ['1', '2'], sum: 1 }] }],
    [{ ...histogram, series: [{ bucketCounts: [1, -1], sum: 1 }] }],
    [{ ...histogram, series: [{ bucketCounts: [1, NaN], sum: 1 }] }],
    [{ ...histogram, series: [{ bucketCounts: [1, 0.5], sum: 1 }] }],
    [{ ...histogram, series: [{ bucketCounts: holes, sum: 1 }] }],
    [{ ...X, series: [{ bucketCounts: [1], sum: 1 }] }],
  ];
  for (const collected of nonsense) {
    for (const collect of [() => collected, async () => collected]) {
      const registry = new MetricsRegistry();
      new Gauge({ name: 'healthy', help: 'H.', registers: [registry] });
      new Histogram({ name: 'h', help: 'H.', buckets: [1], registers: [registry] });
      registry.registerCollector({ name: 'custom', collect } as Collector);
      registry.registerCollector({ name: 'beside', collect: () => [{ ...X, series: [{ value: 7 }] }] });
      const families = await scrape(registry);
      const what = `${JSON.stringify(collected, (_, value: unknown) => (typeof value === 'bigint' ? 'bigint' : value))}`;
      assert.deepEqual(namesOf(families), ['healthy', 'h', 'x', FAILURES], what);
      assert.equal(sampleOf(families, 'x'), 7, what);
      assert.equal(sampleOf(families, FAILURES, { collector: 'custom' }), 1, what);
    }
  }
  await turn();
  assert.equal(warnings.length, nonsense.length * 2);
});

test('of two collectors with one family name the first is exposed', async () => {
  const registry = registryOf([{ ...X, series: [{ value: 1 }] }]);
  registry.registerCollector({ name: 'second', collect: () => [{ ...X, series: [{ value: 2 }] }] });
  const families = await scrape(registry);
  assert.equal(sampleOf(families, 'x'), 1);
  assert.equal(sampleOf(families, FAILURES, { collector: 'second' }), 1);
});

test('collectors of one name share the count of their failures', async () => {
  const registry = new MetricsRegistry();
  for (let i = 0; i < 3; i++)
    registry.registerCollector({
      name: 'same',
      collect: () => {
        throw new Error('no');
      },
    });
  assert.equal(sampleOf(await scrape(registry), FAILURES, { collector: 'same' }), 3);
});

test('a collected histogram is exposed as it was when its collector returned, whatever happens to its counts then', async () => {
  const bucketCounts = [1, 0];
  const registry = registryOf([{ ...X, type: 'histogram', upperBounds: [1], series: [{ bucketCounts, sum: 0.5 }] }]);
  registry.registerCollector({ name: 'slow', collect: () => turn().then(() => (bucketCounts[1] = 7) && []) });
  assert.equal(sampleOf(await scrape(registry), 'x_count'), 1);
});

test('a collected family that no format could carry fails its collector', async (t) => {
  const warnings = await collectWarnings(t);
  const head = { name: 'a', help: 'A.' };
  const exemplar = { labels: { id: 'x' }, value: 9 };
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ ...head, type: 'counter', series: [{ value: -1 }] }, /expected values of at least 0, got -1/],
    [{ ...head, type: 'counter', series: [{ value: NaN }] }, /expected values of at least 0, got NaN/],
    [{ ...head, unit: 'bytes', series: [] }, /expected a name that ends with its unit/],
    [
      { ...head, createdSeconds: 'now', series: [] },
      /expected createdSeconds as a time in seconds since 1970, before the year 10000, got "now"/,
    ],
    ...[null, -1, -1e-9, NaN, Infinity, 253_402_300_800, 1e300, 2 ** 53].map(
      (createdSeconds) =>
        [
          { ...head, type: 'counter', createdSeconds, series: [{ value: 1 }] },
          /expected createdSeconds as a time in seconds since 1970/,
        ] as const,
    ),
    ...[-1, NaN, -Infinity, Infinity, 253_402_300_800, 1e300].map(
      (timestampSeconds) =>
        [
          { ...head, type: 'counter', series: [{ value: 1, exemplar: { labels: {}, value: 1, timestampSeconds } }] },
          /expected an exemplar's timestampSeconds as a time in seconds since 1970/,
        ] as const,
    ),
    ...['1', null, 1n].map(
      (timestampSeconds) =>
        [
          {
            ...head,
            type: 'histogram',
            upperBounds: [],
            series: [{ bucketCounts: [1], sum: 1, exemplars: [{ labels: {}, value: 1, timestampSeconds }] }],
          },
          /expected an exemplar's value and timestampSeconds to be numbers/,
        ] as const,
    ),
    ...[
      [2 ** 53, 0],
      [1e300, 0],
      [2 ** 53 - 1, 1],
      [2 ** 52, 2 ** 52],
    ].map(
      (bucketCounts) =>
        [
          { ...head, type: 'histogram', upperBounds: [1], series: [{ bucketCounts, sum: 1 }] },
          /2 bucketCounts, whole numbers and one more than upperBounds, that together stay below 2\^53/,
        ] as const,
    ),
    ...[2 ** 53, 1e300, Infinity].map(
      (count) =>
        [
          { ...head, type: 'summary', series: [{ sum: 1, count }] },
          /a count that is a whole number below 2\^53/,
        ] as const,
    ),
    [
      { ...head, type: 'histogram', upperBounds: [1], series: [{ bucketCounts: [1, 0], sum: 1, exemplars: 'ab' }] },
      /expected exemplars as an array .* got "ab"/,
    ],
    [
      {
        ...head,
        type: 'histogram',
        upperBounds: [1],
        series: [{ bucketCounts: [1, 0], sum: 1, exemplars: new Array(2 ** 32 - 1) }],
      },
      /of the 2 buckets, got 4294967295 of them/,
    ],
    [
      { ...head, type: 'counter', series: [{ value: 1, exemplar: null }] },
      /expected an exemplar's value and timestampSeconds to be numbers/,
    ],
    [{ ...head, type: 'info', series: [] }, /Cannot collect info "a": expected a name that ends with "_info"/],
    [
      { ...head, name: 'a_info', type: 'info', series: [{ value: 2 }] },
      /expected each series to have the value 1, got 2/,
    ],
    [
      { ...head, type: 'stateset', series: [{ value: 1 }] },
      /expected each series to have states that are true or false/,
    ],
    [
      { ...head, type: 'stateset', series: [{ states: { on: 1 } }] },
      /expected each series to have states that are true or false/,
    ],
    [{ ...head, name: 'a:b', type: 'stateset', series: [] }, /without ":"/],
    [
      { ...head, name: 'a', type: 'stateset', series: [{ labels: { a: '' }, states: {} }] },
      /expected each label name once/,
    ],
    [
      { ...head, type: 'summary', quantiles: [0.5, 0.5], series: [] },
      /expected quantiles from 0 to 1 in strictly increasing order/,
    ],
    [
      { ...head, type: 'summary', quantiles: [1.5], series: [] },
      /expected quantiles from 0 to 1 in strictly increasing order/,
    ],
    [
      { ...head, type: 'summary', quantiles: [0.5], series: [{ sum: 1, count: 1 }] },
      /and 1 quantileValues, one for each of the quantiles/,
    ],
    [{ ...head, type: 'summary', series: [{ sum: 1, count: 1.5 }] }, /a count that is a whole number/],
    [
      { ...head, type: 'counter', series: [{ value: 1, exemplar: { labels: {}, value: 'x' } }] },
      /expected an exemplar's value and timestampSeconds to be numbers/,
    ],
    [
      {
        ...head,
        type: 'histogram',
        upperBounds: [1],
        series: [{ bucketCounts: [1, 0], sum: 1, exemplars: [exemplar] }],
      },
      /to lie in its bucket, got 9 in bucket 0/,
    ],
    [
      { ...head, type: 'rocket', series: [] },
      /expected type counter, gauge, histogram, gaugehistogram, summary, info, stateset, unknown, got "rocket"/,
    ],
  ];
  for (const [family, message] of cases) {
    assert.doesNotMatch(await registryOf([family as CollectedFamily]).metrics(), /^# TYPE a/m);
    await turn();
    assert.match(warnings.at(-1)!.message, message);
  }
});

test('a collected family at the limits of every format is read the same in each of them', async () => {
  const most = Number.MAX_SAFE_INTEGER;
  const timestampSeconds = 253_402_300_799;
  const exemplar = { labels: { id: 'x' }, value: 1, timestampSeconds };
  const registry = registryOf([
    {
      name: 'a_total',
      help: 'A.',
      type: 'counter',
      createdSeconds: timestampSeconds,
      series: [{ value: 1e300, exemplar }],
    },
    {
      name: 'b',
      help: 'B.',
      type: 'histogram',
      createdSeconds: 0,
      upperBounds: [1],
      series: [{ bucketCounts: [1, most - 1], sum: 1e300, exemplars: [{ ...exemplar, timestampSeconds: 0 }] }],
    },
    {
      name: 'c',
      help: 'C.',
      type: 'summary',
      createdSeconds: 0.5,
      quantiles: [0, 1],
      series: [{ quantileValues: [-1e300, NaN], sum: -0, count: most }],
    },
    {
      name: 'd',
      help: 'D.',
      type: 'gaugehistogram',
      upperBounds: [],
      series: [{ bucketCounts: [most], sum: -Infinity, exemplars: [exemplar] }],
    },
  ]);
  const exporter = new PrometheusExporter(registry, { createdLines: true });
  const text = async (type: string): Promise<string> => new TextDecoder().decode(await exporter.render(type));
  for (const type of ['text/plain', 'application/openmetrics-text;version=1.0.0']) {
    const families = parse(await text(type), type);
    assert.deepEqual(
      families.map(({ name }) => name.replace('_total', '')),
      ['a', 'b', 'c', 'd'],
      type,
    );
  }
  const [a, b, c, d] = decodeProtobuf(
    await exporter.render('application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'),
  );
  assert.deepEqual(
    [a!.metrics[0]!.startSeconds, a!.metrics[0]!.exemplar?.timestampSeconds, a!.metrics[0]!.value],
    [timestampSeconds, timestampSeconds, 1e300],
  );
  assert.deepEqual(
    [b!.metrics[0]!.startSeconds, b!.metrics[0]!.count, b!.metrics[0]!.buckets?.[0]?.exemplar?.timestampSeconds],
    [0, most, 0],
  );
  assert.deepEqual([c!.metrics[0]!.startSeconds, c!.metrics[0]!.count], [0.5, most]);
  assert.equal(d!.metrics[0]!.count, most);
});

test('a collected series whose accessors give something else at each look is checked as it is exposed', async () => {
  const falling = (...values: unknown[]): PropertyDescriptor => ({
    enumerable: true,
    get: () => (values.length > 1 ? values.shift() : values[0]),
  });
  const series = [
    Object.defineProperties({ labels: { l: 1 } }, { value: falling(1, 'text', null) }),
    Object.defineProperties({ labels: { l: 2 } }, { value: falling(2, -1) }),
  ];
  const families = await scrape(registryOf([{ ...X, series }]));
  assert.deepEqual(
    families[0]!.samples.map(({ value }) => value),
    [1, 2],
  );
  const counts = new Proxy([1, 2], {
    get: (target, key) => (key === '0' ? (target[0]! += 0.5) : Reflect.get(target, key)),
  });
  const bad = await scrape(
    registryOf([{ ...X, type: 'histogram', upperBounds: [1], series: [{ bucketCounts: counts, sum: 1 }] }]),
  );
  assert.deepEqual(namesOf(bad), [FAILURES]);
});
