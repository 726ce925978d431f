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
  type PrometheusExporterOptions,
  StateSet,
} from '../../../lib/core.ts';
import { parse } from '../../../lib/parse/index.ts';
import { collectWarnings } from '../../support/collect-warnings.ts';
import { turn } from '../../support/turn.ts';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

/** Renders a registry as OpenMetrics; the strict parser must take it. */
async function render(
  registry: MetricsRegistry,
  escaping = 'underscores',
  options?: PrometheusExporterOptions,
): Promise<string> {
  const exporter = new PrometheusExporter(registry, options);
  const accept = `${OPENMETRICS};escaping=${escaping}`;
  const text = new TextDecoder().decode(await exporter.render(accept));
  parse(text, exporter.contentType(accept));
  return text;
}

/** What families of no registry of this library have in common. */
const HEAD = { help: '', unit: '', labelNames: [], constantLabels: [] };

function withLabels<T extends object>(series: readonly T[]): (T & { readonly labelValues: readonly string[] })[] {
  return series.map((one) => ({ ...one, labelValues: [] }));
}

function registryOf(...families: CollectedFamily[]): MetricsRegistry {
  const registry = new MetricsRegistry({ nameValidationScheme: 'utf8' });
  registry.registerCollector({ name: 'spec', collect: () => families });
  return registry;
}

test('OpenMetrics has every type, units, escaped quotes in help, canonical bounds, no blank line and an end', async () => {
  const registry = registryOf(
    { name: 'temperature_celsius', help: 'T.', type: 'gauge', unit: 'celsius', series: [{ value: -3.5 }] },
    {
      name: 'queue_age_seconds',
      help: 'Q.',
      type: 'gaugehistogram',
      unit: 'seconds',
      upperBounds: [1],
      series: [{ bucketCounts: [4, 2], sum: 9.5 }],
    },
    {
      name: 'rpc_seconds',
      help: 'R.',
      type: 'summary',
      quantiles: [0.5, 0.99],
      series: [{ labels: { service: 'a' }, quantileValues: [0.1, NaN], sum: 17, count: 3 }],
    },
    { name: 'odd', help: 'O.', series: [{ value: Infinity }] },
  );
  new Counter({
    name: 'scans_total',
    help: 'Scans "executed",\nall \\ of them.',
    labelNames: ['strategy'],
    registers: [registry],
  }).inc({ strategy: 'a"b' }, 2);
  new Histogram({
    name: 'scan_seconds',
    help: 'H.',
    unit: 'seconds',
    buckets: [1e-7, 1, 1e6],
    registers: [registry],
  }).observe(0.5);
  new Info({ name: 'build_info', help: 'B.', labelNames: ['version'], registers: [registry] }).set({
    version: '1.4.0',
  });
  new StateSet({ name: 'phase', help: 'P.', states: ['waiting', 'running'], registers: [registry] }).select('running');
  assert.equal(
    await render(registry),
    `# HELP scans Scans \\"executed\\",\\nall \\\\ of them.
# TYPE scans counter
scans_total{strategy="a\\"b"} 2
# HELP scan_seconds H.
# TYPE scan_seconds histogram
# UNIT scan_seconds seconds
scan_seconds_bucket{le="1e-07"} 0
scan_seconds_bucket{le="1.0"} 1
scan_seconds_bucket{le="1e+06"} 1
scan_seconds_bucket{le="+Inf"} 1
scan_seconds_sum 0.5
scan_seconds_count 1
# HELP build B.
# TYPE build info
build_info{version="1.4.0"} 1
# HELP phase P.
# TYPE phase stateset
phase{phase="waiting"} 0
phase{phase="running"} 1
# HELP temperature_celsius T.
# TYPE temperature_celsius gauge
# UNIT temperature_celsius celsius
temperature_celsius -3.5
# HELP queue_age_seconds Q.
# TYPE queue_age_seconds gaugehistogram
# UNIT queue_age_seconds seconds
queue_age_seconds_bucket{le="1.0"} 4
queue_age_seconds_bucket{le="+Inf"} 6
queue_age_seconds_gsum 9.5
queue_age_seconds_gcount 6
# HELP rpc_seconds R.
# TYPE rpc_seconds summary
rpc_seconds{service="a",quantile="0.5"} 0.1
rpc_seconds{service="a",quantile="0.99"} NaN
rpc_seconds_sum{service="a"} 17
rpc_seconds_count{service="a"} 3
# HELP odd O.
# TYPE odd unknown
odd +Inf
# EOF
`,
  );
});

