import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CollectedFamily,
  Counter,
  type Family,
  Gauge,
  Histogram,
  MetricsRegistry,
  PrometheusExporter,
} from '../../../lib/core.ts';
import { NAME_SCHEMES } from '../../../lib/exposition/names/name-schemes.ts';
import { WholeBuffer } from '../../../lib/exposition/output.ts';
import { encodeText, prometheusText } from '../../../lib/exposition/text/text-encoder.ts';
import { parseExposition } from '../../support/parse-exposition.ts';
import { scrape } from '../../support/scrape.ts';

/** Observations in the order of their making, so that their sum is rounded as in a real program. */
const DURATIONS: readonly (readonly number[])[] = [
  // Halves of halves, which add up exactly, and one that completes the sum.
  [...repeat(0.0625, 15), ...repeat(0.25, 105), ...repeat(0.75, 60), ...repeat(1.125, 19), 2.1375],
  // The same the other way round.
  [2.1375, ...repeat(1.125, 19), ...repeat(0.75, 60), ...repeat(0.25, 105), ...repeat(0.0625, 15)],
  // Some on the bounds.
  [
    ...repeat(0.1, 15),
    ...repeat(0.5, 5),
    ...repeat(0.125, 100),
    ...repeat(1, 10),
    ...repeat(0.75, 50),
    ...repeat(1.125, 19),
    10.325,
  ],
];

function repeat(value: number, times: number): number[] {
  return new Array<number>(times).fill(value);
}

test("encodeText() writes the decision record's sample byte for byte", async () => {
  const sample = `# HELP finpilot_scans_total Total number of market scans executed
# TYPE finpilot_scans_total counter
finpilot_scans_total{strategy="momentum"} 142
finpilot_scans_total{strategy="swing"} 89

# HELP finpilot_scan_duration_seconds Scan duration histogram
# TYPE finpilot_scan_duration_seconds histogram
finpilot_scan_duration_seconds_bucket{le="0.1"} 15
finpilot_scan_duration_seconds_bucket{le="0.5"} 120
finpilot_scan_duration_seconds_bucket{le="1.0"} 180
finpilot_scan_duration_seconds_bucket{le="+Inf"} 200
finpilot_scan_duration_seconds_sum 95.7
finpilot_scan_duration_seconds_count 200
`;
  for (const durations of DURATIONS) {
    const registry = new MetricsRegistry();
    const scans = new Counter({
      name: 'finpilot_scans_total',
      help: 'Total number of market scans executed',
      labelNames: ['strategy'],
      registers: [registry],
    });
    const duration = new Histogram({
      name: 'finpilot_scan_duration_seconds',
      help: 'Scan duration histogram',
      buckets: [0.1, 0.5, 1],
      registers: [registry],
    });
    for (let i = 0; i < 142; i++) scans.inc({ strategy: 'momentum' });
    scans.labels('swing').inc(89);
    for (const seconds of durations) duration.observe(seconds);
    const bytes = await new PrometheusExporter(registry).render();
    assert.equal(new TextDecoder().decode(bytes), sample);
    assert.deepEqual(bytes, new TextEncoder().encode(sample));
    assert.equal(await registry.metrics(), sample);
  }
  assert.equal(parseExposition(sample).length, 2);
});

test('encodeText() escapes help texts: backslash and line feed, but no quotes', async () => {
  const registry = new MetricsRegistry();
  const help = 'A "quoted" \\ back\\nslash,\na new line, \r a return, é 漢 😀, {le="1"} # HELP.';
  new Gauge({ name: 'g', help, registers: [registry] });
  assert.equal(
    await registry.metrics(),
    '# HELP g A "quoted" \\\\ back\\\\nslash,\\na new line, \r a return, é 漢 😀, {le="1"} # HELP.\n# TYPE g gauge\ng 0\n',
  );
  assert.equal((await scrape(registry))[0]!.help, help);
});

test('encodeText() escapes label values: backslash, quote and line feed, and nothing else', async () => {
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['l'], registers: [registry] });
  gauge.set({ l: 'a"b\\c\nd\\n\t\r\0é😀' }, 1);
  assert.equal(await registry.metrics(), '# HELP g G.\n# TYPE g gauge\ng{l="a\\"b\\\\c\\nd\\\\n\t\r\0é😀"} 1\n');
});

