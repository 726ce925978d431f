import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CollectedFamily,
  Counter,
  type Family,
  Gauge,
  Histogram,
  Info,
  MetricsRegistry,
  PrometheusExporter,
  StateSet,
} from '../../../lib/core.ts';
import { nativeBuckets } from '../../../lib/native/index.ts';
import { Summary } from '../../../lib/summary.ts';
import { readOpenMetrics2 } from '../../support/read-openmetrics2.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { turn } from '../../support/turn.ts';

const ACCEPT = 'application/openmetrics-text;version=2.0.0';

/** Renders a registry in OpenMetrics 2.0; the reader of its grammar must take it. */
async function render(registry: MetricsRegistry, escaping = 'allow-utf-8'): Promise<string> {
  const text = new TextDecoder().decode(
    await new PrometheusExporter(registry).render(`${ACCEPT};escaping=${escaping}`),
  );
  readOpenMetrics2(text);
  return text;
}

function registryOf(...families: CollectedFamily[]): MetricsRegistry {
  const registry = new MetricsRegistry({ nameValidationScheme: 'utf8' });
  registry.registerCollector({ name: 'spec', collect: () => families });
  return registry;
}

async function renderFamily(family: Partial<Family>): Promise<string> {
  const whole = {
    help: '',
    unit: '',
    labelNames: [],
    constantLabels: [],
    cache: new Map(),
    ...family,
  } as unknown as Family;
  const exporter = new PrometheusExporter({ gather: async () => [whole] });
  return new TextDecoder().decode(await exporter.render(ACCEPT));
}

test('OpenMetrics 2.0 has one line per series of each type, under the name of its family', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_250 });
  const registers = [new MetricsRegistry({ constantLabels: { zone: 'a' } })];
  const sent = new Counter({
    name: 'sent_bytes_total',
    help: 'Sent "now"\n.',
    unit: 'bytes',
    labelNames: ['to'],
    registers,
  });
  sent.labels('x').inc(3, { trace_id: 'abc' });
  sent.labels('y').inc(0.5);
  new Gauge({ name: 'depth', help: 'Depth.', registers }).set(-2);
  const seconds = new Histogram({ name: 'job_seconds', help: 'Jobs.', buckets: [-1, 0.5, 1e6], registers });
  for (const value of [-2, 0.25, 7]) seconds.labels().observe(value, value === 7 ? { trace_id: 'd' } : undefined);
  seconds.labels().observe(0.5, { trace_id: 'e' });
  new Summary({ name: 'rpc', help: 'Calls.', percentiles: [0.5], registers }).observe(2);
  new Summary({ name: 'plain', help: 'Plain.', registers });
  new Info({ name: 'build_info', help: 'Build.', labelNames: ['version'], registers }).set({ version: '1.4' });
  new StateSet({ name: 'phase', help: 'Phase.', states: ['up', 'down'], registers }).select('up');
  assert.equal(
    await render(registers[0]!),
    `# TYPE sent_bytes_total counter
# UNIT sent_bytes_total bytes
# HELP sent_bytes_total Sent \\"now\\"\\n.
sent_bytes_total{to="x",zone="a"} 3 st@1700000000.25 # {trace_id="abc"} 3 1700000000.25
sent_bytes_total{to="y",zone="a"} 0.5 st@1700000000.25
# TYPE depth gauge
# HELP depth Depth.
depth{zone="a"} -2
# TYPE job_seconds histogram
# HELP job_seconds Jobs.
job_seconds{zone="a"} {count:4,sum:5.75,bucket:[-1.0:1,0.5:3,1e+06:4,+Inf:4]} st@1700000000.25 # {trace_id="e"} 0.5 1700000000.25 # {trace_id="d"} 7 1700000000.25
# TYPE rpc summary
# HELP rpc Calls.
rpc{zone="a"} {count:1,sum:2,quantile:[0.5:2]} st@1700000000.25
# TYPE plain summary
# HELP plain Plain.
plain{zone="a"} {count:0,sum:0,quantile:[]} st@1700000000.25
# TYPE build_info info
# HELP build_info Build.
build_info{version="1.4",zone="a"} 1
# TYPE phase stateset
# HELP phase Phase.
phase{phase="up",zone="a"} 1
phase{phase="down",zone="a"} 0
# EOF
`,
  );
});

