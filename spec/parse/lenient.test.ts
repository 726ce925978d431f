import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, parseStream } from '../../lib/parse/index.ts';

const HISTOGRAM = '# TYPE a histogram\n';
const OPENMETRICS = 'application/openmetrics-text';

/** What real exporters serve and Prometheus 3.5 scrapes: the text, the samples it takes, the families, the problems. */
const PAGES: readonly (readonly [string, string, number, readonly string[], readonly string[]])[] = [
  [
    'interleaved families',
    '# HELP a A.\n# TYPE a gauge\na{n="1"} 12\n# HELP b B.\n# TYPE b gauge\nb{n="1"} 3\na{n="2"} 7\nb{n="2"} 1\na{n="3"} 1\n',
    5,
    ['gauge a', 'gauge b'],
    ['7:1 all lines of a in one group', '8:1 all lines of b in one group'],
  ],
  [
    'repeated HELP and TYPE',
    '# HELP a A.\n# TYPE a counter\na{t="1"} 410\n# HELP a A.\n# TYPE a counter\na{t="2"} 95\n',
    2,
    ['counter a'],
    ['4:8 HELP of a before its samples', '5:8 TYPE of a before its samples'],
  ],
  [
    'TYPE after samples',
    'a_total 5\n# TYPE a_total counter\n# HELP a_total Hits.\nb_total 2\n',
    2,
    ['counter a_total', 'unknown b_total'],
    ['2:8 TYPE of a_total before its samples', '3:8 HELP of a_total before its samples'],
  ],
  [
    'a histogram without _count',
    `${HISTOGRAM}a_bucket{le="0.5"} 3\na_bucket{le="+Inf"} 4\na_sum 1.75\n`,
    3,
    ['histogram a'],
    ['2:1 _count beside the buckets'],
  ],
  [
    'a _count unlike the last bucket',
    `${HISTOGRAM}a_bucket{le="1"} 8\na_bucket{le="+Inf"} 9\na_sum 6.5\na_count 10\n`,
    4,
    ['histogram a'],
    ['2:1 _count as the +Inf bucket has it, 9'],
  ],
  [
    'a histogram twice',
    ['1', '2']
      .map((s) => `${HISTOGRAM}a_bucket{s="${s}",le="+Inf"} 2\na_sum{s="${s}"} 1\na_count{s="${s}"} 2\n`)
      .join(''),
    6,
    ['histogram a'],
    ['5:8 TYPE of a before its samples'],
  ],
  ['a series twice', 'a 1\na 2\n', 2, ['unknown a'], ['2:1 each series once']],
  ['two types', '# TYPE a gauge\n# TYPE a counter\na 1\n', 1, ['gauge a'], ['2:8 one TYPE line for a']],
  [
    'TYPE of a histogram after its samples',
    `a_sum 1\n${HISTOGRAM}a_sum 2\n`,
    2,
    ['unknown a_sum', 'histogram a'],
    ['2:8 sample names that belong to one family', '3:1 a bucket with le="+Inf"'],
  ],
  [
    'a histogram sample without a suffix',
    `${HISTOGRAM}a 1\na 2\n`,
    2,
    ['histogram a'],
    ['2:1 samples of the histogram a to be named a_bucket, a_sum, a_count'],
  ],
  ['a bucket without le', `${HISTOGRAM}a_bucket 1\n`, 1, ['histogram a'], ['2:1 the label le on a_bucket']],
  [
    'HELP of two families, then samples',
    '# HELP a x\n# HELP b x\na 1\nb 1\n',
    2,
    ['unknown a', 'unknown b'],
    ['3:1 all lines of a in one group', '4:1 all lines of b in one group'],
  ],
  ['a quoted name', '{"a.b"} 1\n', 1, ['unknown a.b'], ['1:2 a metric name without quotes']],
  ['an unknown escape', 'a{b="c\\d"} 1\n', 1, ['unknown a'], ['1:7 one of the escapes \\\\, \\" and \\n']],
  ['no line feed at the end', 'a 1\na{b="c"} 2', 2, ['unknown a'], ['2:11 a line feed at the end of the line']],
  ['nothing wrong', 'a{r="a"} 21.5 1732700000000\n# x\n\na{r="b"} 19\n', 2, ['unknown a'], []],
];

for (const [claim, text, samples, names, problems] of PAGES) {
  test(`parse() with lenient reads a text with ${claim}`, async () => {
    const result = parse(text, undefined, { lenient: true });
    assert.deepEqual(
      result.families.map(({ type, name }) => `${type} ${name}`),
      names,
    );
    assert.equal(result.families.flatMap((family) => family.samples).length, samples);
    const listed = result.problems.map(({ message, line, column }) => {
      const place = ` at line ${line}, column ${column}.`;
      assert.ok(message.includes(place), message);
      return `${line}:${column} ${/expected (.*?), got /.exec(message)?.[1]}`;
    });
    assert.deepEqual(
      listed.map((one, i) => (one.startsWith(problems[i] ?? '') ? problems[i] : one)),
      problems,
    );
    if (problems.length > 0) assert.throws(() => parse(text), SyntaxError);
    else assert.deepEqual(parse(text), result.families);

    const stream = parseStream([...text], undefined, { lenient: true });
    const families = [];
    for await (const family of stream) families.push(family);
    assert.deepEqual({ families, problems: stream.problems }, result);
  });
}

test('parse() with lenient lists every rule that OpenMetrics text breaks', () => {
  const text =
    '# TYPE a counter\na_total{b="1"} -1\na_total{b="2"} 1\na_created{b="1"} 1\n# TYPE h histogram\nh_sum{b="1"} 1\nh_sum{b="2"} 1\n# EOF\n';
  const { families, problems } = parse(text, OPENMETRICS, { lenient: true });
  assert.equal(families.flatMap(({ samples }) => samples).length, 5);
  assert.deepEqual(
    problems.map(({ line, column }) => `${line}:${column}`),
    ['2:16', '4:1', '6:1', '7:1'],
  );
});

test('parse() with lenient lists the faults of each line, also those of the line before', () => {
  const line = 'a{b="\\x","c.d"="1"} 1\n';
  const { problems } = parse(`${line}${line}${line}`, 'text/plain', { lenient: true });
  assert.deepEqual(
    problems.map(({ line, column }) => `${line}:${column}`),
    ['1:6', '1:10', '2:6', '2:10', '2:1', '3:6', '3:10', '3:1'],
  );
});

for (const text of [
  'a',
  '0a 1\n',
  'a{b="c} 1\n',
  'a{b="1",b="2"} 1\n',
  'a 1 x\n',
  '# TYPE a info\n',
  'a 1\r\n',
  'a 1 2 3\n',
]) {
  test(`parse() with lenient refuses ${JSON.stringify(text)}, which Prometheus refuses too`, () => {
    assert.throws(() => parse(text, undefined, { lenient: true }), {
      name: 'SyntaxError',
      message: /^Cannot parse text 0\.0\.4: /,
    });
  });
}

test('parse() with lenient refuses OpenMetrics without EOF', () => {
  assert.throws(() => parse('a 1\n', OPENMETRICS, { lenient: true }), { message: /expected "# EOF" as the last line/ });
});

test('parse() and parseStream() throw on an invalid lenient option', () => {
  const options = { lenient: 1 } as unknown as { lenient: true };
  assert.throws(() => parse('', undefined, options), {
    name: 'TypeError',
    message: /expected lenient as a boolean, got number/,
  });
  assert.throws(() => parseStream([], undefined, options), { name: 'TypeError' });
});
