import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FamilyDescription, ReportPart, ToWorker } from '../../lib/aggregate/message.ts';
import { base64Numbers, NATIVE_RECORD, PROTOCOL } from '../../lib/aggregate/message.ts';
import { Reporter } from '../../lib/aggregate/reporter.ts';
import { Counter, Gauge, Histogram, Info, MetricsRegistry, PrometheusExporter, StateSet } from '../../lib/core.ts';
import type { Gatherer, HistogramSeries } from '../../lib/model/family.ts';
import { nativeBuckets } from '../../lib/native/index.ts';
import { parse } from '../../lib/parse/index.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { decodeProtobuf } from '../support/decode-protobuf.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { turn } from '../support/turn.ts';
import { memoryWorkers, valuesOf } from './memory-workers.ts';

// A worker may run other code than the primary, and any code in it can call process.send(). Whatever it says, the
// exposition of the aggregate stays readable in every format, and the metrics of the other workers stay in it.

const TEXT_FORMATS = [
  'text/plain; version=0.0.4',
  'text/plain; version=1.0.0; escaping=allow-utf-8',
  'application/openmetrics-text; version=1.0.0',
  'application/openmetrics-text; version=1.0.0; escaping=allow-utf-8',
  'application/openmetrics-text; version=0.0.1',
];
const PROTOBUF = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

/** A report of which anything may be replaced. */
interface Draft extends Pick<ReportPart, 'protocol' | 'kind' | 'aggregator'> {
  reporter: string;
  isFresh: boolean;
  changes: DraftChange[];
  runs: number[];
  numbers: number[];
  native: number[];
  exemplars: unknown[][];
}

interface DraftChange {
  readonly id: number;
  readonly description: FamilyDescription;
  readonly add: unknown[];
  createdSeconds?: unknown;
}

/** A registry with a metric of each type, and exemplars; some of its names only UTF-8 can carry. */
function fullRegistry(): MetricsRegistry {
  const registry = new MetricsRegistry({ nameValidationScheme: 'utf8', constantLabels: { app: 'shop' } });
  const registers = [registry];
  const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind', 'http.route'], registers });
  counter.labels('a', '/').inc(3, { trace_id: 'abc' });
  counter.labels('b"\n\\', '漢').inc(0.5);
  const histogram = new Histogram({
    name: 'job_seconds',
    help: 'Time.',
    unit: 'seconds',
    buckets: [0.1, 1, 10],
    registers,
  });
  for (const value of [0.05, 0.5, 5, 50]) histogram.labels().observe(value, { trace_id: `of ${value}` });
  const wait = new Histogram({ name: 'wait_seconds', help: 'Wait.', buckets: nativeBuckets(), registers }).labels();
  for (const value of [-2, 0, 0.5, 3, 3]) wait.observe(value, { trace_id: `of ${value}` });
  new Gauge({ name: 'queue', help: 'Queue.', labelNames: ['pool'], registers }).set({ pool: 'x' }, -7.5);
  new Gauge({ name: 'hit_ratio', help: 'Hits.', aggregator: 'ratio', registers }).setRatio(3, 4);
  new Info({ name: 'build_info', help: 'Build.', labelNames: ['version'], registers }).set({ version: '1' });
  new StateSet({ name: 'mode', help: 'Mode.', states: ['idle', 'busy'], registers }).select('busy');
  registry.registerCollector({
    name: 'collected',
    collect: () => [
      {
        name: 'size_bytes',
        help: 'Size.',
        type: 'summary',
        unit: 'bytes',
        quantiles: [0.5, 0.9],
        createdSeconds: 1e9,
        series: [{ quantileValues: [1, 2], sum: 3, count: 2 }],
      },
      {
        name: 'level',
        help: 'Level.',
        type: 'gaugehistogram',
        upperBounds: [1, 2],
        series: [{ bucketCounts: [1, 0, 2], sum: 9 }],
      },
      { name: 'odd', help: 'Odd.', series: [{ labels: { x: 'y' }, value: NaN }] },
    ],
  });
  return registry;
}