test('OpenMetrics 2.0 has native buckets as spans and absolute counts, and classic ones behind them', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
  const registers = [new MetricsRegistry()];
  const buckets = nativeBuckets({ bucketFactor: 2, classicBounds: [1, 8] });
  const sizes = new Histogram({ name: 'sizes', help: 'Sizes.', labelNames: ['of'], buckets, registers });
  // Indexes 0, 2 and 7: a gap of one, in which an empty bucket is shorter than a span, and one of four.
  for (const value of [1, 4, 4, 100, 0, -3, 1e9]) sizes.labels('a').observe(value);
  sizes.labels('a').observe(-3, { trace_id: 'x' });
  sizes.labels('a').observe(100, { trace_id: 'y' });
  sizes.labels('b');
  const text = await render(registers[0]!);
  const line = text.split('\n').find((one) => one.startsWith('sizes{of="a"}'))!;
  assert.match(
    line,
    /^sizes\{of="a"\} \{count:9,sum:1000000203,schema:0,zero_threshold:2\.938735877055719e-39,zero_count:1,/,
  );
  assert.match(
    line,
    /,negative_spans:\[2:1\],negative_buckets:\[2\],positive_spans:\[0:3,4:1,22:1\],positive_buckets:\[1,0,2,2,1\],bucket:\[/,
  );
  assert.match(line, /,\+Inf:9\]\} st@1700000000 # \{trace_id="x"\} -3 1700000000 # \{trace_id="y"\} 100 1700000000$/);
  const empty = text.split('\n').find((one) => one.startsWith('sizes{of="b"}'))!;
  assert.match(
    empty,
    /^sizes\{of="b"\} \{count:0,sum:0,schema:0,zero_threshold:[^,]*,zero_count:0,bucket:\[.*\+Inf:0\]\} st@1700000000$/,
  );
});

test('OpenMetrics 2.0 has the native buckets of protobuf for any observations', async () => {
  const random = new SeededRandom(5);
  for (let round = 0; round < 40; round++) {
    const registry = new MetricsRegistry();
    const buckets = nativeBuckets({ bucketFactor: [1.01, 1.1, 1.5, 4][round % 4]! });
    const histogram = new Histogram({ name: 'x', help: 'X.', buckets, registers: [registry] });
    for (let i = random.int(200); i > 0; i--) histogram.observe((random.int(2) - 0.5) * 10 ** (random.int(30) - 15));
    const native = histogram.labels().native;
    const [family] = readOpenMetrics2(await render(registry));
    const { value } = family!.samples[0]!;
    assert.ok(typeof value !== 'number' && value.native !== undefined);
    const { schema, zeroThreshold, zeroCount } = value.native;
    assert.deepEqual(
      { schema, zeroThreshold, zeroCount, count: value.count, sum: value.sum },
      {
        schema: native.schema,
        zeroThreshold: native.zeroThreshold,
        zeroCount: native.zeroCount,
        count: native.count,
        sum: native.sum,
      },
    );
    for (const sign of ['positive', 'negative'] as const) {
      const { indexes, counts } = native[sign];
      const expected = Array.from(indexes, (index, i) => [index, counts[i]!]);
      assert.deepEqual(
        value.native[sign].filter(([, count]) => count !== 0),
        expected,
      );
    }
  }
});

test('OpenMetrics 2.0 has the start of a native series that was reset later than its family', async () => {
  const sides = { positive: { indexes: [3], counts: [2] }, negative: { indexes: [], counts: [] } };
  const native = { schema: 1, zeroThreshold: 0, zeroCount: 0, count: 2, sum: 5, ...sides, exemplars: [] };
  const series = [
    { labelValues: [], bucketCounts: [2], sum: 5, native: { ...native, createdSeconds: 90.5 } },
    { labelValues: [], bucketCounts: [2], sum: 5, native },
    { labelValues: [], bucketCounts: [2], sum: 5 },
  ];
  const text = await renderFamily({ name: 'n', type: 'histogram', upperBounds: [], createdSeconds: 7, series });
  const fields =
    'count:2,sum:5,schema:1,zero_threshold:0,zero_count:0,positive_spans:[3:1],positive_buckets:[2],bucket:[+Inf:2]';
  assert.equal(
    text,
    `# TYPE n histogram\nn {${fields}} st@90.5\nn {${fields}} st@7\nn {count:2,sum:5,bucket:[+Inf:2]} st@7\n# EOF\n`,
  );
});

