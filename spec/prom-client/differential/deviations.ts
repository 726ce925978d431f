import type { Deviation, Difference } from './compare-outcomes.ts';
import { canonicalBounds, inLabels, inQuantiles, inSamples, sortLabels, withoutNewMetrics } from './rewrites.ts';

/**
 * What the generated programs show of the deviations from prom-client. Each has a row in
 * docs/migrating-from-prom-client.md, whose first cell is its name. The first one that explains a difference counts.
 */
export const DEVIATIONS: readonly Deviation[] = [
  { name: 'le and quantile, in OpenMetrics', rewrite: inSamples(canonicalBounds) },
  {
    name: 'not a number',
    rewrite: inSamples((name, labels, value) => [name, labels, value.replace(/\bNan\b/, 'NaN')]),
  },
  { name: 'order of labels', rewrite: inLabels(sortLabels) },
  {
    name: 'a label value is an object',
    rewrite: inLabels((labels, isText) =>
      isText ? labels : labels.map(([name, value]) => [name, typeof value === 'object' ? String(value) : value]),
    ),
  },
  {
    name: 'a quote in a help text, in OpenMetrics',
    rewrite: (value, isText) =>
      isText ? (value as string).replace(/^# HELP .*$/gm, (line) => line.replaceAll('\\"', '"')) : value,
  },
  { name: 'a label is missing', rewrite: inLabels((labels) => labels.filter(([, value]) => value !== '')) },
  { name: 'quantiles without an observation', rewrite: inQuantiles((value) => (value === '0' ? 'NaN' : value)) },
  { name: 'values of quantiles', rewrite: inQuantiles((value) => (/^(0|NaN)$/.test(value) ? value : 'estimated')) },
  { name: 'new', rewrite: withoutNewMetrics },
  { name: 'counter.inc(NaN)', explains: refusedHere(/\binc\(.*\bNaN\b/) },
  { name: 'a value that is no number', explains: refusedHere(/\b(inc|dec)\(/) },
  { name: 'a label value is undefined or null', explains: ({ there }) => /="(undefined|null)"/.test(text(there)) },
  {
    name: 'a label that an object inherits',
    explains: ({ program }) => program.lines.some((line) => line.includes('Object.create')),
  },
  {
    name: 'null instead of labels',
    explains: ({ program, here }) =>
      'value' in here && program.lines.some((line) => /\w\((null|undefined)\)/.test(line)),
  },
  { name: 'an empty array instead of labels', explains: refusedHere(/\(\[\]/) },
  { name: 'zero() with an unknown label', explains: refusedHere(/zero\(/) },
  { name: 'the result of counter.inc()', explains: ({ there }) => text(there).includes('labelHash') },
  { name: 'remove()', explains: ({ line, here }) => /^m\.remove/.test(line) && /^(true|false)$/.test(text(here)) },
  {
    name: 'a held child without updates',
    explains: ({ program, there, here }) =>
      (/^a child of/.test(program.about) && /"values":\[\]/.test(text(there))) ||
      // The timer of a child that ends for another one.
      (/startTimer/.test(program.about) && /(_count)?\{a="x",b="y"\} 0/.test(text(here))),
  },
  {
    name: 'the name of a counter, in OpenMetrics',
    explains: ({ program, there, here }) =>
      program.lines.includes('r.setContentType(OPENMETRICS)') &&
      /"m_total"|^m_total$/.test(text(here)) &&
      /"m"|^m$/.test(text(there)),
  },
  {
    name: 'get() after getMetricsAsJSON()',
    explains: ({ program }) => program.about === 'get() after getMetricsAsJSON()',
  },
  { name: 'a reserved label name', explains: refusedHere(/'(le|quantile|__a)'|le: /) },
  { name: 'label __name__, a label name twice', explains: refusedHere(/'__name__'|\['a', 'a'\]/) },
  { name: 'a help text that is no string', explains: refusedHere(/help: 5/) },
  { name: 'an unknown aggregator', explains: refusedHere(/aggregator: 'wild'/) },
  {
    name: 'an option that is undefined',
    explains: ({ there, here, program }) =>
      program.lines[0]!.includes(': undefined') &&
      'value' in here &&
      ('name' in there || /"aggregator":"sum"/.test(text(here))),
  },
  { name: 'buckets that are unsorted or have duplicates', explains: refusedHere(/buckets: /) },
  {
    name: 'a bucket with the bound -1',
    explains: ({ program }) => program.lines.some((line) => line.includes('buckets: [-1')),
  },
  { name: 'a bucket with an infinite bound', explains: ({ there }) => text(there).includes('le="Infinity"') },
  { name: 'invalid percentiles', explains: refusedHere(/percentiles: \[(?!0\.5\])/) },
  {
    name: 'the order of percentiles',
    explains: ({ program }) => program.lines[0]!.includes('percentiles: [0.9, 0.5]'),
  },
  {
    name: 'NaN in aggregate()',
    explains: ({ program, there, here }) =>
      /aggregate\(\)/.test(program.about) && /NaN/.test(text(here)) && !/nan/i.test(text(there)),
  },
  {
    name: 'a metric without an aggregator, in aggregate()',
    explains: ({ there }) => text(there).startsWith("'undefined' is not a defined aggregator"),
  },
  {
    name: 'a constructor that throws',
    explains: ({ program, here }) => /^new /.test(program.about) && /^(\[\]|\n)$/.test(text(here)),
  },
  {
    name: 'one collect throws',
    explains: ({ program, there, here }) =>
      program.lines.some((line) => /new Error\(["']no["']\)/.test(line)) && 'name' in there && 'value' in here,
  },
  {
    name: 'exemplar labels that are too long',
    explains: ({ program }) => program.lines.some((line) => line.includes('xxxxx')),
  },
  {
    name: 'exemplars through labels(…)',
    explains: ({ program }) =>
      program.lines.some((line) => line.includes("m.labels('x')")) && /^exemplars/.test(program.about),
  },
  { name: 'x_count beside a histogram x', explains: refusedHere(/m_count/) },
  { name: 'an empty registry, in OpenMetrics', explains: ({ there }) => text(there) === '\n# EOF\n' },
  {
    name: 'registerMetric() of an object that is not a metric and has no get()',
    explains: refusedHere(/registerMetric\(({}|'m')\)/),
  },
  { name: 'Registry.merge() of no registries', explains: refusedThere(/merge\(\[\]\)/) },
  { name: 'setDefaultLabels() with invalid labels', explains: refusedHere(/setDefaultLabels\((null|'x')?\)/) },
  {
    name: 'linearBuckets() and exponentialBuckets() with arguments that give no valid buckets',
    explains: refusedHere(/Buckets\(/),
  },
  {
    name: 'new Pushgateway(url, registry)',
    explains: ({ program }) => program.lines.some((line) => /Pushgateway\(server\.url, r2?\)/.test(line)),
  },
  {
    name: 'an object with get() that returns no help',
    explains: ({ program, there, here }) =>
      program.lines.some((line) => /get\(\) { return { name: 'f', type/.test(line)) &&
      'name' in there &&
      'value' in here,
  },
  {
    name: 'an object with get() and without a name',
    explains: ({ program, there, here }) =>
      program.lines.some((line) => line.includes('{ async get()')) && 'name' in there && 'value' in here,
  },
  {
    name: 'maxAgeSeconds: 0, ageBuckets: 0',
    explains: ({ program, there, here }) =>
      program.lines[0]!.includes('ageBuckets: 0') && 'name' in there && 'value' in here,
  },
  { name: 'the result of removeSingleMetric()', explains: ({ line }) => /^\w+\.removeSingleMetric/.test(line) },
  {
    name: 'a missing label and a default label of its name',
    explains: ({ there, here, program }) =>
      /setDefaultLabels/.test(program.lines[0] ?? '') &&
      /"default"|"eu"/.test(text(there)) &&
      /(a|region)=""/.test(text(here)),
  },
  {
    name: 'a gauge that is set with the label value 1, then "1"',
    explains: ({ program }) => program.about === 'a gauge, numbers and texts',
  },
  {
    name: 'the type untyped, in OpenMetrics',
    rewrite: (value, isText) => (isText ? (value as string).replace(/^(# TYPE .*) untyped$/gm, '$1 unknown') : value),
  },
  {
    name: 'a method of a child without the child, such as const { inc } = counter.labels("a")',
    explains: refusedHere(/\bchild\(2\)/),
  },
  {
    name: 'fields that hold options, such as histogram.buckets, summary.percentiles and pushgateway.gatewayUrl',
    explains: ({ program }) => program.about === 'a field with an option',
  },
  {
    name: 'an invalid name and registers: []',
    explains: ({ program, there, here }) =>
      program.about.endsWith('in no registry') && 'name' in there && 'value' in here,
  },
  {
    name: 'an exemplar with a number for a label',
    explains: ({ program, line }) =>
      program.about === 'an exemplar with a number for a label' && line.startsWith('m.get()'),
  },
  {
    name: 'a negative sum or quantile, in OpenMetrics',
    explains: ({ program, line }) => /in OpenMetrics$/.test(program.about) && line === 'r.metrics()',
  },
  { name: 'a push with an exemplar', explains: ({ program }) => program.about === 'a push with an exemplar' },
  { name: 'an unknown option', explains: refusedHere(/Pushgateway\(server\.url, \{ (tiemout|port)/) },
  { name: 'new Pushgateway() of an invalid address', explains: refusedHere(/new client\.Pushgateway\(/) },
  {
    name: 'an address that ends with a slash',
    explains: ({ there }) => text(there).includes('//metrics'),
  },
  { name: 'a callback', explains: ({ line }) => line.includes('(error, resp, body)') },
  {
    name: 'a grouping that is undefined or null',
    explains: ({ there }) => /key\/(undefined|null)/.test(text(there)),
  },
  {
    name: 'groupings without a job, with requireJobName: false',
    explains: ({ program }) => program.about === 'a push without requireJobName',
  },
  { name: 'a grouping with a slash, an empty one, ..', explains: ({ here }) => text(here).includes('@base64') },
];

/** Deviations that are to go: the page has no row for them. Whoever removes one takes it out here. */
export const OPEN: readonly Deviation[] = [];

/** Throws here, and not there. */
function refusedHere(line: RegExp): (difference: Difference) => boolean {
  return (difference) => line.test(difference.line) && 'value' in difference.there && 'name' in difference.here;
}

/** Throws there, and not here. */
function refusedThere(line: RegExp): (difference: Difference) => boolean {
  return (difference) => line.test(difference.line) && 'name' in difference.there && 'value' in difference.here;
}

function text(outcome: Difference['there']): string {
  if ('message' in outcome) return outcome.message;
  return typeof outcome.value === 'string' ? outcome.value : JSON.stringify(outcome.value);
}
