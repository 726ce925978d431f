import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NativeSnapshot } from '../../lib/native/index.ts';
import { type ParsedFamily, parse, parseStream } from '../../lib/parse/index.ts';
import { readOpenMetrics2 } from '../support/read-openmetrics2.ts';
import { withMaps } from '../support/with-maps.ts';

const CONTENT_TYPE = 'application/openmetrics-text; version=2.0.0; charset=utf-8';

function samplesOf(text: string): ParsedFamily['samples'] {
  return withMaps(parse(`${text}\n# EOF\n`, CONTENT_TYPE)).flatMap(({ samples }) => samples);
}

const LABELS = new Map();

test('parse() reads names, start times and any number of exemplars in OpenMetrics 2.0', () => {
  const text = `# TYPE sent_bytes_total counter
# UNIT sent_bytes_total bytes
# HELP sent_bytes_total Sent \\"now\\"\\n.
sent_bytes_total{to="x"} 3 1700000001 st@1700000000.25 # {trace_id="a"} 1 1700000000.5 # {} 2 1700000000.75
sent_bytes_total{to="y"} 4
# TYPE "a.b" gauge
{"a.b","c.d"="e"} NaN
# EOF`;
  assert.deepEqual(withMaps(parse(text, CONTENT_TYPE)), [
    {
      name: 'sent_bytes_total',
      type: 'counter',
      help: 'Sent "now"\n.',
      unit: 'bytes',
      samples: [
        {
          name: 'sent_bytes_total',
          labels: new Map([['to', 'x']]),
          value: 3,
          timestampSeconds: 1_700_000_001,
          startSeconds: 1_700_000_000.25,
          exemplars: [
            { labels: new Map([['trace_id', 'a']]), value: 1, timestampSeconds: 1_700_000_000.5 },
            { labels: new Map(), value: 2, timestampSeconds: 1_700_000_000.75 },
          ],
        },
        { name: 'sent_bytes_total', labels: new Map([['to', 'y']]), value: 4 },
      ],
    },
    {
      name: 'a.b',
      type: 'gauge',
      help: '',
      unit: '',
      samples: [{ name: 'a.b', labels: new Map([['c.d', 'e']]), value: NaN }],
    },
  ]);
});

test('parse() reads the classic buckets of a histogram and the quantiles of a summary in OpenMetrics 2.0', () => {
  const text = `# TYPE h histogram
h {count:4,sum:5.75,bucket:[-Inf:0,-1.0:1,0.5:3,+Inf:4]} st@5
# TYPE g gaugehistogram
g {gcount:1.5,gsum:-2,bucket:[+Inf:1.5]}
# TYPE s summary
s {count:2,sum:3,quantile:[0.5:NaN,1:2]}`;
  const buckets = [
    { upperBound: -Infinity, count: 0 },
    { upperBound: -1, count: 1 },
    { upperBound: 0.5, count: 3 },
    { upperBound: Infinity, count: 4 },
  ];
  const quantiles = [
    { quantile: 0.5, value: NaN },
    { quantile: 1, value: 2 },
  ];
  assert.deepEqual(samplesOf(text), [
    { name: 'h', labels: LABELS, value: 4, startSeconds: 5, histogram: { count: 4, sum: 5.75, buckets } },
    {
      name: 'g',
      labels: LABELS,
      value: 1.5,
      histogram: { count: 1.5, sum: -2, buckets: [{ upperBound: Infinity, count: 1.5 }] },
    },
    { name: 's', labels: LABELS, value: 2, summary: { count: 2, sum: 3, quantiles } },
  ]);
});