test('encodeText() writes the first and last character of each UTF-8 length', async () => {
  const texts = ['\u007f', '\u0080', '\u07ff', '\u0800', '\uffff', '\u{10000}', '\u{10ffff}'].flatMap((text) => [
    text,
    `a${text}`,
    `${text}"`,
  ]);
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['l'], registers: [registry] });
  for (const l of texts) gauge.set({ l }, 1);
  const bytes = await new PrometheusExporter(registry).render();
  // Fatal: one byte for U+0080 is no UTF-8.
  const [family] = parseExposition(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  assert.deepEqual(
    family!.samples.map(({ labels }) => labels.get('l')),
    texts,
  );
});

test('encodeText() writes values in the shortest form that reads back, NaN and the infinities by name', async () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0'],
    [-0, '0'],
    [1, '1'],
    [-1, '-1'],
    [9, '9'],
    [10, '10'],
    [2 ** 31 - 1, '2147483647'],
    [2 ** 31, '2147483648'],
    [-(2 ** 31), '-2147483648'],
    [2 ** 53, '9007199254740992'],
    [1e21, '1e+21'],
    [123456789012345680000, '123456789012345680000'],
    [0.1, '0.1'],
    [0.1 + 0.2, '0.30000000000000004'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [-0.0000012345678901234567, '-0.0000012345678901234567'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [-2.2250738585072014e-308, '-2.2250738585072014e-308'],
    [Number.MIN_VALUE, '5e-324'],
    [NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
  ];
  const registry = new MetricsRegistry();
  const gauge = new Gauge({ name: 'g', help: 'G.', registers: [registry] });
  for (const [value, text] of cases) {
    gauge.set(value);
    assert.equal(await registry.metrics(), `# HELP g G.\n# TYPE g gauge\ng ${text}\n`);
  }
});

test('encodeText() writes le in canonical float form', async () => {
  const registry = new MetricsRegistry();
  const buckets = [-2.5, -1, 0, 1e-7, 1e-5, 0.0001, 0.005, 1, 2.5, 10, 100000, 999999, 1e6, 1234567, 1e21];
  new Histogram({ name: 'h', help: 'H.', buckets, registers: [registry] });
  const [family] = await scrape(registry);
  assert.deepEqual(
    family!.samples.flatMap(({ labels }) => labels.get('le') ?? []),
    [
      '-2.5',
      '-1.0',
      '0.0',
      '1e-07',
      '1e-05',
      '0.0001',
      '0.005',
      '1.0',
      '2.5',
      '10.0',
      '100000.0',
      '999999.0',
      '1e+06',
      '1.234567e+06',
      '1e+21',
      '+Inf',
    ],
  );
});

test('encodeText() leaves out a labelled family that has no series yet', async () => {
  const registry = new MetricsRegistry();
  const first = new Counter({ name: 'first', help: 'F.', labelNames: ['a'], registers: [registry] });
  new Counter({ name: 'second', help: 'S.', registers: [registry] });
  const last = new Histogram({ name: 'last', help: 'L.', labelNames: ['a'], buckets: [], registers: [registry] });
  assert.equal(await registry.metrics(), '# HELP second S.\n# TYPE second counter\nsecond 0\n');
  first.labels('x');
  last.labels('x');
  assert.deepEqual(
    (await scrape(registry)).map(({ name }) => name),
    ['first', 'second', 'last'],
  );
  first.clear();
  assert.deepEqual(
    (await scrape(registry)).map(({ name }) => name),
    ['second', 'last'],
  );
});

test('encodeText() writes families of any gatherer', async () => {
  const family: Family = {
    name: 'queue_length',
    help: 'Jobs waiting.',
    type: 'unknown',
    unit: '',
    labelNames: ['queue'],
    constantLabels: [['zone', 'eu']],
    series: [{ labelValues: ['mail'], value: 4 }],
    cache: new Map(),
  };
  const bytes = await new PrometheusExporter({ gather: async () => [family] }).render();
  assert.equal(
    new TextDecoder().decode(bytes),
    '# HELP queue_length Jobs waiting.\n# TYPE queue_length untyped\nqueue_length{queue="mail",zone="eu"} 4\n',
  );
});

test('encodeText() writes types that text 0.0.4 lacks as the nearest, and constant labels behind the others', async () => {
  const registry = new MetricsRegistry({ constantLabels: { c: '"', d: '4' } });
  const collected: CollectedFamily[] = [
    { name: 's', help: 'S.', type: 'stateset', series: [{ states: { on: true } }] },
    { name: 'g', help: 'G.', type: 'gaugehistogram', upperBounds: [], series: [{ bucketCounts: [2], sum: -1 }] },
    { name: 'i_info', help: 'I.', type: 'info', series: [{ labels: { a: '1', b: '2' }, value: 1 }] },
    { name: 'u', help: 'U.', series: [{ value: 3 }] },
    {
      name: 'q',
      help: 'Q.',
      type: 'summary',
      quantiles: [0.5],
      series: [{ labels: { a: '1' }, quantileValues: [2], sum: 4, count: 2 }],
    },
  ];
  registry.registerCollector({ name: 'spec', collect: () => collected });
  assert.equal(
    await registry.metrics(),
    `# HELP s S.
# TYPE s gauge
s{s="on",c="\\"",d="4"} 1

# HELP g G.
# TYPE g histogram
g_bucket{c="\\"",d="4",le="+Inf"} 2
g_sum{c="\\"",d="4"} -1
g_count{c="\\"",d="4"} 2

# HELP i_info I.
# TYPE i_info gauge
i_info{a="1",b="2",c="\\"",d="4"} 1

# HELP u U.
# TYPE u untyped
u{c="\\"",d="4"} 3

# HELP q Q.
# TYPE q summary
q{a="1",c="\\"",d="4",quantile="0.5"} 2
q_sum{a="1",c="\\"",d="4"} 4
q_count{a="1",c="\\"",d="4"} 2
`,
  );
});

test('encodeText() shares no lines between schemes that escape label names differently', async () => {
  const registry = new MetricsRegistry({ constantLabels: { 'c.d': '2' }, nameValidationScheme: 'utf8' });
  new Gauge({ name: 'plain', help: 'P.', registers: [registry] }).set(1);
  new Gauge({ name: 'x', help: 'X.', labelNames: ['a.b'], registers: [registry] }).set({ 'a.b': '1' }, 1);
  const exporter = new PrometheusExporter(registry);
  const linesFor = async (escaping: string): Promise<string[]> => {
    const text = new TextDecoder().decode(await exporter.render(`text/plain;version=1.0.0;escaping=${escaping}`));
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  };
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(await linesFor('underscores'), ['plain{c_d="2"} 1', 'x{a_b="1",c_d="2"} 1']);
    assert.deepEqual(await linesFor('allow-utf-8'), ['plain{"c.d"="2"} 1', 'x{"a.b"="1","c.d"="2"} 1']);
  }
});