/** The report of a registry to an aggregator, as a draft to forge. */
async function reportOf(registry: Gatherer, aggregator: string): Promise<Draft> {
  let report: ReportPart | undefined;
  const reporter = new Reporter(registry, (message) => {
    if (message.kind === 'report') report = message;
  });
  reporter.take({ protocol: PROTOCOL, aggregator, kind: 'ask', request: 1, acceptsNative: true });
  while (report === undefined) await turn();
  assert.ok(report.isFresh && report.isLast);
  const { numbers, native } = report as { readonly [K in keyof ReportPart]: Exclude<ReportPart[K], string> };
  return structuredClone({ ...report, numbers: [...numbers], native: [...native!] }) as unknown as Draft;
}

/** An aggregator with a worker that reports, and one whose reports are forged. */
async function withForger(workerLabel?: string) {
  const { aggregation, start } = memoryWorkers({
    timeoutSeconds: 0.02,
    ...(workerLabel === undefined ? {} : { workerLabel }),
  });
  const exporter = new PrometheusExporter(aggregation, { createdLines: true });
  const said: ToWorker[] = [];
  const forger = aggregation.add((message) => said.push(message), true);
  const draft = await reportOf(fullRegistry(), said[0]!.aggregator);
  const registry = new MetricsRegistry();
  new Counter({ name: 'well_total', help: 'Well.', registers: [registry] }).inc(5);
  start(registry);
  await aggregation.gather(); // the first to have a name is served
  const send = (report: Draft): void => {
    const asText = (numbers: unknown) =>
      Array.isArray(numbers) ? base64Numbers.encode(Float64Array.from(numbers)) : numbers;
    const [numbers, native] = [asText(report.numbers), asText(report.native)];
    aggregation.take(forger, JSON.parse(JSON.stringify({ ...report, numbers, native })));
  };
  /** Reads the exposition in every format, by readers that share no code with the encoders. */
  const checkReadable = async (): Promise<void> => {
    for (const format of TEXT_FORMATS) {
      const text = new TextDecoder().decode(await exporter.render(format));
      const wells = parse(text, exporter.contentType(format)).find(
        ({ name }) => name === 'well' || name === 'well_total',
      );
      assert.equal(wells?.samples.find(({ name }) => name === 'well_total')?.value, 5, format);
    }
    assert.ok(decodeProtobuf(await exporter.render(PROTOBUF)).some(({ name }) => name === 'well_total'));
  };
  return { aggregation, said, draft: () => structuredClone(draft), send, forger, checkReadable };
}

function changeOf(draft: Draft, name: string): DraftChange {
  return draft.changes.find(({ description }) => description.name === name)!;
}

/** Where the numbers of a family begin. */
function numbersOf(draft: Draft, name: string): number {
  const id = changeOf(draft, name).id as number;
  let at = 0;
  for (let i = 0; i < draft.runs.length; i += 3) {
    if (draft.runs[i] === id) return at;
    const { description } = draft.changes.find((change) => change.id === draft.runs[i])!;
    const width =
      description.isNative === true
        ? 0
        : description.upperBounds.length > 0
          ? description.upperBounds.length + 2
          : description.type === 'summary'
            ? 4
            : description.aggregator === 'ratio'
              ? 2
              : 1;
    at += width * draft.runs[i + 2]!;
  }
  throw new Error(`Cannot find the numbers of ${name}.`);
}

const describeAs = (name: string, changes: object) => (draft: Draft) =>
  void Object.assign(changeOf(draft, name).description, changes);
const numberAs = (name: string, offset: number, value: number) => (draft: Draft) =>
  void (draft.numbers[numbersOf(draft, name) + offset] = value);
const nativeAs = (place: number, value: number) => (draft: Draft) => void (draft.native[place] = value);
const exemplarAs = (index: number, field: number, value: unknown) => (draft: Draft) =>
  void (draft.exemplars[index]![field] = value);

const { SERIES, WHOLE, SCHEMA, ZERO_THRESHOLD, ZERO_COUNT, CREATED, BUCKETS } = NATIVE_RECORD;