test('OpenMetrics of an empty registry is its end alone', async () => {
  assert.equal(await render(new MetricsRegistry()), '# EOF\n');
});

test('OpenMetrics gives a counter without _total one, for text 0.0.4 keeps its name', async () => {
  const registry = new MetricsRegistry();
  new Counter({ name: 'jobs', help: 'J.', registers: [registry] }).inc();
  assert.equal(await render(registry), '# HELP jobs J.\n# TYPE jobs counter\njobs_total 1\n# EOF\n');
  assert.equal(await registry.metrics(), '# HELP jobs J.\n# TYPE jobs counter\njobs 1\n');
});

test('OpenMetrics writes as unknown a counter whose name without _total another family has', async () => {
  const registry = new MetricsRegistry();
  new Counter({ name: 'requests_total', help: 'C.', registers: [registry] }).inc(2);
  const counterAlone = await render(registry);
  new Gauge({ name: 'requests', help: 'G.', registers: [registry] }).set(1);
  new Counter({ name: 'jobs', help: 'C.', registers: [registry] }).inc(3);
  new Gauge({ name: 'jobs_total', help: 'G.', registers: [registry] });
  new Info({ name: 'build_info', help: 'I.', labelNames: [], registers: [registry] });
  new Gauge({ name: 'build', help: 'G.', registers: [registry] });
  const text = await render(registry);
  assert.match(counterAlone, /^# HELP requests C\.\n# TYPE requests counter\n/);
  for (const lines of [
    '# HELP requests_total C.\n# TYPE requests_total unknown\nrequests_total 2\n',
    '# HELP requests G.\n# TYPE requests gauge\nrequests 1\n',
    '# HELP jobs C.\n# TYPE jobs unknown\njobs 3\n',
    '# HELP build_info I.\n# TYPE build_info gauge\nbuild_info 1\n',
  ]) {
    assert.ok(text.includes(lines), `${lines} in ${text}`);
  }
  registry.removeSingleMetric('requests');
  assert.match(await render(registry), /^# HELP requests C\.\n# TYPE requests counter\n/);
});

test('OpenMetrics carries exemplars of counters and of buckets, with labels, value and time', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_520_879_607_789 });
  const registry = new MetricsRegistry({ constantLabels: { zone: 'eu' } });
  const counter = new Counter({ name: 'scans_total', help: 'S.', labelNames: ['strategy'], registers: [registry] });
  const histogram = new Histogram({ name: 'scan_seconds', help: 'H.', buckets: [0.1, 1], registers: [registry] });
  counter.labels('swing').inc(2, { trace_id: 'KOO5S4"vxi0o' });
  counter.labels('momentum').inc();
  histogram.labels({}).observe(0.67, { trace_id: 'oHg5', span_id: 7 });
  histogram.labels({}).observe(0.5);
  assert.equal(
    await render(registry),
    `# HELP scans S.
# TYPE scans counter
scans_total{strategy="swing",zone="eu"} 2 # {trace_id="KOO5S4\\"vxi0o"} 2 1520879607.789
scans_total{strategy="momentum",zone="eu"} 1
# HELP scan_seconds H.
# TYPE scan_seconds histogram
scan_seconds_bucket{zone="eu",le="0.1"} 0
scan_seconds_bucket{zone="eu",le="1.0"} 2 # {trace_id="oHg5",span_id="7"} 0.67 1520879607.789
scan_seconds_bucket{zone="eu",le="+Inf"} 2
scan_seconds_sum{zone="eu"} 1.17
scan_seconds_count{zone="eu"} 2
# EOF
`,
  );
  assert.doesNotMatch(await registry.metrics(), / # /);
});

