import { Counter, Gauge, Histogram, Info, MetricsRegistry, StateSet } from '@finpilot/metrics';
import { NASTY_LABEL_VALUES } from '../support/nasty-label-values.ts';
import type { ParsedSample } from '../support/parsed-family.ts';

/** What each type looks like on the way: the text format has fewer types, and names a gauge histogram's samples otherwise. */
export type Wire = 'text' | 'openmetrics' | 'protobuf';

/** An exemplar, and the series on which it has to be found. */
export interface ExpectedExemplar {
  readonly series: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since 1970, if it is known exactly. */
  readonly timestampSeconds?: number;
}

/** Lone surrogates have to be replaced on the way, which is the business of other specs. */
const LABEL_VALUES = NASTY_LABEL_VALUES.filter((value) => value.isWellFormed() && !value.includes('\ufffd'));
const NUMBERS = [NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 0.1 + 0.2, 1e21, -273.15, 2 ** 53];
const REGION = 'eu "west" \\ 1';
const TRACE = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: 'é "\\\n' };

/** Seconds since 1970 at which the summary began, and an event was counted. */
const COLLECTED_SINCE = Math.floor(Date.now() / 1000) - 30;
const COLLECTED_EXEMPLAR = {
  labels: { trace_id: 'collected' },
  value: -0.5,
  timestampSeconds: COLLECTED_SINCE + 0.125,
};

/** A registry that holds every type, with units, start times, exemplars and nasty label values, and what it has to come to. */
export const EVERY_TYPE = {
  collectedSince: COLLECTED_SINCE,
  createRegistry,
  samples,
  exemplars,
  metadata,
};

function createRegistry(): MetricsRegistry {
  const registry = new MetricsRegistry({ constantLabels: { region: REGION } });
  const registers = [registry];
  const help = 'A "counter" with \\ and\na line feed.';
  const requests = new Counter({ name: 'e2e_requests_total', help, labelNames: ['method'], registers });
  requests.labels('GET').inc(3, TRACE);
  requests.inc({ method: 'POST' }, 2 ** 53);
  new Counter({ name: 'e2e_sent_bytes_total', help: 'A counter with a unit.', unit: 'bytes', registers }).inc(
    12345.678,
  );
  const numbers = new Gauge({
    name: 'e2e_temperature_celsius',
    help: 'A gauge.',
    unit: 'celsius',
    labelNames: ['i'],
    registers,
  });
  NUMBERS.forEach((value, i) => numbers.set({ i }, value));
  const nasty = new Gauge({ name: 'e2e_nasty', help: 'Nasty label values.', labelNames: ['value'], registers });
  LABEL_VALUES.forEach((value, i) => nasty.set({ value }, i));
  const buckets = [1e-7, 0.1, 1];
  const duration = new Histogram({
    name: 'e2e_duration_seconds',
    help: 'A histogram.',
    unit: 'seconds',
    buckets,
    registers,
  });
  duration.labels().observe(0.5, TRACE);
  duration.labels().observe(3, { trace_id: 'above' });
  duration.observe(0.25);
  const build = new Info({ name: 'e2e_build_info', help: 'An info.', labelNames: ['version'], registers });
  build.set({ version: '1.4.0' });
  const states = ['waiting', 'running'];
  const phase = new StateSet({ name: 'e2e_phase', help: 'A state set.', states, labelNames: ['job_name'], registers });
  phase.select({ job_name: 'train' }, 'running');
  registry.registerCollector({ name: 'rest', collect: () => COLLECTED });
  return registry;
}

const COLLECTED = [
  {
    name: 'e2e_age_seconds',
    help: 'A gauge histogram.',
    type: 'gaugehistogram',
    unit: 'seconds',
    upperBounds: [1, 60],
    series: [{ labels: { queue: 'in' }, bucketCounts: [4, 3, 2], sum: 150.5 }],
  },
  {
    name: 'e2e_answer_bytes',
    help: 'A summary.',
    type: 'summary',
    unit: 'bytes',
    quantiles: [0.5, 1],
    createdSeconds: COLLECTED_SINCE,
    series: [{ labels: { path: '/' }, quantileValues: [100, 2.5e6], sum: 5e6, count: 7 }],
  },
  {
    name: 'e2e_collected_total',
    help: 'Counted elsewhere.',
    type: 'counter',
    series: [{ value: 9, exemplar: COLLECTED_EXEMPLAR }],
  },
  { name: 'e2e_mystery', help: 'An unknown.', type: 'unknown', series: [{ value: 42 }] },
] as const;