test('parse() reads native buckets of OpenMetrics 2.0 as the library has them', () => {
  // The numbers of the example with all fields in the specification.
  const value =
    '{count:59,sum:1.2e2,schema:7,zero_threshold:1e-4,zero_count:0,negative_spans:[1:2],negative_buckets:[5,7],' +
    'positive_spans:[-1:2,3:4],positive_buckets:[5,7,10,9,8,8]}';
  const [sample] = samplesOf(`# TYPE h histogram\nh ${value} st@9 # {a="b"} 1 10`);
  const native = {
    schema: 7,
    zeroThreshold: 1e-4,
    zeroCount: 0,
    negative: { indexes: [1, 2], counts: [5, 7] },
    positive: { indexes: [-1, 0, 4, 5, 6, 7], counts: [5, 7, 10, 9, 8, 8] },
    count: 59,
    sum: 120,
    createdSeconds: 9,
    exemplars: [{ labels: { a: 'b' }, value: 1, timestampSeconds: 10 }],
  };
  assert.deepEqual(sample?.histogram, { count: 59, sum: 120, native });
});

test('parse() leaves out native buckets that count nothing, and reads spans that touch', () => {
  const value =
    '{count:3,sum:1,schema:0,zero_threshold:0,zero_count:0,positive_spans:[+0:2,0:1,4:02],positive_buckets:[1,0,1,0,1.0]}';
  const [sample] = samplesOf(`# TYPE h histogram\nh ${value}`);
  assert.deepEqual(sample?.histogram?.native?.positive, { indexes: [0, 2, 8], counts: [1, 1, 1] });
});

test('parse() reads native buckets from which NativeSnapshot computes quantiles', () => {
  const value = '{count:4,sum:10,schema:0,zero_threshold:0,zero_count:0,positive_spans:[1:2],positive_buckets:[2,2]}';
  const [sample] = samplesOf(`# TYPE h histogram\nh ${value}`);
  const snapshot = NativeSnapshot.from({ ...new NativeSnapshot(sample!.histogram!.native!).toJSON() });
  assert.equal(snapshot.quantile(1), 4);
});

test('parse() reads classic buckets behind native ones', () => {
  const value =
    '{count:2,sum:3,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[1:2],positive_buckets:[1,1],bucket:[0.5:0,4:2,+Inf:2]}';
  const [sample] = samplesOf(`# TYPE h histogram\nh ${value}`);
  assert.deepEqual(
    sample?.histogram?.buckets?.map(({ count }) => count),
    [0, 2, 2],
  );
  assert.equal(sample?.histogram?.native?.count, 2);
});

test('parse() reads a family of unknown type with a value of any kind', () => {
  const [number, summary, histogram] = samplesOf(
    'a 1 st@3 # {} 1 2\nb {count:1,sum:2,quantile:[]}\nc {count:0,sum:0,bucket:[+Inf:0]}',
  );
  assert.equal(number?.value, 1);
  assert.deepEqual(summary?.summary, { count: 1, sum: 2, quantiles: [] });
  assert.deepEqual(histogram?.histogram, { count: 0, sum: 0, buckets: [{ upperBound: Infinity, count: 0 }] });
});

test('parseStream() reads OpenMetrics 2.0 cut anywhere as parse() reads it whole', async () => {
  const text = `# TYPE h histogram
h{a="é"} {count:2,sum:3,schema:0,zero_threshold:0,zero_count:0,positive_spans:[1:2],positive_buckets:[1,1],bucket:[+Inf:2]} 1 st@0 # {} 1 2
# TYPE e stateset
e{e="a"} 1
e{e="b"} 0
# EOF
`;
  const bytes = new TextEncoder().encode(text);
  const expected = parse(text, CONTENT_TYPE);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const families: ParsedFamily[] = [];
    for await (const family of parseStream([bytes.subarray(0, cut), bytes.subarray(cut)], CONTENT_TYPE)) {
      families.push(family);
    }
    assert.deepEqual(families, expected, `${cut}`);
  }
});

test('parse() takes several samples of a metric in OpenMetrics 2.0, in the order of their times', () => {
  assert.equal(samplesOf('# TYPE a gauge\na 1 123\na 2 123\na 3 456').length, 3);
  assert.equal(samplesOf('# TYPE e stateset\ne{e="a"} 1 5\ne{e="a"} 0 6\ne{e="b"} 0 5\ne{e="b"} 1 6').length, 4);
});