test('OpenMetrics writes _created lines if it is told to, of what has a beginning', async () => {
  const registry = registryOf(
    {
      name: 'a_total',
      help: 'A.',
      type: 'counter',
      createdSeconds: 1520430000.123,
      series: [
        { labels: { l: '1' }, value: 1 },
        { labels: { l: '2' }, value: 2 },
      ],
    },
    {
      name: 'h',
      help: 'H.',
      type: 'histogram',
      createdSeconds: 5,
      upperBounds: [],
      series: [{ bucketCounts: [1], sum: 2 }],
    },
    { name: 's', help: 'S.', type: 'summary', createdSeconds: 6, series: [{ sum: 2, count: 1 }] },
    { name: 'g', help: 'G.', type: 'gauge', createdSeconds: 7, series: [{ value: 1 }] },
    { name: 'b_total', help: 'B.', type: 'counter', series: [{ value: 3 }] },
  );
  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  assert.deepEqual(lines(await render(registry, 'underscores', { createdLines: true })), [
    'a_total{l="1"} 1',
    'a_created{l="1"} 1520430000.123',
    'a_total{l="2"} 2',
    'a_created{l="2"} 1520430000.123',
    'h_bucket{le="+Inf"} 1',
    'h_sum 2',
    'h_count 1',
    'h_created 5',
    's_sum 2',
    's_count 1',
    's_created 6',
    'g 1',
    'b_total 3',
  ]);
  assert.doesNotMatch(await render(registry), /_created/);
});

test('OpenMetrics puts UTF-8 names in quotes, or escapes them as it is asked to', async () => {
  const registry = registryOf({
    name: 'http.duration_seconds',
    help: 'H.',
    type: 'histogram',
    unit: 'seconds',
    upperBounds: [1],
    series: [{ labels: { 'http.method': 'GET' }, bucketCounts: [1, 0], sum: 0.5 }],
  });
  new Counter({ name: 'http.requests_total', help: 'R "quoted".', registers: [registry] })
    .labels({})
    .inc(1, { trace_id: 'x' });
  assert.match(
    await render(registry, 'allow-utf-8'),
    /^# HELP "http\.requests" R \\"quoted\\"\.\n# TYPE "http\.requests" counter\n\{"http\.requests_total"\} 1 # \{trace_id="x"\} 1 [\d.]+\n/,
  );
  assert.ok(
    (await render(registry, 'allow-utf-8')).includes(`# HELP "http.duration_seconds" H.
# TYPE "http.duration_seconds" histogram
# UNIT "http.duration_seconds" seconds
{"http.duration_seconds_bucket","http.method"="GET",le="1.0"} 1
{"http.duration_seconds_bucket","http.method"="GET",le="+Inf"} 1
{"http.duration_seconds_sum","http.method"="GET"} 0.5
{"http.duration_seconds_count","http.method"="GET"} 1
`),
  );
  assert.ok((await render(registry)).includes('http_duration_seconds_sum{http_method="GET"} 0.5\n'));
  assert.ok((await render(registry, 'dots')).includes('http_dot_duration__seconds_sum{http_dot_method="GET"} 0.5\n'));
  assert.ok(
    (await render(registry, 'values')).includes('U__http_2e_duration__seconds_sum{U__http_2e_method="GET"} 0.5\n'),
  );
});