/** Each forges one family, which is refused; by the name of that family. */
const FORGERIES: readonly (readonly [family: string, what: string, forge: (draft: Draft) => void])[] = [
  ['jobs_total', 'the label of an exemplar', exemplarAs(0, 3, { 'a"} 1\nevil_total 1\n#': 'x' })],
  ['jobs_total', 'an exemplar without labels', exemplarAs(0, 3, null)],
  ['jobs_total', 'an exemplar of 200 characters', exemplarAs(0, 3, { trace_id: 'x'.repeat(200) })],
  ['jobs_total', 'the value of an exemplar', exemplarAs(0, 4, '1\n# EOF')],
  ['jobs_total', 'the time of an exemplar', exemplarAs(0, 5, 1e300)],
  ['jobs_total', 'a negative time of an exemplar', exemplarAs(0, 5, -1)],
  ['job_seconds', 'an exemplar in another bucket', exemplarAs(1, 2, 2)],
  ['job_seconds', 'an exemplar of no bucket', exemplarAs(1, 2, 99)],
  ['jobs_total', 'a series of an exemplar', exemplarAs(0, 1, 99)],
  ['jobs_total', 'a name', describeAs('jobs_total', { name: '' })],
  ['jobs_total', 'a name that is not well-formed', describeAs('jobs_total', { name: '\ud800' })],
  ['jobs_total', 'a name as a number', describeAs('jobs_total', { name: 1 })],
  ['jobs_total', 'a help', describeAs('jobs_total', { help: ' ' })],
  ['jobs_total', 'a help as an array', describeAs('jobs_total', { help: ['x'] })],
  ['jobs_total', 'a type', describeAs('jobs_total', { type: 'evil' })],
  ['jobs_total', 'an inherited type', describeAs('jobs_total', { type: '__proto__' })],
  ['job_seconds', 'a unit', describeAs('job_seconds', { unit: 'bytes\n' })],
  ['jobs_total', 'a unit that the name lacks', describeAs('jobs_total', { unit: 'bytes' })],
  ['jobs_total', 'an aggregator', describeAs('jobs_total', { aggregator: 'evil' })],
  ['jobs_total', 'a label name twice', describeAs('jobs_total', { labelNames: ['kind', 'kind'] })],
  [
    'jobs_total',
    'two label names that escaping makes one',
    describeAs('jobs_total', { labelNames: ['http.route', 'http_route'] }),
  ],
  ['jobs_total', 'a reserved label name', describeAs('jobs_total', { labelNames: ['__proto__', 'http.route'] })],
  ['jobs_total', 'the label le', describeAs('jobs_total', { labelNames: ['le', 'http.route'] })],
  ['jobs_total', 'a label name as a number', describeAs('jobs_total', { labelNames: [1, 'http.route'] })],
  ['jobs_total', 'label names as a text', describeAs('jobs_total', { labelNames: 'xy' })],
  ['jobs_total', 'more label names than values', describeAs('jobs_total', { labelNames: ['a', 'b', 'c'] })],
  [
    'jobs_total',
    'a million label names',
    describeAs('jobs_total', { labelNames: Array.from({ length: 100_000 }, (_, i) => `l${i}`) }),
  ],
  ['jobs_total', 'constant labels', describeAs('jobs_total', { constantLabels: [['app']] })],
  ['jobs_total', 'the value of a constant label', describeAs('jobs_total', { constantLabels: [['app', '\udfff']] })],
  ['job_seconds', 'bounds that fall', describeAs('job_seconds', { upperBounds: [1, 0.1, 10] })],
  ['job_seconds', 'equal bounds', describeAs('job_seconds', { upperBounds: [1, 1, 10] })],
  [
    'job_seconds',
    'bounds that are null, as JSON makes of Infinity',
    describeAs('job_seconds', { upperBounds: [0.1, 1, null] }),
  ],
  ['size_bytes', 'quantiles that fall', describeAs('size_bytes', { quantiles: [0.9, 0.5] })],
  ['size_bytes', 'a quantile above 1', describeAs('size_bytes', { quantiles: [0.5, 2] })],
  ['build_info', 'an info without _info', describeAs('build_info', { name: 'build' })],
  ['mode', 'a state set without a label of its name', describeAs('mode', { labelNames: ['x'] })],
  ['mode', 'a state set with a colon', describeAs('mode', { name: 'a:b', labelNames: ['a:b'] })],
  ['jobs_total', 'a counter below 0', numberAs('jobs_total', 0, -1)],
  ['jobs_total', 'a counter that is NaN', numberAs('jobs_total', 1, NaN)],
  ['job_seconds', 'half an observation', numberAs('job_seconds', 1, 0.5)],
  ['job_seconds', 'a negative count', numberAs('job_seconds', 0, -1)],
  ['job_seconds', 'a count of 2^53', numberAs('job_seconds', 2, 2 ** 53)],
  ['job_seconds', 'an infinite count', numberAs('job_seconds', 3, Infinity)],
  ['size_bytes', 'a count that is NaN', numberAs('size_bytes', 2, NaN)],
  ['size_bytes', 'a count of 1e300', numberAs('size_bytes', 2, 1e300)],
  ['level', 'a negative count of a gauge histogram', numberAs('level', 0, -2)],
  ['wait_seconds', 'native buckets of a series that is missing', nativeAs(SERIES, 1)],
  ['wait_seconds', 'native buckets of half a series', nativeAs(SERIES, 0.5)],
  ['wait_seconds', 'changes of native buckets that are unknown', nativeAs(WHOLE, 0)],
  ['wait_seconds', 'a schema of 9', nativeAs(SCHEMA, 9)],
  ['wait_seconds', 'a schema of -5', nativeAs(SCHEMA, -5)],
  ['wait_seconds', 'a schema of 0.5', nativeAs(SCHEMA, 0.5)],
  ['wait_seconds', 'a schema of custom buckets', nativeAs(SCHEMA, -53)],
  ['wait_seconds', 'a negative zero threshold', nativeAs(ZERO_THRESHOLD, -1)],
  ['wait_seconds', 'an infinite zero threshold', nativeAs(ZERO_THRESHOLD, Infinity)],
  ['wait_seconds', 'half a zero', nativeAs(ZERO_COUNT, 0.5)],
  ['wait_seconds', 'a negative count of zeros', nativeAs(ZERO_COUNT, -1)],
  ['wait_seconds', '2^53 zeros', nativeAs(ZERO_COUNT, 2 ** 53)],
  ['wait_seconds', 'a start time of a series', nativeAs(CREATED, 1e300)],
  ['wait_seconds', 'an index beyond the largest number', nativeAs(BUCKETS, 1e5)],
  ['wait_seconds', 'an index that is NaN', nativeAs(BUCKETS, NaN)],
  ['wait_seconds', 'indexes that fall', nativeAs(BUCKETS, 100)],
  ['wait_seconds', 'an empty native bucket', nativeAs(BUCKETS + 1, 0)],
  ['wait_seconds', 'a negative native bucket', nativeAs(BUCKETS + 1, -1)],
  ['wait_seconds', 'native buckets that come to 2^53', nativeAs(BUCKETS + 1, Number.MAX_SAFE_INTEGER)],
  ['wait_seconds', 'a native bound below 0', describeAs('wait_seconds', { upperBounds: [-1, 1] })],
  ['wait_seconds', 'isNative that is 1', describeAs('wait_seconds', { isNative: 1 })],
  ['wait_seconds', 'isAlsoClassic that is 1', describeAs('wait_seconds', { isAlsoClassic: 1 })],
  ['jobs_total', 'native buckets of a counter', describeAs('jobs_total', { isAlsoClassic: true })],
  ['wait_seconds', 'a native gauge histogram', describeAs('wait_seconds', { type: 'gaugehistogram' })],
  ['build_info', 'an info of 2', numberAs('build_info', 0, 2)],
  ['mode', 'a state of 0.5', numberAs('mode', 0, 0.5)],
  ['hit_ratio', 'a negative denominator', numberAs('hit_ratio', 1, -4)],
  [
    'jobs_total',
    'a label value as a number',
    (draft) => void ((changeOf(draft, 'jobs_total').add as unknown[][])[0]![0] = 1),
  ],
  [
    'jobs_total',
    'a label value that is not well-formed',
    (draft) => void ((changeOf(draft, 'jobs_total').add as unknown[][])[0]![0] = 'a\ud800'),
  ],
  ['jobs_total', 'a series twice', (draft) => void (changeOf(draft, 'jobs_total').add[1] = ['a', '/'])],
  ['jobs_total', 'a series that is null', (draft) => void (changeOf(draft, 'jobs_total').add[1] = null)],
  ['size_bytes', 'a start time', (draft) => void (changeOf(draft, 'size_bytes').createdSeconds = -1)],
  ['size_bytes', 'a start time of 1e300', (draft) => void (changeOf(draft, 'size_bytes').createdSeconds = 1e300)],
  ['size_bytes', 'a start time as a text', (draft) => void (changeOf(draft, 'size_bytes').createdSeconds = '1')],
];