test('lenient parse() of OpenMetrics 2.0 lists values that the type does not allow', () => {
  const text = `# TYPE h histogram
h {count:1,sum:2,bucket:[2:3,1:1,+Inf:5]}
h 4
# TYPE g gauge
g 1 st@5 # {} 1 2
# EOF
`;
  const { families, problems } = parse(text, CONTENT_TYPE, { lenient: true });
  assert.deepEqual(
    families.map(({ name, samples }) => [name, samples.length]),
    [
      ['h', 2],
      ['g', 1],
    ],
  );
  assert.deepEqual(
    problems.map(
      ({ line, message }) => `${line} ${message.replace(/^Cannot parse OpenMetrics 2\.0\.0: expected /, '')}`,
    ),
    [
      '2 a threshold above 2, got "1:1,+Inf:5]}" at line 2, column 30.',
      '2 a cumulative bucket of 3 or more, got 1 at line 2, column 3.',
      '3 a value in braces in h, which is of type histogram, got "4" at line 3, column 3.',
      '3 each series once, or its samples with timestamps, got h with the same labels again at line 3, column 1.',
      '5 no start timestamp on g, which is of type gauge, got "st@5" at line 5, column 5.',
    ],
  );
});

test('parse() reads a line of many native buckets in time that grows with it', () => {
  const counts = Array(200_000).fill(1).join();
  const value = `{count:200000,sum:1,schema:8,zero_threshold:0,zero_count:0,positive_spans:[0:200000],positive_buckets:[${counts}]}`;
  const [sample] = samplesOf(`# TYPE h histogram\nh ${value}`);
  assert.equal(sample?.histogram?.native?.positive.indexes.length, 200_000);
});

// What Prometheus's parser of OpenMetrics 2.0 says (model/textparse/openmetrics2parse.go and its tests, pull request 18606, August
// 2026), and what the specification says where they differ.

const HISTOGRAM = '# TYPE a histogram\na ';
const NATIVE = 'schema:0,zero_threshold:0,zero_count:1';

for (const [claim, text] of [
  [
    'a summary, in any order of metadata',
    '# HELP a A.\n# TYPE a summary\n# UNIT a seconds\na {count:9,sum:0.4,quantile:[0:4e-05,0.5:8e-05]}',
  ],
  ['a unit that the name does not end with', '# TYPE a gauge\n# UNIT a fds\na 8.0'],
  ['a unit before the type', '# UNIT a requests\n# TYPE a counter\na 1.0'],
  ['a start without a time', '# TYPE a_total counter\na_total 42.0 st@500000.0'],
  ['a time and a start', `${HISTOGRAM}{count:2,sum:4.0,bucket:[1.0:1,+Inf:2]} 1234567.0 st@1000.0`],
  ['an exemplar of more than 128 characters', `# TYPE a counter\na 1.0 # {data="${'x'.repeat(200)}"} 1.0 1234567.0`],
  ['an exemplar with a quoted label name', '# TYPE a counter\na 1 # {"my.id"="abc"} 5 1520879600.789'],
  [
    'empty lists of spans and buckets',
    `${HISTOGRAM}{count:1,sum:0,${NATIVE},negative_spans:[],negative_buckets:[],positive_spans:[],positive_buckets:[]}`,
  ],
  [
    'native buckets that are not whole',
    `${HISTOGRAM}{count:1.5,sum:0,${NATIVE},positive_spans:[0:1],positive_buckets:[0.5]}`,
  ],
  ['a gauge histogram', '# TYPE a gaugehistogram\na {gcount:3,gsum:2,bucket:[100:1,500:3,+Inf:3]}'],
  ['no type at all', 'a 42'],
] as const) {
  test(`parse() takes from OpenMetrics 2.0 what Prometheus takes: ${claim}`, () => {
    assert.equal(samplesOf(text).length, 1);
    assert.equal(readOpenMetrics2(`${text}\n# EOF\n`).length, 1);
  });
}