/** The samples that a scraper must have. */
function samples(wire: Wire): ParsedSample[] {
  const [sum, count] = wire === 'openmetrics' ? ['_gsum', '_gcount'] : ['_sum', '_count'];
  const expected: readonly (readonly [name: string, labels: Readonly<Record<string, string>>, value: number])[] = [
    ['e2e_requests_total', { method: 'GET' }, 3],
    ['e2e_requests_total', { method: 'POST' }, 2 ** 53],
    ['e2e_sent_bytes_total', {}, 12345.678],
    ...NUMBERS.map((value, i) => ['e2e_temperature_celsius', { i: String(i) }, value] as const),
    ...LABEL_VALUES.map((value, i) => ['e2e_nasty', { value }, i] as const),
    ['e2e_duration_seconds_bucket', { le: '1e-07' }, 0],
    ['e2e_duration_seconds_bucket', { le: '0.1' }, 0],
    ['e2e_duration_seconds_bucket', { le: '1.0' }, 2],
    ['e2e_duration_seconds_bucket', { le: '+Inf' }, 3],
    ['e2e_duration_seconds_sum', {}, 3.75],
    ['e2e_duration_seconds_count', {}, 3],
    ['e2e_build_info', { version: '1.4.0' }, 1],
    ['e2e_phase', { job_name: 'train', e2e_phase: 'waiting' }, 0],
    ['e2e_phase', { job_name: 'train', e2e_phase: 'running' }, 1],
    ['e2e_age_seconds_bucket', { queue: 'in', le: '1.0' }, 4],
    ['e2e_age_seconds_bucket', { queue: 'in', le: '60.0' }, 7],
    ['e2e_age_seconds_bucket', { queue: 'in', le: '+Inf' }, 9],
    [`e2e_age_seconds${sum}`, { queue: 'in' }, 150.5],
    [`e2e_age_seconds${count}`, { queue: 'in' }, 9],
    ['e2e_answer_bytes', { path: '/', quantile: '0.5' }, 100],
    ['e2e_answer_bytes', { path: '/', quantile: '1.0' }, 2.5e6],
    ['e2e_answer_bytes_sum', { path: '/' }, 5e6],
    ['e2e_answer_bytes_count', { path: '/' }, 7],
    ['e2e_collected_total', {}, 9],
    ['e2e_mystery', {}, 42],
  ];
  return expected.map(([name, labels, value]) => {
    return { name, labels: new Map(Object.entries({ ...labels, region: REGION })), value };
  });
}

/** The exemplars that a scraper must have, from a format that has exemplars. */
function exemplars(wire: Wire): ExpectedExemplar[] {
  // From OpenMetrics, Prometheus (2.42 and 3.5) takes the labels of exemplars without unescaping them.
  const trace = wire === 'openmetrics' ? { ...TRACE, span_id: 'é \\"\\\\\\n' } : TRACE;
  return [
    { series: 'e2e_collected_total', ...COLLECTED_EXEMPLAR },
    { series: 'e2e_requests_total method=GET', labels: trace, value: 3 },
    { series: 'e2e_duration_seconds_bucket le=1.0', labels: trace, value: 0.5 },
    { series: 'e2e_duration_seconds_bucket le=+Inf', labels: { trace_id: 'above' }, value: 3 },
  ];
}

/** What a scraper must know of the families: name, type and unit. Help texts are the same in each format. */
function metadata(wire: Wire, hasUnits: boolean): string[] {
  const families: readonly (readonly [string, string, string])[] =
    wire === 'openmetrics'
      ? [
          ['e2e_requests', 'counter', ''],
          ['e2e_sent_bytes', 'counter', 'bytes'],
          ['e2e_temperature_celsius', 'gauge', 'celsius'],
          ['e2e_nasty', 'gauge', ''],
          ['e2e_duration_seconds', 'histogram', 'seconds'],
          ['e2e_build', 'info', ''],
          ['e2e_phase', 'stateset', ''],
          ['e2e_age_seconds', 'gaugehistogram', 'seconds'],
          ['e2e_answer_bytes', 'summary', 'bytes'],
          ['e2e_collected', 'counter', ''],
          ['e2e_mystery', 'unknown', ''],
        ]
      : [
          ['e2e_requests_total', 'counter', ''],
          ['e2e_sent_bytes_total', 'counter', 'bytes'],
          ['e2e_temperature_celsius', 'gauge', 'celsius'],
          ['e2e_nasty', 'gauge', ''],
          ['e2e_duration_seconds', 'histogram', 'seconds'],
          ['e2e_build_info', 'gauge', ''],
          ['e2e_phase', 'gauge', ''],
          ['e2e_age_seconds', wire === 'text' ? 'histogram' : 'gaugehistogram', 'seconds'],
          ['e2e_answer_bytes', 'summary', 'bytes'],
          ['e2e_collected_total', 'counter', ''],
          ['e2e_mystery', 'unknown', ''],
        ];
  return families.map(([name, type, unit]) => `${name} ${type} ${hasUnits ? unit : ''}`.trim()).sort();
}
