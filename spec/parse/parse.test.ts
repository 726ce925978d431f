import assert from 'node:assert/strict';
import { test } from 'node:test';
import parsing, { parse, parseStream } from '../../lib/parse/index.ts';
import { withMaps } from '../support/with-maps.ts';

const TEXT_1 = 'text/plain; version=1.0.0; escaping=allow-utf-8; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The example of the description of the text format, with its comments and its alignment. */
const DESCRIPTION = String.raw`# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363001

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# TYPE telemetry_latency_microseconds summary
telemetry_latency_microseconds{quantile="0.01"} 3102
telemetry_latency_microseconds{quantile="0.5"} 4773
telemetry_latency_microseconds_sum 1.7560473e+07
telemetry_latency_microseconds_count 2693
`;

test('The entry gives parse() and parseStream(), by name and by default', () => {
  assert.deepEqual(parsing, { parse, parseStream });
});

test('parse() reads the text format into families', () => {
  const summary = 'telemetry_latency_microseconds';
  assert.deepEqual(withMaps(parse(DESCRIPTION)), [
    {
      name: 'http_requests_total',
      type: 'counter',
      help: 'The total number of HTTP requests.',
      unit: '',
      samples: [
        {
          name: 'http_requests_total',
          labels: new Map([
            ['method', 'post'],
            ['code', '200'],
          ]),
          value: 1027,
          timestampSeconds: 1395066363,
        },
        {
          name: 'http_requests_total',
          labels: new Map([
            ['method', 'post'],
            ['code', '400'],
          ]),
          value: 3,
          timestampSeconds: 1395066363.001,
        },
      ],
    },
    {
      name: 'msdos_file_access_time_seconds',
      type: 'unknown',
      help: '',
      unit: '',
      samples: [
        {
          name: 'msdos_file_access_time_seconds',
          labels: new Map([
            ['path', 'C:\\DIR\\FILE.TXT'],
            ['error', 'Cannot find file:\n"FILE.TXT"'],
          ]),
          value: 1458255915,
        },
      ],
    },
    {
      name: 'something_weird',
      type: 'unknown',
      help: '',
      unit: '',
      samples: [
        {
          name: 'something_weird',
          labels: new Map([['problem', 'division by zero']]),
          value: Infinity,
          timestampSeconds: -3982.045,
        },
      ],
    },
    {
      name: summary,
      type: 'summary',
      help: '',
      unit: '',
      samples: [
        { name: summary, labels: new Map([['quantile', '0.01']]), value: 3102 },
        { name: summary, labels: new Map([['quantile', '0.5']]), value: 4773 },
        { name: `${summary}_sum`, labels: new Map(), value: 17560473 },
        { name: `${summary}_count`, labels: new Map(), value: 2693 },
      ],
    },
  ]);
});

test('parse() reads quoted names in text 1.0.0', () => {
  const text = String.raw`# HELP "my.metric" With a dot.
# TYPE "my.metric" histogram
{"my.metric_bucket","label.x"="v",plain="1",le="+Inf"} 1
{"my.metric_bucket","label.x"="w",plain="1",le="+Inf"} 2
{"my.metric_count","label.x"="v",plain="1"} 1
{"my.metric_count","label.x"="w","plain"="1"} 2
{"a \"quote\"\n\\"} 1
plain{"label.x"="v","plain"="1"} 1
`;
  const labels = (x: string, more: [string, string][] = []) => new Map([['label.x', x], ['plain', '1'], ...more]);
  const [histogram, ...others] = withMaps(parse(text, TEXT_1));
  assert.deepEqual(histogram, {
    name: 'my.metric',
    type: 'histogram',
    help: 'With a dot.',
    unit: '',
    samples: [
      { name: 'my.metric_bucket', labels: labels('v', [['le', '+Inf']]), value: 1 },
      { name: 'my.metric_bucket', labels: labels('w', [['le', '+Inf']]), value: 2 },
      { name: 'my.metric_count', labels: labels('v'), value: 1 },
      { name: 'my.metric_count', labels: labels('w'), value: 2 },
    ],
  });
  assert.deepEqual(
    others.map(({ samples }) => samples),
    [[{ name: 'a "quote"\n\\', labels: new Map(), value: 1 }], [{ name: 'plain', labels: labels('v'), value: 1 }]],
  );
});

test('parse() reads every type of OpenMetrics, with units, timestamps and exemplars', () => {
  const text = String.raw`# TYPE a_seconds counter
# UNIT a_seconds seconds
# HELP a_seconds One \"quoted\".
a_seconds_total{b="c"} 1.5 12.25 # {trace_id="x"} 0.5 12
a_seconds_created{b="c"} 1 12.25
# TYPE g gauge
g 1 1
g 2 2
# TYPE h histogram
h_bucket{le="0.5"} 1 # {} 0.25
h_bucket{le="+Inf"} 2
h_count 2
h_sum 3
h_created 4
# TYPE gh gaugehistogram
gh_bucket{le="-1.0"} 1
gh_bucket{le="+Inf"} 2
gh_gcount 2
gh_gsum -3
# TYPE i info
i_info{version="1"} 1
# TYPE s summary
s{quantile="0.5"} NaN
s_count 0
# TYPE state stateset
state{state="on"} 1
state{state="off"} 0
unknown{x="\x"} -Inf
# EOF`;
  const families = withMaps(parse(text, OPENMETRICS));
  assert.deepEqual(
    families.map(({ name, type, help, unit, samples }) => [name, type, help, unit, samples.length]),
    [
      ['a_seconds', 'counter', 'One "quoted".', 'seconds', 2],
      ['g', 'gauge', '', '', 2],
      ['h', 'histogram', '', '', 5],
      ['gh', 'gaugehistogram', '', '', 4],
      ['i', 'info', '', '', 1],
      ['s', 'summary', '', '', 2],
      ['state', 'stateset', '', '', 2],
      ['unknown', 'unknown', '', '', 1],
    ],
  );
  assert.deepEqual(families[0]?.samples[0], {
    name: 'a_seconds_total',
    labels: new Map([['b', 'c']]),
    value: 1.5,
    timestampSeconds: 12.25,
    exemplar: { labels: new Map([['trace_id', 'x']]), value: 0.5, timestampSeconds: 12 },
  });
  assert.deepEqual(families[2]?.samples[0], {
    name: 'h_bucket',
    labels: new Map([['le', '0.5']]),
    value: 1,
    exemplar: { labels: new Map(), value: 0.25 },
  });
  // OpenMetrics 1.0, "Escaping": an undefined escape stands for itself.
  assert.deepEqual(families[7]?.samples[0]?.labels, new Map([['x', '\\x']]));
});

