import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declareRefusals } from './declare-refusals.ts';
import { parseExposition } from './parse-exposition.ts';
import { sampleOf } from './sample-of.ts';
import { SeededRandom } from './seeded-random.ts';

/** The sample that the decision record prints, to the letter. */
const DECISION_RECORD_SAMPLE = `# HELP finpilot_scans_total Total number of market scans executed
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

test('parseExposition() reads the sample of the decision record', () => {
  const duration = 'finpilot_scan_duration_seconds';
  assert.deepEqual(parseExposition(DECISION_RECORD_SAMPLE), [
    {
      name: 'finpilot_scans_total',
      type: 'counter',
      help: 'Total number of market scans executed',
      samples: [
        { name: 'finpilot_scans_total', labels: new Map([['strategy', 'momentum']]), value: 142 },
        { name: 'finpilot_scans_total', labels: new Map([['strategy', 'swing']]), value: 89 },
      ],
    },
    {
      name: duration,
      type: 'histogram',
      help: 'Scan duration histogram',
      samples: [
        { name: `${duration}_bucket`, labels: new Map([['le', '0.1']]), value: 15 },
        { name: `${duration}_bucket`, labels: new Map([['le', '0.5']]), value: 120 },
        { name: `${duration}_bucket`, labels: new Map([['le', '1.0']]), value: 180 },
        { name: `${duration}_bucket`, labels: new Map([['le', '+Inf']]), value: 200 },
        { name: `${duration}_sum`, labels: new Map(), value: 95.7 },
        { name: `${duration}_count`, labels: new Map(), value: 200 },
      ],
    },
  ]);
});

test('parseExposition() reads the empty text as no family', () => {
  assert.deepEqual(parseExposition(''), []);
});

test('parseExposition() reads a sample without TYPE and HELP as an untyped family', () => {
  assert.deepEqual(parseExposition('a:b_1 1\n'), [
    { name: 'a:b_1', type: 'untyped', help: '', samples: [{ name: 'a:b_1', labels: new Map(), value: 1 }] },
  ]);
});

test('parseExposition() reads HELP and TYPE in either order, and families without samples', () => {
  const families = parseExposition('# TYPE a gauge\n# HELP a one\n# HELP b two\n# TYPE c summary\n');
  assert.deepEqual(
    families.map(({ name, type, help, samples }) => [name, type, help, samples.length]),
    [
      ['a', 'gauge', 'one', 0],
      ['b', 'untyped', 'two', 0],
      ['c', 'summary', '', 0],
    ],
  );
});

test('parseExposition() keeps labels in the order of the text', () => {
  const [family] = parseExposition('a{z="1",b="2",a="3"} 1\n');
  assert.deepEqual(
    [...(family?.samples[0]?.labels ?? [])],
    [
      ['z', '1'],
      ['b', '2'],
      ['a', '3'],
    ],
  );
});

test('parseExposition() unescapes label values', () => {
  const [family] = parseExposition(`${String.raw`a{b="q\" s\\ n\n x\\n # } , = |",c=""} 1`}\n`);
  assert.equal(family?.samples[0]?.labels.get('b'), 'q" s\\ n\n x\\n # } , = |');
  assert.equal(family?.samples[0]?.labels.get('c'), '');
});

test('parseExposition() unescapes HELP, where quotes and blanks stand for themselves', () => {
  const help = (line: string) => parseExposition(`${line}\n`)[0]?.help;
  assert.equal(help(String.raw`# HELP a a "quoted" \\n\n back\\slash`), 'a "quoted" \\n\n back\\slash');
  assert.equal(help('# HELP a  two  spaces '), ' two  spaces ');
  assert.equal(help('# HELP a '), '');
  assert.equal(help('# HELP a'), '');
});

test('parseExposition() reads every form of value that we write', () => {
  const value = (text: string) => parseExposition(`a ${text}\n`)[0]?.samples[0]?.value;
  const values: [string, number][] = [
    ['0', 0],
    ['-0', -0],
    ['1', 1],
    ['-1.5', -1.5],
    ['0.005', 0.005],
    ['1e-7', 1e-7],
    ['1e-07', 1e-7],
    ['1e+21', 1e21],
    ['1.0E10', 1e10],
    ['5e-324', 5e-324],
    ['1.7976931348623157e+308', Number.MAX_VALUE],
    ['9007199254740993', 2 ** 53],
    ['NaN', NaN],
    ['+Inf', Infinity],
    ['-Inf', -Infinity],
  ];
  for (const [text, expected] of values) assert.equal(value(text), expected, text);
});