const FAMILIES = [
  'jobs_total',
  'job_seconds',
  'wait_seconds',
  'queue',
  'hit_ratio',
  'build_info',
  'mode',
  'size_bytes',
  'level',
  'odd',
];

test('Aggregation refuses a forged family, counts it and warns once, and keeps every other family readable', async (t) => {
  const warnings = await collectWarnings(t);
  let seen = 0;
  for (const [family, what, forge] of FORGERIES) {
    const { aggregation, draft, send, checkReadable } = await withForger();
    const forged = draft();
    forge(forged);
    for (let i = 0; i < 3; i++) send(forged);
    const families = await aggregation.gather();
    const names = families
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('metrics_client_') && name !== 'well_total');
    assert.deepEqual(names.sort(), FAMILIES.filter((name) => name !== family).sort(), what);
    assert.equal(valuesOf(families).get('metrics_client_refused_families_total{}'), 3, what);
    await checkReadable();
    await turn();
    const refusals = warnings.slice(seen).filter(({ code }) => code === 'METRICS_REPORT_REFUSED');
    seen = warnings.length;
    assert.equal(refusals.length, 1, what);
    assert.ok(refusals[0]!.message.length < 1500, what);
  }
});

test('Aggregation takes the report that the forgeries are made of as it is', async () => {
  const { aggregation, draft, send, checkReadable } = await withForger();
  send(draft());
  const families = await aggregation.gather();
  assert.deepEqual(
    FAMILIES.filter((name) => !families.some((family) => family.name === name)),
    [],
  );
  assert.equal(valuesOf(families).get('metrics_client_refused_families_total{}'), 0);
  await checkReadable();
});