test('OpenMetrics 2.0 has gcount and gsum, and no start, for a gauge histogram', async () => {
  const series = [{ bucketCounts: [1, 2], sum: -4 }];
  const text = await render(
    registryOf({ name: 'ages', help: 'A.', type: 'gaugehistogram', upperBounds: [1], series, createdSeconds: 5 }),
  );
  assert.equal(
    text,
    '# TYPE ages gaugehistogram\n# HELP ages A.\nages {gcount:3,gsum:-4,bucket:[1.0:1,+Inf:3]}\n# EOF\n',
  );
});

test('OpenMetrics 2.0 has one line for a histogram without start and exemplars, after a scrape of the text format', async () => {
  const registry = registryOf(
    { name: 'h', help: 'H.', type: 'histogram', upperBounds: [1], series: [{ bucketCounts: [1, 2], sum: 4 }] },
    { name: 's', help: 'S.', type: 'summary', series: [{ sum: 4, count: 2 }] },
  );
  await new PrometheusExporter(registry).render('text/plain');
  assert.equal(
    (await render(registry)).replace(/^#.*\n/gm, ''),
    'h {count:3,sum:4,bucket:[1.0:1,+Inf:3]}\ns {count:2,sum:4,quantile:[]}\n',
  );
});

test('OpenMetrics 2.0 has the exemplars of counters and of histograms of both kinds, but not of a gauge', async () => {
  const exemplar = { labels: { t: 'x' }, value: 1, timestampSeconds: 5 };
  const histogram = {
    upperBounds: [],
    series: [{ labelValues: [], bucketCounts: [3], sum: 3, exemplars: [exemplar] }],
  };
  const number = { series: [{ labelValues: [], value: 3, exemplar }] };
  const composite = '{count:3,sum:3,bucket:[+Inf:3]}';
  for (const [type, family, line] of [
    ['counter', number, 'x 3 # {t="x"} 1 5'],
    ['histogram', histogram, `x ${composite} # {t="x"} 1 5`],
    ['gaugehistogram', histogram, `x ${composite.replace('count', 'gcount').replace('sum', 'gsum')} # {t="x"} 1 5`],
    ['gauge', number, 'x 3'],
    ['unknown', number, 'x 3'],
  ] as const) {
    const text = await renderFamily({ name: 'x', type, hasExemplars: true, ...family } as Partial<Family>);
    assert.equal(text, `# TYPE x ${type}\n${line}\n# EOF\n`);
  }
});

test('OpenMetrics 2.0 has native buckets and their exemplars, unless the classic ones have counted more', async () => {
  const exemplar = (value: number) => ({ labels: {}, value, timestampSeconds: 5 });
  const sides = { positive: { indexes: [3], counts: [2] }, negative: { indexes: [], counts: [] } };
  const native = { schema: 1, zeroThreshold: 0, zeroCount: 0, count: 2, sum: 5, ...sides, exemplars: [exemplar(4)] };
  const one = { labelValues: [], sum: 5, exemplars: [exemplar(1)], native };
  const series = [
    { ...one, bucketCounts: [2] },
    { ...one, bucketCounts: [3] },
  ];
  const text = await renderFamily({ name: 'n', type: 'histogram', upperBounds: [], hasExemplars: true, series });
  const fields = 'schema:1,zero_threshold:0,zero_count:0,positive_spans:[3:1],positive_buckets:[2]';
  assert.equal(
    text,
    `# TYPE n histogram
n {count:2,sum:5,${fields},bucket:[+Inf:2]} # {} 4 5
n {count:3,sum:5,bucket:[+Inf:3]} # {} 1 5
# EOF
`,
  );
});

test('OpenMetrics 2.0 leaves out exemplars without a time, which it requires', async () => {
  const without = { labels: { a: 'b' }, value: 1 };
  const text = await render(
    registryOf(
      { name: 'c_total', help: 'C.', type: 'counter', series: [{ value: 4, exemplar: without }] },
      {
        name: 'h',
        help: 'H.',
        type: 'histogram',
        upperBounds: [1],
        series: [{ bucketCounts: [1, 1], sum: 3, exemplars: [without, { ...without, timestampSeconds: 5, value: 2 }] }],
      },
    ),
  );
  assert.equal(text.replace(/^#.*\n/gm, ''), 'c_total 4\nh {count:2,sum:3,bucket:[1.0:1,+Inf:2]} # {a="b"} 2 5\n');
});

test('OpenMetrics 2.0 replaces exemplars in lines that it has cached, and keeps the start', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 8_000 });
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 4; i++) counter.labels(i).inc(1);
  const lines = async (): Promise<string> => (await render(registry)).replace(/^#.*\n/gm, '');
  assert.equal(await lines(), [0, 1, 2, 3].map((i) => `c_total{i="${i}"} 1 st@8\n`).join(''));
  counter.labels(1).inc(10, { a: 'b' });
  counter.labels(2).inc(4);
  const exemplar = ' # {a="b"} 10 8';
  assert.equal(
    await lines(),
    `c_total{i="0"} 1 st@8\nc_total{i="1"} 11 st@8${exemplar}\nc_total{i="2"} 5 st@8\nc_total{i="3"} 1 st@8\n`,
  );
  counter.labels(1).inc(1, { a: '' });
  counter.labels(3).inc(1e6, { a: 'longer' });
  assert.equal(
    await lines(),
    'c_total{i="0"} 1 st@8\nc_total{i="1"} 12 st@8 # {a=""} 1 8\nc_total{i="2"} 5 st@8\nc_total{i="3"} 1000001 st@8 # {a="longer"} 1000000 8\n',
  );
});