test('parse() reads quoted names in OpenMetrics where the content type allows them', () => {
  const text = '# TYPE "a.b" counter\n{"a.b_total","c.d"="e"} 1 # {"f.g"="h"} 1\n# EOF\n';
  assert.deepEqual(withMaps(parse(text, `${OPENMETRICS}; escaping=allow-utf-8`)), [
    {
      name: 'a.b',
      type: 'counter',
      help: '',
      unit: '',
      samples: [
        {
          name: 'a.b_total',
          labels: new Map([['c.d', 'e']]),
          value: 1,
          exemplar: { labels: new Map([['f.g', 'h']]), value: 1 },
        },
      ],
    },
  ]);
});

test('parse() reads nothing as no family in the text formats', () => {
  assert.deepEqual(parse(''), []);
  assert.deepEqual(parse('\n \t\n# a comment\n#\n'), []);
});

test('parse() reads blanks between tokens, and a comma behind the last label, in the text formats', () => {
  const text = '\ta\t{ b = "c" ,\td="e"\t, } 1 \t 123 \t\na{b="c"}-Inf\n  # \t TYPE  f\tgauge  \nf{ } 1\n';
  const [family] = withMaps(parse(text));
  assert.deepEqual(family?.samples, [
    {
      name: 'a',
      labels: new Map([
        ['b', 'c'],
        ['d', 'e'],
      ]),
      value: 1,
      timestampSeconds: 0.123,
    },
    { name: 'a', labels: new Map([['b', 'c']]), value: -Infinity },
  ]);
});

test('parse() takes a word that only begins as HELP or TYPE for a comment', () => {
  assert.deepEqual(parse('# HELPER a b\n#TYPES a counter\n#HELP a b\n'), [
    { name: 'a', type: 'unknown', help: 'b', unit: '', samples: [] },
  ]);
});

test('parse() reads histograms that have le among their other labels', () => {
  const lines = ['1', '2'].flatMap((a) => [
    `h_bucket{a="${a}",le="1",b="${a}"} ${a}\n`,
    `h_bucket{a="${a}",le="+Inf",b="${a}"} ${a}\n`,
  ]);
  const counts = ['1', '2'].map((a) => `h_count{a="${a}",b="${a}"} ${a}\n`);
  const [family] = parse(['# TYPE h histogram\n', ...lines, ...counts].join(''));
  assert.deepEqual(
    family?.samples.map(({ value }) => value),
    [1, 1, 2, 2, 1, 2],
  );
});

test('parse() keeps a HELP text behind its first blank as it is', () => {
  const [family] = parse('# HELP a  two\\nlines, a \\\\, a \\" and a " \t\n# TYPE a counter\n');
  assert.equal(family?.help, ' two\nlines, a \\, a " and a " \t');
});

test('parse() gives families of which there is metadata only', () => {
  const [a, b] = parse('# HELP a\n# TYPE b untyped\n');
  assert.deepEqual(a, { name: 'a', type: 'unknown', help: '', unit: '', samples: [] });
  assert.deepEqual(b, { name: 'b', type: 'unknown', help: '', unit: '', samples: [] });
});

test('parse() reads bytes as it reads text', () => {
  const text = '# HELP a é漢😀\na{b="é漢😀\u0000"} 1\nc{b="x"} 2\n';
  assert.deepEqual(parse(new TextEncoder().encode(text)), parse(text));
});

test('parse() reads a line of 1 MiB', () => {
  const value = 'x'.repeat(2 ** 20 - 'a{b=""} 1'.length);
  const [family] = parse(`a{b="${value}"} 1\n`);
  assert.equal(family?.samples[0]?.labels.get('b'), value);
});

test('parse() reads any number of labels and label names', () => {
  const names = Array.from({ length: 500 }, (_, i) => `l${i}`);
  const line = (order: readonly string[]) => `a{${order.map((name) => `${name}="1"`).join(',')}} 1\n`;
  const [family] = parse(line(names));
  assert.deepEqual([...(family?.samples[0]?.labels.keys() ?? [])], names);
  // More names than are known by rank, in two orders: still the same series.
  assert.throws(() => parse(line(names) + line(names.toReversed())), /expected each series once/);
});

test('parse() refuses what is neither text nor bytes', () => {
  assert.throws(() => parse(1 as unknown as string), {
    name: 'TypeError',
    message: 'Cannot parse an exposition: expected a string or a Uint8Array, got number.',
  });
});