test('Aggregation leaves out a constant label that escaping makes the same as a label of the metric', async () => {
  const { aggregation, draft, send, checkReadable } = await withForger('kind_');
  const report = draft();
  describeAs('jobs_total', {
    constantLabels: [
      ['http_route', 'x'],
      ['app', 'y'],
      ['app', 'z'],
    ],
    labelNames: ['kind.', 'http.route'],
  })(report);
  send(report);
  assert.equal(valuesOf(await aggregation.gather()).get('jobs_total{app="y",http.route="/",kind.="a"}'), 3);
  await checkReadable();
});

test('Aggregation takes a family again once its worker describes it well', async () => {
  const { aggregation, draft, send } = await withForger();
  const forged = draft();
  describeAs('queue', { help: '' })(forged);
  send(forged);
  const queue = async () => valuesOf(await aggregation.gather()).get('queue{app="shop",pool="x"}');
  assert.equal(await queue(), undefined);
  send(draft());
  assert.equal(await queue(), -7.5);
});

const ODD_VALUES = [
  null,
  undefined,
  true,
  false,
  -1,
  -0,
  0.5,
  1e9,
  2 ** 53,
  1e300,
  NaN,
  Infinity,
  '',
  'x',
  ' ',
  '\n',
  '"',
  'a.b',
  'a_b',
  '__proto__',
  'le',
  'quantile',
  '\ud800',
  '\u0000',
  'U__x',
  'well_total',
  'metrics_client_workers',
  'job_seconds_count',
  'histogram',
  'summary',
  'stateset',
  'info',
  'ratio',
  'AAAA',
  [],
  {},
  [[]],
  [null],
  ['x', 'x'],
  { a: 1 },
  JSON.parse('{"__proto__":{"x":1}}'),
  'x'.repeat(5000),
  [3, 2, 1],
  [0.5, 1],
];

