/**
 * What spec/downstream/programs/differences.cjs prints: on prom-client, and on this library. A line of
 * docs/migrating-from-prom-client.md says each in words, under the same name.
 */
export const KNOWN_DIFFERENCES: Readonly<Record<string, { readonly there: unknown; readonly here: unknown }>> = {
  'a label is missing': {
    there: [['x{a="x"} 3', 'x{a="x",b="y"} 1'], []],
    here: [['x{a="x",b=""} 3', 'x{a="x",b="y"} 1'], ['METRICS_MISSING_LABEL']],
  },
  'a label value is undefined or null': {
    there: ['x{a="undefined"} 1', 'x{a="null"} 1'],
    here: ['x{a=""} 2'],
  },
  'a label value is an object': {
    there: [null, ['x{a="quote " in it"} 1']],
    here: [null, ['x{a="quote \\" in it"} 1']],
  },
  'two sets of label values that look alike, such as { a: "1,b:2" } and { a: "1", b: "2" }': {
    there: 1,
    here: 2,
  },
  'a label object is changed and used again': {
    there: ['x{a="y"} 1', 'x{a="y"} 1'],
    here: ['x{a="x"} 1', 'x{a="y"} 1'],
  },
  'a held child without updates': {
    there: [],
    here: ['x{a="x"} 0'],
  },
  'counter.inc(NaN)': {
    there: [{ labelHash: '' }, ['x Nan']],
    here: ['RangeError', ['x 0']],
  },
  'buckets that are unsorted or have duplicates': {
    there: ['object', 'object'],
    here: ['RangeError', 'RangeError'],
  },
  'a bucket with the bound -1': {
    there: ['x_bucket{le="-1"} 1', 'x_bucket{le="1"} 1', 'x_bucket{le="+Inf"} 1', 'x_sum 5', 'x_count 1'],
    here: ['x_bucket{le="-1"} 0', 'x_bucket{le="1"} 0', 'x_bucket{le="+Inf"} 1', 'x_sum 5', 'x_count 1'],
  },
  'remove()': {
    there: ['nothing', 'nothing'],
    here: [true, false],
  },
  'a constructor that throws': {
    there: 1,
    here: 0,
  },
  'label __name__, a label name twice': {
    there: ['object', 'object'],
    here: ['RangeError', 'RangeError'],
  },
  'x_count beside a histogram x': {
    there: 'object',
    here: 'RangeError',
  },
  'a metric that is there already': {
    there: ['Error', 'Error'],
    here: ['RangeError', true],
  },
  'quantiles without an observation': {
    there: 'x{quantile="0.5"} 0',
    here: 'x{quantile="0.5"} NaN',
  },
  'exemplars through labels(…)': {
    there: ['x_total 1'],
    here: ['x_total{a="x"} 1'],
  },
  'the name of a counter, in OpenMetrics': {
    there: 'x',
    here: 'x_total',
  },
  'getSingleMetricAsString() of a counter, in OpenMetrics': {
    there: 'x_total_total 1',
    here: 'x_total 1',
  },
  'constant labels of a merged registry': {
    there: ['x 0'],
    here: ['x{region="eu"} 0'],
  },
  'le and quantile, in OpenMetrics': {
    there: ['1e-7', '1', '+Inf'],
    here: ['1e-07', '1.0', '+Inf'],
  },
  'not a number': {
    there: ['x Nan'],
    here: ['x NaN'],
  },
  'order of labels': {
    there: 'x_bucket{le="+Inf",b="2",a="1"} 1',
    here: 'x_bucket{le="+Inf",a="1",b="2"} 1',
  },
  'one collect throws': {
    there: 'rejected',
    here: ['good 1', 'metrics_client_collector_failures_total{collector="bad"} 1'],
  },
  'two scrapes at once': {
    there: [[['x{a="x"} 1'], ['x{a="x"} 2']], 'gauge'],
    here: [[['x{a="x"} 1'], ['x{a="x"} 1']], 'gauge'],
  },
  'a label of a metric and a constant label that are the same': {
    there: { a: 'constant' },
    here: { a: '' },
  },
  'a default label without a value': {
    there: ['x{a="undefined",b="null"} 0'],
    here: ['x 0'],
  },
  'NaN in aggregate()': {
    there: ['average 2', 'max 4', 'min 0'],
    here: ['average 4', 'max 4', 'min 4'],
  },
  'an object with get() and samples of another name': {
    there: ['# TYPE x gauge', 'x 1', 'x_max 2'],
    here: ['# TYPE x gauge', 'x 1', '# TYPE x_max untyped', 'x_max 2'],
  },
  'an object with get() and two samples of the same labels': {
    there: ['x{a="b"} 1', 'x{a="b"} 2'],
    here: ['x{a="b"} 2'],
  },
  'fs.readdirSync(), where a test replaces it': { there: true, here: false },
  'client.contentType = …': {
    there: [true, true],
    here: [true, false],
  },
};