test('parseExposition() reads timestamps, also negative ones', () => {
  const samples = parseExposition('a 1 1395066363000\nb{c="d"} 2 -5\nb{c="e"} 2\n').flatMap(({ samples }) => samples);
  assert.deepEqual(
    samples.map(({ timestamp }) => timestamp),
    [1395066363000, -5, undefined],
  );
  assert.equal('timestamp' in (samples[2] ?? {}), false);
});

test('parseExposition() reads a histogram of several series and negative bounds', () => {
  const families = parseExposition(
    histogram(
      'h_bucket{s="a",le="-1e-07"} 0',
      'h_bucket{s="a",le="1e+06"} 2',
      'h_bucket{s="a",le="+Inf"} 2',
      'h_sum{s="a"} -3.5',
      'h_count{s="a"} 2',
      'h_bucket{s="b",le="+Inf"} 0',
      'h_sum{s="b"} NaN',
      'h_count{s="b"} 0',
    ),
  );
  assert.equal(sampleOf(families, 'h_bucket', { le: '1e+06', s: 'a' }), 2);
  assert.equal(sampleOf(families, 'h_count', { s: 'b' }), 0);
});

test('parseExposition() reads a summary', () => {
  const families = parseExposition(
    summary('s{quantile="0.0"} NaN', 's{quantile="0.99"} -2', 's{quantile="1.0"} 3', 's_sum 9', 's_count 4'),
  );
  assert.equal(sampleOf(families, 's', { quantile: '0.99' }), -2);
});

test('parseExposition() takes x_sum as a family of its own when x is no histogram or summary', () => {
  const families = parseExposition('# TYPE x counter\nx 1\n# TYPE x_sum gauge\nx_sum -1\nx_count NaN\n');
  assert.deepEqual(
    families.map(({ name }) => name),
    ['x', 'x_sum', 'x_count'],
  );
});

test('parseExposition() gives back any label values and help that were escaped by the rules', () => {
  const random = new SeededRandom(4);
  for (let round = 0; round < 500; round++) {
    const [a, b, help] = [random.text(12), random.text(12), `${random.text(20)}.`];
    const text = `# HELP m ${escapeHelp(help)}\nm{a="${escapeLabelValue(a)}",b="${escapeLabelValue(b)}"} 1\n`;
    const [family] = parseExposition(text);
    assert.equal(family?.help, help);
    assert.deepEqual(
      family?.samples[0]?.labels,
      new Map([
        ['a', a],
        ['b', b],
      ]),
      text,
    );
  }
});