/** A copy in which one value, somewhere, is something else. */
function mutated(value: unknown, random: SeededRandom): unknown {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (keys.length === 0 || random.int(12) === 0) return random.pick(ODD_VALUES);
  const key = random.pick(keys);
  const inner = mutated((value as Record<string, unknown>)[key], random);
  if (!Array.isArray(value)) return { ...(value as object), [key]: inner };
  if (random.int(8) === 0) return [...value, structuredClone(random.pick(value as unknown[]))];
  return value.map((one: unknown, i) => (String(i) === key ? inner : one));
}

for (const workerLabel of [undefined, 'worker']) {
  const seeds = workerLabel === undefined ? [1, 2, 3, 4, 69, 162] : [5, 6];
  for (const seed of seeds) {
    test(`Aggregation stays readable in every format under mutated reports${workerLabel === undefined ? '' : ', workers kept apart'}, seed ${seed}`, async (t) => {
      await collectWarnings(t);
      const random = new SeededRandom(seed);
      const { draft, send, checkReadable } = await withForger(workerLabel);
      for (let i = 0; i < 120; i++) {
        let report: unknown = draft();
        // Some reports go on where the last one ended, and some come from a second reporter of the same worker.
        (report as Draft).isFresh = random.int(4) > 0;
        if (random.int(3) === 0) (report as Draft).reporter = 'second';
        for (let mutation = random.int(3); mutation >= 0; mutation--) {
          const { protocol, kind, reporter, aggregator, ...content } = report as Draft;
          report = { ...(mutated(content, random) as object), protocol, kind, reporter, aggregator };
        }
        send(report as Draft);
        if (i % 4 === 0) await checkReadable();
      }
    });
  }
}

test('Aggregation stays readable when two workers conflict: types, buckets, labels that escaping makes the same, suffixes', async (t) => {
  const warnings = await collectWarnings(t);
  const { aggregation, draft, send, forger, checkReadable } = await withForger();
  send(draft());
  const other = { ...draft(), reporter: 'other' };
  describeAs('jobs_total', { labelNames: ['kind', 'http_route'] })(other);
  describeAs('queue', { name: 'job_seconds_count' })(other);
  describeAs('odd', { name: 'metrics_client_workers' })(other);
  describeAs('hit_ratio', { type: 'unknown' })(other);
  describeAs('level', { upperBounds: [1, 3] })(other);
  send(other);
  assert.equal(valuesOf(await aggregation.gather()).get('metrics_client_refused_families_total{}'), 5);
  await checkReadable();
  await turn();
  // The forger was silent at first.
  assert.deepEqual([...new Set(warnings.map(({ code }) => code))], ['METRICS_WORKER_LEFT_OUT', 'METRICS_NOT_MERGED']);
  aggregation.remove(forger);
  await checkReadable();
});

test('Aggregation lets no worker grow its memory or the log without bound by names that it makes up', async (t) => {
  const warnings = await collectWarnings(t);
  const { aggregation, draft, send, checkReadable } = await withForger();
  for (let i = 0; i < 300; i++) {
    const report = { ...draft(), reporter: `r${i}` };
    describeAs('queue', { name: `well_total`, type: 'gauge' })(report);
    describeAs('odd', { name: `made_up_${i}`, help: '' })(report);
    send(report);
  }
  const many = draft();
  const { description, ...change } = changeOf(many, 'queue');
  many.changes = Array.from({ length: 20_000 }, (_, id) => ({
    ...change,
    id,
    description: { ...description, name: `family_${id}` },
  }));
  Object.assign(many, { reporter: 'r0', runs: [], numbers: [], exemplars: [] });
  send(many);
  assert.ok((await aggregation.gather()).length < 30);
  await checkReadable();
  await turn();
  assert.ok(warnings.length < 10, `${warnings.length} warnings`);
});