test('OpenMetrics leaves a unit out that escaping took from the end of the name', async () => {
  const registry = registryOf({
    name: 'rate.x_bytes_per_second',
    help: 'R.',
    type: 'gauge',
    unit: 'bytes_per_second',
    series: [{ value: 1 }],
  });
  assert.match(await render(registry, 'allow-utf-8'), /^# UNIT "rate\.x_bytes_per_second" bytes_per_second$/m);
  assert.doesNotMatch(await render(registry, 'dots'), /UNIT/);
});

test('OpenMetrics leaves the unit out where there is none, though the name ends with "_"', async () => {
  const registry = registryOf({ name: 'odd_', help: 'O.', type: 'gauge', series: [{ value: 1 }] });
  assert.equal(await render(registry), '# HELP odd_ O.\n# TYPE odd_ gauge\nodd_ 1\n# EOF\n');
});

test('OpenMetrics keeps apart what a family caches for each escaping scheme', async () => {
  const create = (): MetricsRegistry => {
    const registry = new MetricsRegistry({ nameValidationScheme: 'utf8' });
    const options = { help: 'H.', labelNames: ['a.b'], registers: [registry] };
    new Counter({ ...options, name: 'x.y_total' }).inc({ 'a.b': '1' });
    new Counter({ ...options, name: 'z.z_total' }).inc({ 'a.b': '1' });
    new Gauge({ ...options, name: 'z.z' }).set({ 'a.b': '1' }, 2);
    return registry;
  };
  const registry = create();
  for (const escaping of ['underscores', 'dots', 'allow-utf-8', 'values', 'underscores'])
    assert.equal(await render(registry, escaping), await render(create(), escaping), escaping);
});

test('OpenMetrics writes exemplars only of a family that has them, and of types that may', async () => {
  const labels: Record<string, string> = Object.create({ inherited: 'x' });
  Object.assign(labels, { trace_id: 't', 'a.b': '"', c: '\\', d: '\n', e: '\u007f', f: 'é' });
  const exemplar = { labels, value: 1 };
  const textOf = async (type: 'counter' | 'gauge' | 'gaugehistogram', hasExemplars: boolean): Promise<string> => {
    const series = withLabels([{ value: 1, exemplar, bucketCounts: [1], sum: 1, exemplars: [exemplar] }]);
    const family: Family = { ...HEAD, name: 'x', type, hasExemplars, upperBounds: [], cache: new Map(), series };
    const exporter = new PrometheusExporter({ gather: async () => [family] });
    return new TextDecoder().decode(await exporter.render(OPENMETRICS));
  };
  const exemplarText = '{trace_id="t","a.b"="\\"",c="\\\\",d="\\n",e="\u007f",f="é"} 1';
  assert.ok((await textOf('counter', true)).endsWith(`\nx_total 1 # ${exemplarText}\n# EOF\n`));
  assert.match(await textOf('counter', false), /^x_total 1$/m);
  assert.match(await textOf('gauge', true), /^x 1$/m);
  assert.ok((await textOf('gaugehistogram', true)).includes(`\nx_bucket{le="+Inf"} 1 # ${exemplarText}\n`));
});

test('OpenMetrics and text 0.0.4 share no lines of histograms and summaries, which they write differently', async () => {
  const create = (): { gather(): Promise<Family[]> } => {
    const series = [{ bucketCounts: [1, 0], sum: -1 }];
    const families: Family[] = [
      { ...HEAD, name: 'h', type: 'histogram', upperBounds: [1], series: withLabels(series), cache: new Map() },
      { ...HEAD, name: 'g', type: 'gaugehistogram', upperBounds: [1], series: withLabels(series), cache: new Map() },
      {
        ...{ ...HEAD, name: 's', type: 'summary', quantiles: [0.5], cache: new Map() },
        series: withLabels([{ quantileValues: [-1], sum: -1, count: 1 }]),
      },
    ];
    return { gather: async () => families };
  };
  const gatherer = create();
  for (const accept of ['text/plain', OPENMETRICS, 'text/plain', OPENMETRICS]) {
    const text = await new PrometheusExporter(gatherer).render(accept);
    assert.deepEqual(text, await new PrometheusExporter(create()).render(accept), accept);
  }
});

test('OpenMetrics omits the sum and count of a histogram whose sum may fall, of a gauge histogram that has no negative bound', async () => {
  const totalsOf = async (type: 'histogram' | 'gaugehistogram', bound: number | undefined, sum: number) => {
    const upperBounds = bound === undefined ? [] : [bound];
    const bucketCounts = [...upperBounds.map(() => 1), 1];
    const text = await render(
      registryOf({ name: 'h', help: 'H.', type, upperBounds, series: [{ bucketCounts, sum }] }),
    );
    return (text.match(/^h_g?(sum|count) .*$/gm) ?? []).join();
  };
  assert.equal(await totalsOf('histogram', undefined, 0), 'h_sum 0,h_count 1');
  assert.equal(await totalsOf('histogram', 0, 0), 'h_sum 0,h_count 2');
  assert.equal(await totalsOf('histogram', 1, -1), '');
  assert.equal(await totalsOf('histogram', 1, NaN), '');
  assert.equal(await totalsOf('histogram', -1, 1), '');
  assert.equal(await totalsOf('gaugehistogram', 0, 0), 'h_gsum 0,h_gcount 2');
  assert.equal(await totalsOf('gaugehistogram', 0, -1), '');
  assert.equal(await totalsOf('gaugehistogram', undefined, -1), '');
  assert.equal(await totalsOf('gaugehistogram', -1, -1), 'h_gsum -1,h_gcount 2');
  assert.equal(await totalsOf('gaugehistogram', -1, 1), 'h_gsum 1,h_gcount 2');
  assert.equal(await totalsOf('gaugehistogram', -1, NaN), '');
});

test('OpenMetrics omits the negative quantiles and sums of summaries', async () => {
  const textOf = async (value: number, sum: number): Promise<string> => {
    const series = [{ quantileValues: [value], sum, count: 1 }];
    return render(registryOf({ name: 's', help: 'S.', type: 'summary', quantiles: [0.5], series }));
  };
  const head = '# HELP s S.\n# TYPE s summary\n';
  assert.equal(await textOf(-1, -1), `${head}s_count 1\n# EOF\n`);
  assert.equal(await textOf(0, 0), `${head}s{quantile="0.5"} 0\ns_sum 0\ns_count 1\n# EOF\n`);
});

test('OpenMetrics follows exemplars and _created lines that come and go between scrapes', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'a_total', help: 'A.', registers: [registry] });
  const histogram = new Histogram({ name: 'h', help: 'H.', buckets: [], registers: [registry] });
  counter.inc();
  histogram.observe(1);
  const plain = new PrometheusExporter(registry);
  const created = new PrometheusExporter(registry, { createdLines: true });
  const linesOf = async (exporter: PrometheusExporter): Promise<string> =>
    new TextDecoder()
      .decode(await exporter.render(OPENMETRICS))
      .replace(/^#.*\n/gm, '')
      .replace(/(?<=_created )\S+/g, 'T')
      .replace(/ [\d.]+$/gm, '');
  const expected = (exemplar: string, line: (name: string) => string): string =>
    `a_total${exemplar}\n${line('a')}h_bucket{le="+Inf"}${exemplar}\nh_sum\nh_count\n${line('h')}`;
  const none = (): string => '';
  const createdLine = (name: string): string => `${name}_created T\n`;
  assert.equal(await linesOf(plain), expected('', none));
  assert.equal(await linesOf(created), expected('', createdLine));
  assert.equal(await linesOf(plain), expected('', none));
  counter.labels({}).inc(1, { trace_id: 't' });
  histogram.labels({}).observe(1, { trace_id: 't' });
  assert.equal(await linesOf(created), expected(' 2 # {trace_id="t"} 1', createdLine));
  assert.equal(await linesOf(plain), expected(' 2 # {trace_id="t"} 1', none));
});

test('a registry refuses names that underscores would make the same', async (t) => {
  const warnings = await collectWarnings(t);
  const registry = new MetricsRegistry({ nameValidationScheme: 'utf8' });
  new Counter({ name: 'http.requests_total', help: 'R.', registers: [registry] });
  assert.throws(() => new Counter({ name: 'http_requests_total', help: 'R.', registers: [registry] }), {
    name: 'RangeError',
    message: /"http_requests_total", which is a series of metric "http\.requests_total"\. Rename one of them\.$/,
  });
  assert.throws(
    () => new Gauge({ name: 'g', help: 'G.', labelNames: ['a.b', 'a_b'], registers: [] }),
    /expected each label name once/,
  );
  registry.registerCollector({
    name: 'spec',
    collect: () => [{ name: 'http-requests_total', help: 'R.', series: [{ value: 1 }] }],
  });
  assert.doesNotMatch(await render(registry, 'allow-utf-8'), /http-requests/);
  await turn();
  assert.match(warnings[0]!.message, /its series "http_requests_total" is a series of metric "http\.requests_total"/);
});