test('encodeText() pauses after 128 lines or a few families, and not much more often', () => {
  const familiesOf = (familyCount: number, seriesCount: number): Family[] =>
    Array.from({ length: familyCount }, (_, at) => ({
      name: `g${at}`,
      help: 'G.',
      type: 'gauge',
      unit: '',
      labelNames: ['i'],
      constantLabels: [],
      series: Array.from({ length: seriesCount }, (_, i) => ({ labelValues: [`${i}`], value: i })),
      cache: new Map(),
    }));
  const format = prometheusText('spec', NAME_SCHEMES.values, false);
  for (const [familyCount, seriesCount, mostSteps] of [
    [1, 1280, 11],
    [1, 1300, 12],
    [10, 1, 1],
    [160, 1, 13],
    [32, 32, 11],
    [20, 100, 21],
    [3, 128, 4],
  ] as const) {
    const out = new WholeBuffer(1 << 20, 1 << 20);
    const lineCounts: number[] = [];
    let start = 0;
    for (const _step of encodeText(familiesOf(familyCount, seriesCount), out, format)) {
      const text = new TextDecoder().decode(out.bytes.subarray(start, out.length));
      lineCounts.push(text.split('\n').filter((line) => line.startsWith('g')).length);
      start = out.length;
    }
    const what = `${familyCount} families of ${seriesCount}: ${lineCounts}`;
    assert.equal(
      lineCounts.reduce((sum, count) => sum + count, 0),
      familyCount * seriesCount,
    );
    assert.ok(
      lineCounts.every((count) => count <= (seriesCount === 1 ? 16 : 128)),
      what,
    );
    assert.ok(lineCounts.length <= mostSteps, what);
  }
});