test('Aggregation saturates counts that forging workers add up beyond what protobuf can carry', async () => {
  const { aggregation, draft, send, checkReadable } = await withForger();
  for (let i = 0; i < 40; i++) {
    const report = draft();
    for (const [name, offset] of [
      ['job_seconds', 1],
      ['size_bytes', 2],
    ] as const) {
      numberAs(name, offset, i % 2 === 0 ? Number.MAX_SAFE_INTEGER - 3 : 0)(report);
    }
    send({ ...report, isFresh: i === 0, changes: i === 0 ? report.changes : [] });
  }
  const values = valuesOf(await aggregation.gather());
  assert.equal(values.get('size_bytes_count{app="shop"}'), Number.MAX_SAFE_INTEGER);
  const counts = [0, 1, 2, 3].map((bucket) => values.get(`job_seconds_bucket{app="shop",bucket="${bucket}"}`)!);
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    Number.MAX_SAFE_INTEGER,
  );
  await checkReadable();
});

test('Aggregation refuses a report with records of native histograms that are cut off, or of no family', async (t) => {
  const warnings = await collectWarnings(t);
  for (const [what, forge] of [
    ['a record that is cut off', (draft: Draft) => draft.native.pop()],
    ['too many positive buckets', nativeAs(NATIVE_RECORD.POSITIVES, 1e9)],
    ['half a negative bucket', nativeAs(NATIVE_RECORD.NEGATIVES, 0.5)],
    ['an unknown family', nativeAs(NATIVE_RECORD.FAMILY, 1e9)],
    ['only the head of a record', (draft: Draft) => (draft.native = [1])],
  ] as const) {
    const { aggregation, draft, send, checkReadable } = await withForger();
    const forged = draft();
    forge(forged);
    send(forged);
    const families = await aggregation.gather();
    assert.deepEqual(
      families.map(({ name }) => name).filter((name) => !name.startsWith('metrics_client_')),
      ['well_total'],
      what,
    );
    await checkReadable();
    send(draft());
    assert.equal(
      (await aggregation.gather()).filter(({ name }) => FAMILIES.includes(name)).length,
      FAMILIES.length,
      what,
    );
  }
  await turn();
  assert.equal(warnings.filter(({ code }) => code === 'METRICS_REPORT_REFUSED').length, 5);
});

test('Aggregation saturates native counts that forging workers add up beyond what protobuf can carry', async () => {
  const { aggregation, draft, send, checkReadable } = await withForger();
  for (let i = 0; i < 6; i++) {
    const report = draft();
    if (i % 2 === 0) nativeAs(NATIVE_RECORD.BUCKETS + 1, Number.MAX_SAFE_INTEGER - 10)(report);
    send({ ...report, isFresh: i === 0, changes: i === 0 ? report.changes : [] });
  }
  const family = (await aggregation.gather()).find(({ name }) => name === 'wait_seconds')!;
  const { native, bucketCounts } = family.series[0] as HistogramSeries;
  assert.equal(native!.count, Number.MAX_SAFE_INTEGER);
  assert.equal(
    bucketCounts.reduce((sum, count) => sum + count),
    Number.MAX_SAFE_INTEGER,
  );
  await checkReadable();
});

test('Aggregation ignores foreign messages, of whatever kind, and none of them throws', async (t) => {
  const warnings = await collectWarnings(t);
  const { aggregation, forger, checkReadable } = await withForger();
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const thrower = Object.defineProperty({}, 'protocol', {
    enumerable: true,
    get: () => {
      throw null;
    },
  });
  for (const message of [
    ...ODD_VALUES,
    1n,
    Symbol('x'),
    () => 1,
    new Map(),
    new Uint8Array(8),
    Object.create(null),
    proxy,
    thrower,
    { protocol: 1 },
    { cmd: 'NODE_x' },
  ]) {
    aggregation.take(forger, message);
  }
  await checkReadable();
  await turn();
  assert.ok(warnings.filter(({ code }) => code !== 'METRICS_WORKER_LEFT_OUT').length <= 1);
});