declareRefusals([
  // Lines and blanks
  ['a missing final newline', 'a 1\nb 2', '2: expected a newline at the end of the last line, got "b 2"'],
  ['CR LF', 'a 1\r\n', '1: expected lines that end in LF, not CR LF, got "a 1\\r"'],
  ['CR LF after TYPE', '# TYPE a gauge\r\n', '1: expected lines that end in LF, not CR LF, got "# TYPE a gauge\\r"'],
  ['a lone surrogate', 'a 1\nb{c="\ud83d"} 1\n', '2: expected text that UTF-8 can carry, got "\\ud83d"'],
  [
    'a blank line at the start',
    '\na 1\n',
    '1: expected a blank line only between two families, got "one that follows no family"',
  ],
  [
    'two blank lines',
    'a 1\n\n\nb 1\n',
    '3: expected a blank line only between two families, got "one that follows no family"',
  ],
  ['a blank line at the end', 'a 1\n\n', '2: expected a blank line only between two families, got "one at the end"'],
  [
    'a blank line inside a family',
    'a{b="c"} 1\n\na{b="d"} 1\n',
    '3: expected no blank line inside the family a, got "a after one"',
  ],
  [
    'a blank line between TYPE and samples',
    '# TYPE a gauge\n\na 1\n',
    '3: expected no blank line inside the family a, got "a after one"',
  ],
  ['a leading blank', ' a 1\n', '1: expected a metric name, got ""'],
  ['a trailing blank', 'a 1 \n', '1: expected no blank at the end of the line, got "a 1 "'],
  ['a trailing tab', 'a 1\t\n', '1: expected no blank at the end of the line, got "a 1\\t"'],
  ['two spaces before the value', 'a  1\n', '1: expected one space between series, value, timestamp, got "  1"'],
  [
    'two spaces before the timestamp',
    'a 1  2\n',
    '1: expected one space between series, value, timestamp, got " 1  2"',
  ],
  ['a tab before the value', 'a\t1\n', '1: expected a metric name, got "a\\t1"'],
  ['a line of one space', 'a 1\n \nb 1\n', '2: expected no blank at the end of the line, got " "'],

  // Comments, HELP and TYPE
  [
    'a free comment',
    '# a comment\n',
    '1: expected no comment but "# HELP name text" and "# TYPE name type", got "# a comment"',
  ],
  [
    'the end mark of OpenMetrics',
    'a 1\n# EOF\n',
    '2: expected no comment but "# HELP name text" and "# TYPE name type", got "# EOF"',
  ],
  [
    '#HELP without a space',
    '#HELP a b\n',
    '1: expected no comment but "# HELP name text" and "# TYPE name type", got "#HELP a b"',
  ],
  [
    'two spaces before HELP',
    '#  HELP a b\n',
    '1: expected no comment but "# HELP name text" and "# TYPE name type", got "#  HELP a b"',
  ],
  ['two spaces after HELP', '# HELP  a b\n', '1: expected a metric name, got ""'],
  ['a bad name in HELP', '# HELP 1a b\n', '1: expected a metric name, got "1a"'],
  ['a bad name in TYPE', '# TYPE a-b gauge\n', '1: expected a metric name, got "a-b"'],
  ['an escaped quote in HELP', '# HELP a \\"b\\"\n', '1: expected one of the escapes \\\\ \\n in HELP, got "\\\\\\""'],
  ['a bad escape in HELP', '# HELP a \\\\\\t\n', '1: expected one of the escapes \\\\ \\n in HELP, got "\\\\t"'],
  ['a backslash at the end of HELP', '# HELP a b\\\n', '1: expected one of the escapes \\\\ \\n in HELP, got "\\\\"'],
  ['a second HELP', '# HELP a b\n# TYPE a gauge\n# HELP a b\n', '3: expected one HELP line for a, got "a second"'],
  [
    'a second HELP further down',
    '# HELP a b\na 1\nb 1\n# HELP a b\n',
    '4: expected one HELP line for a, got "a second"',
  ],
  ['HELP after samples', 'a 1\n# HELP a b\n', '2: expected HELP of a before its samples, got "after them"'],
  [
    'a type of OpenMetrics',
    '# TYPE a unknown\n',
    '1: expected counter, gauge, histogram, summary or untyped as TYPE, got "unknown"',
  ],
  [
    'a type in capitals',
    '# TYPE a Counter\n',
    '1: expected counter, gauge, histogram, summary or untyped as TYPE, got "Counter"',
  ],
  [
    'a type with a property name',
    '# TYPE a constructor\n',
    '1: expected counter, gauge, histogram, summary or untyped as TYPE, got "constructor"',
  ],
  ['TYPE without a type', '# TYPE a\n', '1: expected counter, gauge, histogram, summary or untyped as TYPE, got none'],
  [
    'a blank after the type',
    '# TYPE a gauge \n',
    '1: expected nothing after the type, one space before it, got "a gauge "',
  ],
  [
    'two spaces before the type',
    '# TYPE a  gauge\n',
    '1: expected nothing after the type, one space before it, got "a  gauge"',
  ],
  ['a second TYPE', '# TYPE a gauge\n# TYPE a gauge\n', '2: expected one TYPE line for a, got "a second"'],
  [
    'TYPE after samples',
    '# HELP a b\na 1\n# TYPE a gauge\n',
    '3: expected TYPE of a before its samples, got "after them"',
  ],
]);

function histogram(...lines: readonly string[]): string {
  return ['# TYPE h histogram', ...lines, ''].join('\n');
}

function summary(...lines: readonly string[]): string {
  return ['# TYPE s summary', ...lines, ''].join('\n');
}

function escapeLabelValue(value: string): string {
  return [...value].map((character) => ({ '\\': '\\\\', '"': '\\"', '\n': '\\n' })[character] ?? character).join('');
}

function escapeHelp(help: string): string {
  return [...help].map((character) => ({ '\\': '\\\\', '\n': '\\n' })[character] ?? character).join('');
}