for (const [claim, text] of [
  ['no EOF', 'a 1.0\n'],
  ['a line behind EOF', '# EOF\nb\n'],
  ['an exemplar without a time', '# TYPE a counter\na 1.0 # {id="x"} 1.0\n# EOF\n'],
  ['no count', `${HISTOGRAM}{sum:1.0,${NATIVE}}\n# EOF\n`],
  ['no sum', `${HISTOGRAM}{count:1,${NATIVE}}\n# EOF\n`],
  ['no zero threshold', `${HISTOGRAM}{count:1,sum:1.0,schema:0,zero_count:1}\n# EOF\n`],
  ['no zero count', `${HISTOGRAM}{count:0,sum:1.0,schema:0,zero_threshold:0}\n# EOF\n`],
  ['a field twice', `${HISTOGRAM}{count:1,count:1,sum:1.0,${NATIVE}}\n# EOF\n`],
  ['no buckets', `${HISTOGRAM}{count:1,sum:1.0}\n# EOF\n`],
  ['no quantiles', '# TYPE a summary\na {count:1,sum:1.0}\n# EOF\n'],
  ['two times', '# TYPE a counter\na 42.0 1000000.0 2000000.0\n# EOF\n'],
  ['two starts', '# TYPE a counter\na 42.0 st@500000.0 st@600000.0\n# EOF\n'],
  ['a time behind the start', '# TYPE a counter\na 42.0 st@500000.0 600000.0\n# EOF\n'],
  ['an empty name', '{"",label="v"} 1.0\n# EOF\n'],
  ['an empty name in metadata', '# TYPE "" counter\n# EOF\n'],
  ['a name behind labels', '{label="v","m.n"} 1.0\n# EOF\n'],
  ['thresholds in no order', `${HISTOGRAM}{count:3,sum:6.0,bucket:[+Inf:3,0.1:1,1.0:2]}\n# EOF\n`],
  ['an info of another name', '# TYPE a info\na 1\n# EOF\n'],
  ['a unit of an info', '# TYPE a_info info\n# UNIT a_info x\na_info 1\n# EOF\n'],
  ['an info of 2', '# TYPE a_info info\na_info 2\n# EOF\n'],
  ['a state of 2', '# TYPE a stateset\na{a="b"} 2\n# EOF\n'],
  ['a state without its label', '# TYPE a stateset\na{b="b"} 1\n# EOF\n'],
  ['a counter that is NaN', '# TYPE a counter\na NaN\n# EOF\n'],
  ['one number of a histogram', `${HISTOGRAM}1\n# EOF\n`],
  ['a composite value of a counter', '# TYPE a counter\na {count:1,sum:1,quantile:[]}\n# EOF\n'],
  ['a count below 0', `${HISTOGRAM}{count:-1,sum:NaN,${NATIVE}}\n# EOF\n`],
  ['a schema of 9', `${HISTOGRAM}{count:1,sum:1,schema:9,zero_threshold:0,zero_count:1}\n# EOF\n`],
  ['a threshold below 0', `${HISTOGRAM}{count:1,sum:1,schema:0,zero_threshold:-1,zero_count:1}\n# EOF\n`],
  ['a count that is not that of the buckets', `${HISTOGRAM}{count:3,sum:1,${NATIVE}}\n# EOF\n`],
  // From here on Prometheus takes what the specification forbids.
  [
    'positive buckets before negative ones',
    `${HISTOGRAM}{count:1,sum:0,${NATIVE},positive_spans:[],positive_buckets:[],negative_spans:[],negative_buckets:[]}\n# EOF\n`,
  ],
  ['exemplars of a gauge', '# TYPE a gauge\na 1 # {} 5 1520879600.789\n# EOF\n'],
  ['blanks in a list', `${HISTOGRAM}{count:1,sum:0,${NATIVE},positive_spans:[ ],positive_buckets:[]}\n# EOF\n`],
  ['a quote in a help text', '# HELP a The "A".\na 1\n# EOF\n'],
  ['a family in two groups', '# TYPE a gauge\na{b="1"} 1\nc 1\na{b="2"} 1\n# EOF\n'],
] as const) {
  test(`parse() refuses in OpenMetrics 2.0: ${claim}`, () => {
    const message = /^Cannot parse OpenMetrics 2\.0\.0: expected .+, got .+ at line \d+, column \d+\./;
    assert.throws(() => parse(text, CONTENT_TYPE), { name: 'SyntaxError', message });
    assert.throws(() => readOpenMetrics2(text), SyntaxError);
  });
}