test('OpenMetrics 2.0 has a sum of any sign, which must be there, but no quantile below 0', async () => {
  const series = [{ quantileValues: [-3, 0, NaN, 2], sum: -7, count: 2 }];
  const quantiles = [0.1, 0.25, 0.5, 1];
  const text = await render(registryOf({ name: 's', help: 'S.', type: 'summary', quantiles, series }));
  assert.equal(text.replace(/^#.*\n/gm, ''), 's {count:2,sum:-7,quantile:[0.25:0,0.5:NaN,1.0:2]}\n');
});

test('OpenMetrics 2.0 changes no name, and gives no family another type', async () => {
  const text = await render(
    registryOf(
      { name: 'orders', help: 'O.', type: 'gauge', series: [{ value: 1 }] },
      { name: 'orders_total', help: 'O.', type: 'counter', series: [{ value: 2 }] },
      { name: 'other', help: 'O.', series: [{ value: Infinity }] },
    ),
  );
  assert.equal(
    text.replace(/^# HELP.*\n/gm, ''),
    '# TYPE orders gauge\norders 1\n# TYPE orders_total counter\norders_total 2\n# TYPE other unknown\nother +Inf\n# EOF\n',
  );
});

test('OpenMetrics 2.0 writes names by the negotiated escaping, and the unit in any case', async () => {
  const registry = registryOf({
    name: 'http.wait_seconds',
    help: 'W.',
    unit: 'seconds',
    type: 'summary',
    series: [{ sum: 1, count: 1, labels: { 'http.method': 'GET' } }],
  });
  const value = '{count:1,sum:1,quantile:[]}';
  assert.equal(
    await render(registry),
    `# TYPE "http.wait_seconds" summary
# UNIT "http.wait_seconds" seconds
# HELP "http.wait_seconds" W.
{"http.wait_seconds","http.method"="GET"} ${value}
# EOF
`,
  );
  for (const [escaping, name, label] of [
    ['underscores', 'http_wait_seconds', 'http_method'],
    ['dots', 'http_dot_wait__seconds', 'http_dot_method'],
    ['values', 'U__http_2e_wait__seconds', 'U__http_2e_method'],
  ] as const) {
    assert.equal(
      await render(registry, escaping),
      `# TYPE ${name} summary\n# UNIT ${name} seconds\n# HELP ${name} W.\n${name}{${label}="GET"} ${value}\n# EOF\n`,
    );
  }
});

test('OpenMetrics 2.0 has no line for an empty help text, and metadata without series if asked for', async () => {
  const family = {
    name: 'empty',
    help: '',
    unit: '',
    type: 'histogram',
    labelNames: [],
    constantLabels: [],
    upperBounds: [],
  };
  const exporter = new PrometheusExporter({
    gather: async () => [{ ...family, cache: new Map(), series: [] } as unknown as Family],
  });
  const text = async (isLikePromClient: boolean): Promise<string> =>
    new TextDecoder().decode(await exporter.render(ACCEPT, { isLikePromClient }));
  assert.equal(await text(false), '# EOF\n');
  assert.equal(await text(true), '# TYPE empty histogram\n# EOF\n');
});

test('OpenMetrics 2.0 gives the event loop back while it writes 20,000 histograms', async () => {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['i'], registers: [registry] });
  for (let i = 0; i < 20_000; i++) histogram.labels(i).observe(i);
  let isOver = false;
  const rendered = new PrometheusExporter(registry).render(ACCEPT).finally(() => (isOver = true));
  let turns = 0;
  for (; !isOver; turns++) await turn();
  await rendered;
  assert.ok(turns > 10, `${turns} turns`);
});
