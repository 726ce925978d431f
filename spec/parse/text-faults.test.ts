import { declareFaults } from './declare-faults.ts';

const VALUE = 'a value: a decimal number, NaN, +Inf or -Inf';
const TYPES = 'one of the types counter, gauge, histogram, summary, untyped';
const ESCAPES = 'one of the escapes \\\\, \\" and \\n';
const LABEL_REMEDY = 'A quote inside a value is written \\".';
const LINE_FEED_REMEDY = 'A line feed in it is written \\n, a quote \\".';
const CARRIAGE_RETURN_REMEDY = 'Lines end in a line feed, without a carriage return.';
const SECONDS_REMEDY = 'Exemplars, and timestamps in seconds, are read in OpenMetrics.';
const QUOTES_REMEDY =
  'Quoted names are read in text 1.0.0, in OpenMetrics 2.0.0, and in OpenMetrics 1.0.0 with the parameter escaping=allow-utf-8.';
const HISTOGRAM = '# TYPE a histogram\n';
const SUMMARY = '# TYPE a summary\n';

declareFaults('text/plain; version=0.0.4', 'text 0.0.4', [
  [
    'no line feed at the end',
    'a 1\nb 2',
    'a line feed at the end of the line, got the end of the text at line 2, column 4.',
  ],
  ['a name that begins with a digit', '0a 1\n', 'a metric name, got "0a" at line 1, column 1.'],
  ['a byte order mark', '\ufeffa 1\n', 'a metric name, got "\\ufeffa" at line 1, column 1.'],
  ['HTML', '<!doctype html>\n', 'a metric name, got "<!doctype" at line 1, column 1.'],
  ['a name with a dot', 'a.b 1\n', `${VALUE}, got ".b" at line 1, column 2.`],
  ['a name with a letter beyond ASCII', 'é 1\n', 'a metric name, got "é" at line 1, column 1.'],
  ['a NUL in a name', 'a\0 1\n', `${VALUE}, got "\\u0000" at line 1, column 2.`],
  ['a line without a value', 'a\n', `${VALUE}, got the end of the line at line 1, column 2.`],
  ['labels without a name', '{a="b"} 1\n', 'a metric name before the brace, got "a=\\"b\\"}" at line 1, column 2.'],
  ['empty braces without a name', '{} 1\n', 'a metric name before the brace, got "}" at line 1, column 2.'],
  [
    'a quoted metric name',
    '{"a.b"} 1\n',
    `a metric name without quotes, got "\\"a.b\\"}" at line 1, column 2. ${QUOTES_REMEDY}`,
  ],
  [
    'a quoted label name',
    'a{"b"="c"} 1\n',
    `a label name without quotes, got "\\"b\\"=\\"c\\"}" at line 1, column 3. ${QUOTES_REMEDY}`,
  ],

  ['a lone comma', 'a{,} 1\n', 'a label name, got ",}" at line 1, column 3.'],
  ['two commas', 'a{b="c",,} 1\n', 'a label name, got ",}" at line 1, column 9.'],
  [
    'no comma',
    'a{b="c" d="e"} 1\n',
    `"," or "}" after a label value, got "d=\\"e\\"}" at line 1, column 9. ${LABEL_REMEDY}`,
  ],
  [
    'a quote in a value',
    'a{b="c"d"} 1\n',
    `"," or "}" after a label value, got "d\\"}" at line 1, column 8. ${LABEL_REMEDY}`,
  ],
  [
    'a label twice',
    'a{b="1",c="2",b="3"} 1\n',
    'each label name once in a sample, got "b=\\"3\\"}" at line 1, column 15.',
  ],
  ['a label without a value', 'a{b} 1\n', '"=" after the label name b, got "}" at line 1, column 4.'],
  ['a value without quotes', 'a{b=1} 1\n', 'a label value in double quotes, got "1}" at line 1, column 5.'],
  ['a label name that begins with a digit', 'a{1="1"} 1\n', 'a label name, got "1=\\"1\\"}" at line 1, column 3.'],
  ['a label name with a colon', 'a{b:c="1"} 1\n', '"=" after the label name b, got ":c=\\"1\\"}" at line 1, column 4.'],
  [
    'the label __name__',
    'a{__name__="b"} 1\n',
    'a label name other than the reserved "__name__", got "__name__=\\"b\\"}" at line 1, column 3.',
  ],
  [
    'a line feed in a value',
    'a{b="c\nd"} 1\n',
    `a closing quote after the label value, got the end of the line at line 1, column 7. ${LINE_FEED_REMEDY}`,
  ],
  [
    'a backslash before a line feed',
    'a{b="c\\\n"} 1\n',
    `a closing quote after the label value, got the end of the line at line 1, column 8. ${LINE_FEED_REMEDY}`,
  ],
  ['an unknown escape', 'a{b="\\t"} 1\n', `${ESCAPES}, got "\\\\t\\"}" at line 1, column 6.`],
  [
    'an escape cut off by the quote',
    'a{b="c\\"} 1\n',
    `a closing quote after the label value, got the end of the line at line 1, column 12. ${LINE_FEED_REMEDY}`,
  ],
  ['no closing brace', 'a{b="c" 1\n', `"," or "}" after a label value, got "1" at line 1, column 9. ${LABEL_REMEDY}`],

  ['underscores in a number', 'a 1_2\n', `${VALUE}, got "1_2" at line 1, column 3.`],
  ['a hexadecimal number', 'a 0x1p-3\n', `${VALUE}, got "0x1p-3" at line 1, column 3.`],
  ['a number beyond doubles', 'a 1e999\n', `${VALUE}, got "1e999" at line 1, column 3.`],
  ['a lone point', 'a .\n', `${VALUE}, got "." at line 1, column 3.`],
  ['an exponent without digits', 'a 1e+\n', `${VALUE}, got "1e+" at line 1, column 3.`],
  ['a NaN with a sign', 'a -NaN\n', `${VALUE}, got "-NaN" at line 1, column 3.`],
  ['a word that only begins as a number', 'a Infinite\n', `${VALUE}, got "Infinite" at line 1, column 3.`],
  ['a long word', `a ${'9'.repeat(30)}x\n`, `${VALUE}, got "${'9'.repeat(24)}…" at line 1, column 3.`],
  ['a carriage return', 'a 1\r\n', `${VALUE}, got "1\\r" at line 1, column 3. ${CARRIAGE_RETURN_REMEDY}`],
  [
    'a timestamp with a point',
    'a 1 1.5\n',
    `a timestamp in whole milliseconds, or the end of the line, got "1.5" at line 1, column 5. ${SECONDS_REMEDY}`,
  ],
  [
    'a timestamp beyond an int64',
    'a 1 9223372036854775808\n',
    'a timestamp that an int64 can hold, got "9223372036854775808" at line 1, column 5.',
  ],
  [
    'a negative timestamp beyond an int64',
    'a 1 -9223372036854775809\n',
    'a timestamp that an int64 can hold, got "-9223372036854775809" at line 1, column 5.',
  ],
  ['a third number', 'a 1 2 3\n', 'the end of the line after the timestamp, got "3" at line 1, column 7.'],
  [
    'an exemplar',
    'a 1 # {b="c"} 1\n',
    `a timestamp in whole milliseconds, or the end of the line, got "#" at line 1, column 5. ${SECONDS_REMEDY}`,
  ],

  ['HELP without a name', '# HELP\n', 'a metric name, got the end of the line at line 1, column 7.'],
  ['HELP of no name', '# HELP 1 x\n', 'a metric name, got "1" at line 1, column 8.'],
  ['HELP of a name with a dot', '# HELP a.b x\n', 'a blank after the metric name, got ".b" at line 1, column 9.'],
  ['an unknown escape in HELP', '# HELP a \\x\n', `${ESCAPES}, got "\\\\x" at line 1, column 10.`],
  ['half an escape in HELP', '# HELP a x\\\n', `${ESCAPES}, got "\\\\" at line 1, column 11.`],
  ['HELP twice', '# HELP a x\n# HELP a x\n', 'one HELP line for a, got a second at line 2, column 8.'],
  ['HELP after samples', 'a 1\n# HELP a x\n', 'HELP of a before its samples, got one after them at line 2, column 8.'],
  ['TYPE without a type', '# TYPE a\n', `${TYPES}, got "" at line 1, column 9.`],
  ['an unknown type', '# TYPE a info\n', `${TYPES}, got "info" at line 1, column 10.`],
  ['a type in capitals', '# TYPE a Counter\n', `${TYPES}, got "Counter" at line 1, column 10.`],
  ['a word after the type', '# TYPE a counter x\n', `${TYPES}, got "counter x" at line 1, column 10.`],
  [
    'a carriage return after the type',
    '# TYPE a counter\r\n',
    `${TYPES}, got "counter\\r" at line 1, column 10. ${CARRIAGE_RETURN_REMEDY}`,
  ],
  ['TYPE twice', '# TYPE a counter\n# TYPE a counter\n', 'one TYPE line for a, got a second at line 2, column 8.'],
  [
    'TYPE after samples',
    'a 1\n# TYPE a counter\n',
    'TYPE of a before its samples, got one after them at line 2, column 8.',
  ],

  [
    'samples of a family in two groups',
    'a 1\nb 1\na{c="d"} 1\n',
    'all lines of a in one group, got a line of it after another family at line 3, column 1.',
  ],
  [
    'metadata of a family in two groups',
    '# HELP a x\n# HELP b x\n# TYPE a gauge\n',
    'all lines of a in one group, got a line of it after another family at line 3, column 8.',
  ],
  [
    'a histogram in two groups',
    `${HISTOGRAM}b 1\na_sum 1\n`,
    'all lines of a in one group, got a line of it after another family at line 3, column 1.',
  ],
  [
    'a sample name that a family had before',
    `${HISTOGRAM}# TYPE a_sum gauge\n`,
    'sample names that belong to one family, got a_sum of both a and a_sum at line 2, column 8.',
  ],
  [
    'a sample name that a later family has',
    `# HELP a_sum x\n${SUMMARY}`,
    'sample names that belong to one family, got a_sum of both a_sum and a at line 2, column 8.',
  ],
  [
    'metadata alone that shares a sample name',
    `${HISTOGRAM}# HELP a_sum x\n`,
    'sample names that belong to one family, got a_sum of both a and a_sum at line 2, column 1.',
  ],
  [
    'a series twice',
    'a{b="1",c="2"} 1\na{b="1",c="2"} 1\n',
    'each series once, got a with the same labels again at line 2, column 1.',
  ],
  [
    'a series twice, the labels in another order',
    'a{b="1",c="2"} 1\na{c="2",b="1"} 1\n',
    'each series once, got a with the same labels again at line 2, column 1.',
  ],
  [
    'a series twice, once with an empty label',
    'a{b="1",c=""} 1\na{b="1"} 1\n',
    'each series once, got a with the same labels again at line 2, column 1.',
  ],
  [
    'a series twice, once with blanks',
    'a{b="1",c="2"} 1\na{ b = "1", c="2"} 1\n',
    'each series once, got a with the same labels again at line 2, column 1.',
  ],
  [
    'a series twice, at two times',
    'a 1 1\na 2 2\n',
    'each series once, got a with the same labels again at line 2, column 1.',
  ],

  [
    'a histogram sample without a suffix',
    `${HISTOGRAM}a 1\n`,
    'samples of the histogram a to be named a_bucket, a_sum, a_count, got a at line 2, column 1.',
  ],
  ['a bucket without le', `${HISTOGRAM}a_bucket{b="c"} 1\n`, 'the label le on a_bucket, got none at line 2, column 1.'],
  [
    'le that is no number',
    `${HISTOGRAM}a_bucket{le="x"} 1\n`,
    'a number as le, got "le=\\"x\\"}" at line 2, column 10.',
  ],
  [
    'le that only begins as a number',
    `${HISTOGRAM}a_bucket{le="1s"} 1\n`,
    'a number as le, got "le=\\"1s\\"}" at line 2, column 10.',
  ],
  ['an empty le', `${HISTOGRAM}a_bucket{le=""} 1\n`, 'a number as le, got "le=\\"\\"}" at line 2, column 10.'],
  ['le NaN', `${HISTOGRAM}a_bucket{le="NaN"} 1\n`, 'a number as le, got "le=\\"NaN\\"}" at line 2, column 10.'],
  [
    'le twice',
    `${HISTOGRAM}a_bucket{le="1"} 1\na_bucket{le="1.0"} 1\n`,
    'le above 1, got "le=\\"1.0\\"}" at line 3, column 10.',
  ],
  [
    'le in no order',
    `${HISTOGRAM}a_bucket{b="c",le="2"} 1\na_bucket{b="c",le="1"} 1\n`,
    'le above 2, got "le=\\"1\\"}" at line 3, column 16.',
  ],
  [
    'buckets that are not cumulative',
    `${HISTOGRAM}a_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n`,
    'a cumulative count of 2 or more, got "1" at line 3, column 21.',
  ],
  [
    'a bucket below 0',
    `${HISTOGRAM}a_bucket{le="1"} -1\n`,
    'a cumulative count of 0 or more, got "-1" at line 2, column 18.',
  ],
  [
    'a bucket of NaN',
    `${HISTOGRAM}a_bucket{le="1"} NaN\n`,
    'a cumulative count of 0 or more, got "NaN" at line 2, column 18.',
  ],
  [
    'a histogram without its last bucket',
    `${HISTOGRAM}a_bucket{le="1"} 1\na_count 1\nb 1\n`,
    'a bucket with le="+Inf", got none in the metric at line 2, column 1.',
  ],
  [
    'the second histogram without its last bucket',
    `${HISTOGRAM}a_bucket{b="1",le="inf"} 1\na_count{b="1"} 1\na_count{b="2"} 1\n`,
    'a bucket with le="+Inf", got none in the metric at line 4, column 1.',
  ],
  [
    'a histogram without _count',
    `${HISTOGRAM}a_bucket{le="+Inf"} 1\na_sum 1\n`,
    '_count beside the buckets, got none in the metric at line 2, column 1.',
  ],
  [
    '_count unlike the last bucket',
    `${HISTOGRAM}a_bucket{le="+Inf"} 1\na_count 2\n`,
    '_count as the +Inf bucket has it, 1, got 2 in the metric at line 2, column 1.',
  ],
  [
    '_count twice',
    `${HISTOGRAM}a_count 1\na_count 1\n`,
    'each series once, got a_count with the same labels again at line 3, column 1.',
  ],
  [
    '_sum twice',
    `${HISTOGRAM}a_sum 1\na_sum 1\n`,
    'each series once, got a_sum with the same labels again at line 3, column 1.',
  ],
  ['le on _sum', `${HISTOGRAM}a_sum{le="1"} 1\n`, 'no label le on a_sum, got "le=\\"1\\"}" at line 2, column 7.'],

  ['a summary sample without quantile', `${SUMMARY}a 1\n`, 'the label quantile on a, got none at line 2, column 1.'],
  [
    'a quantile that is no number',
    `${SUMMARY}a{quantile="x"} 1\n`,
    'a number as quantile, got "quantile=\\"x\\"}" at line 2, column 3.',
  ],
  [
    'quantiles in no order',
    `${SUMMARY}a{quantile="0.5"} 1\na{quantile="0.1"} 1\n`,
    'a quantile above 0.5, got "quantile=\\"0.1\\"}" at line 3, column 3.',
  ],
  ['a summary that counts below 0', `${SUMMARY}a_count -1\n`, 'a_count of 0 or more, got "-1" at line 2, column 9.'],
  [
    'a summary with _sum twice',
    `${SUMMARY}a_sum 1\na_sum 1\n`,
    'each series once, got a_sum with the same labels again at line 3, column 1.',
  ],
  [
    'a summary with _count twice',
    `${SUMMARY}a_count 1\na_count 1\n`,
    'each series once, got a_count with the same labels again at line 3, column 1.',
  ],
]);

declareFaults('text/plain; version=1.0.0', 'text 1.0.0', [
  [
    'a quoted name behind a label',
    '{a="b","c"} 1\n',
    'a metric name in quotes, before any label, got "a=\\"b\\",\\"c\\"}" at line 1, column 2.',
  ],
  ['two quoted names', '{"a","b"} 1\n', '"=" after the label name b, got "}" at line 1, column 9.'],
  ['an empty metric name', '{""} 1\n', 'a metric name in quotes, before any label, got "\\"\\"}" at line 1, column 2.'],
  ['an empty label name', 'a{""="b"} 1\n', 'a label name, got "\\"\\"=\\"b\\"}" at line 1, column 3.'],
  [
    'the label __name__ in quotes',
    'a{"__name__"="b"} 1\n',
    'a label name other than the reserved "__name__", got "\\"__name__\\"=\\"b\\"}" at line 1, column 3.',
  ],
  [
    'no comma after the name',
    '{"a"b="c"} 1\n',
    '"," or "}" after the metric name, got "b=\\"c\\"}" at line 1, column 5.',
  ],
  ['an unknown escape in a name', '{"a\\t"} 1\n', `${ESCAPES}, got "\\\\t\\"}" at line 1, column 4.`],
  [
    'a line feed in a name',
    '# TYPE "a\nb" gauge\n',
    `a closing quote after the metric name, got the end of the line at line 1, column 10. ${LINE_FEED_REMEDY}`,
  ],
  [
    'a label twice, once in quotes',
    'a{b="1","b"="2"} 1\n',
    'each label name once in a sample, got "\\"b\\"=\\"2\\"}" at line 1, column 9.',
  ],
  [
    'a series twice, once with quotes',
    'a{b="1"} 1\n{"a","b"="1"} 1\n',
    'each series once, got a with the same labels again at line 2, column 1.',
  ],
]);
