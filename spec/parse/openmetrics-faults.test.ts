import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../lib/parse/index.ts';
import { declareFaults } from './declare-faults.ts';

// What the cases of the OpenMetrics project leave open, and the messages.

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const VALUE = 'a value: a decimal number, NaN, +Inf or -Inf';
const KEYWORDS = '"# TYPE ", "# UNIT ", "# HELP " or "# EOF"';
const NO_COMMENTS = 'OpenMetrics has no comments.';
const METRIC_ONCE = 'each metric once, its samples together, got a sample of a metric further up';
const COUNTER = '# TYPE a counter\n';
const HISTOGRAM = '# TYPE a histogram\n';
const END = '# EOF\n';

declareFaults(OPENMETRICS, 'OpenMetrics 1.0.0', [
  ['no EOF', 'a 1\n', '"# EOF" as the last line, got the end of the text at line 2, column 1.'],
  [
    'a sample without a line feed',
    'a 1',
    'a line feed at the end of the line, got the end of the text at line 1, column 4.',
  ],
  ['a line feed after EOF', 'a 1\n# EOF\n\n', 'nothing after "# EOF", got another line at line 3, column 1.'],
  ['a word after EOF', 'a 1\n# EOF\nb', 'nothing after "# EOF", got another line at line 3, column 1.'],
  ['a second EOF', '# EOF\n# EOF', 'nothing after "# EOF", got another line at line 2, column 1.'],
  ['a comment', `# hello\n${END}`, `${KEYWORDS}, got "# hello" at line 1, column 1. ${NO_COMMENTS}`],
  ['an empty line', `a 1\n\n${END}`, 'a metric name, got the end of the line at line 2, column 1.'],
  ['a blank before the name', ` a 1\n${END}`, 'a metric name, got a blank at line 1, column 1.'],
  [
    'a carriage return',
    `a 1\r\n${END}`,
    `${VALUE}, got "1\\r" at line 1, column 3. Lines end in a line feed, without a carriage return.`,
  ],
  ['a comma behind the last label', `a{b="c",} 1\n${END}`, 'a label name, got "}" at line 1, column 9.'],
  ['a blank between labels', `a{b="c", d="e"} 1\n${END}`, 'a label name, got a blank at line 1, column 9.'],
  ['a tab behind the value', `a 1\t\n${END}`, 'one space or the end of the line, got a blank at line 1, column 4.'],
  [
    'a blank behind the value',
    `a 1 \n${END}`,
    'a timestamp in seconds, an exemplar, or the end of the line, got the end of the line at line 1, column 5.',
  ],
  [
    'quoted names where they are not allowed',
    `{"a.b"} 1\n${END}`,
    'a metric name without quotes, got "\\"a.b\\"}" at line 1, column 2. Quoted names are read in text 1.0.0, in OpenMetrics 2.0.0, and in OpenMetrics 1.0.0 with the parameter escaping=allow-utf-8.',
  ],
  ['a number beyond doubles', `a 1e309\n${END}`, `${VALUE}, got "1e309" at line 1, column 3.`],
  ['a third number', `a 1 2 3\n${END}`, '"# {" of an exemplar, or the end of the line, got "3" at line 1, column 7.'],

  [
    'the type of the text formats',
    `# TYPE a untyped\n${END}`,
    'one of the types counter, gauge, histogram, summary, info, stateset, gaugehistogram, unknown, got "untyped" at line 1, column 10.',
  ],
  [
    'a blank behind the type',
    `# TYPE a gauge \n${END}`,
    'one of the types counter, gauge, histogram, summary, info, stateset, gaugehistogram, unknown, got "gauge " at line 1, column 10.',
  ],
  [
    'HELP without a space behind the name',
    `# HELP a\n${END}`,
    'one space after the metric name in HELP, got the end of the line at line 1, column 9.',
  ],
  ['HELP twice, both empty', `# HELP a \n# HELP a \n${END}`, 'one HELP line for a, got a second at line 2, column 8.'],
  [
    'half an escape in HELP',
    `# HELP a x\\\n${END}`,
    'one of the escapes \\\\, \\" and \\n, got "\\\\" at line 1, column 11.',
  ],
  [
    'a unit that the name does not end with',
    `# UNIT a_seconds second\n${END}`,
    'a unit that a_seconds ends with, behind an underscore, got "second" at line 1, column 18.',
  ],
  [
    'a unit that is the name',
    `# UNIT seconds seconds\n${END}`,
    'a unit that seconds ends with, behind an underscore, got "seconds" at line 1, column 16.',
  ],
  [
    'UNIT before the type info',
    `# UNIT a_b b\n# TYPE a_b info\n${END}`,
    'no unit on a_b, which is of type info, got b at line 2, column 12.',
  ],
  [
    'metadata between samples',
    `${COUNTER}a_total 1\n# HELP a x\na_created 1\n${END}`,
    'HELP of a before its samples, got one after them at line 3, column 8.',
  ],
  [
    'a sample of the name alone of a counter',
    `${COUNTER}a 1\n${END}`,
    'samples of the counter a to be named a_total, a_created, got a at line 2, column 1.',
  ],
  [
    'a family that could have samples of another',
    `# TYPE a summary\n# TYPE a_created gauge\n${END}`,
    'sample names that belong to one family, got a_created of both a and a_created at line 2, column 8.',
  ],
  [
    'families in two groups',
    `a 1\nb 1\na{c="d"} 1\n${END}`,
    'all lines of a in one group, got a line of it after another family at line 3, column 1.',
  ],

  [
    'metrics that are interleaved',
    `${COUNTER}a_total{b="1"} 1\na_total{b="2"} 1\na_created{b="1"} 1\n${END}`,
    `${METRIC_ONCE} at line 4, column 1.`,
  ],
  ['a series twice', `a{b="1"} 1\na{b="2"} 1\na{b="1"} 1\n${END}`, `${METRIC_ONCE} at line 3, column 1.`],
  [
    'a series twice in a row',
    `a{b="1"} 1\na{b="1"} 1\n${END}`,
    'each series once, got a with the same labels again at line 2, column 1.',
  ],
  [
    'a series twice in a row, in another order',
    `a{b="1",c="2"} 1\na{c="2",b="1"} 1\n${END}`,
    'each series once, got a with the same labels again at line 2, column 1.',
  ],
  [
    'a series twice in a row, once with an empty label',
    `a{b="1",c=""} 1\na{b="1"} 1\n${END}`,
    'each series once, got a with the same labels again at line 2, column 1.',
  ],
  [
    'a series twice, in another spelling',
    `a{b="x\\z"} 1\na{b="y"} 1\na{b="x\\\\z"} 1\n${END}`,
    `${METRIC_ONCE} at line 3, column 1.`,
  ],
  [
    'points that are interleaved',
    `# TYPE a summary\na_count 0 123\na_count 0 456\na_sum 0 123\n${END}`,
    'a timestamp of 456 or later, got "123" at line 4, column 9.',
  ],
  [
    'timestamps on some samples',
    `a 1\na 1 1\n${END}`,
    'no timestamp on a metric that began without, got "1" at line 2, column 5.',
  ],
  [
    'no timestamp on some samples',
    `a 1 1\na 1\n${END}`,
    'a timestamp on every sample of the metric, got none at line 2, column 1.',
  ],
  [
    'an infinite timestamp',
    `a 1 Inf\n${END}`,
    'a timestamp in seconds, an exemplar, or the end of the line, got "Inf" at line 1, column 5.',
  ],

  ['a counter below 0', `${COUNTER}a_total -1\n${END}`, 'a_total of 0 or more, got "-1" at line 2, column 9.'],
  [
    'a _total twice',
    `${COUNTER}a_total 1\na_total 1\n${END}`,
    'each series once, got a_total with the same labels again at line 3, column 1.',
  ],
  [
    'a _created twice',
    `${COUNTER}a_created 1\na_created 1\n${END}`,
    'each series once, got a_created with the same labels again at line 3, column 1.',
  ],
  [
    'a _created that is no time',
    `${COUNTER}a_created NaN\n${END}`,
    'a time in seconds in a_created, got "NaN" at line 2, column 11.',
  ],
  [
    'a bucket of half an observation',
    `${HISTOGRAM}a_bucket{le="1"} 0.5\n${END}`,
    'a whole number of observations in a_bucket, got "0.5" at line 2, column 18.',
  ],
  [
    'a _count of half an observation',
    `${HISTOGRAM}a_count 0.5\n${END}`,
    'a whole number of observations in a_count, got "0.5" at line 2, column 9.',
  ],
  [
    'buckets in no order',
    `${HISTOGRAM}a_bucket{le="2"} 1\na_bucket{le="1"} 1\n${END}`,
    'le above 2, got "le=\\"1\\"}" at line 3, column 10.',
  ],
  [
    'buckets that are not cumulative',
    `${HISTOGRAM}a_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n${END}`,
    'a cumulative count of 2 or more, got "1" at line 3, column 21.',
  ],
  [
    'infinity in another spelling',
    `${HISTOGRAM}a_bucket{le="inf"} 2\n${END}`,
    'le="+Inf" for the last bucket, got "le=\\"inf\\"}" at line 2, column 10.',
  ],
  [
    'a histogram without its last bucket',
    `${HISTOGRAM}a_bucket{le="1"} 2\n${END}`,
    'a bucket with le="+Inf", got none in the metric at line 2, column 1.',
  ],
  [
    'a _sum without _count',
    `${HISTOGRAM}a_bucket{le="+Inf"} 2\na_sum 1\n${END}`,
    '_count beside _sum, got none in the metric at line 2, column 1.',
  ],
  [
    'a _count without _sum',
    `${HISTOGRAM}a_bucket{le="+Inf"} 2\na_count 2\n${END}`,
    '_sum beside _count, got none in the metric at line 2, column 1.',
  ],
  [
    'a _count unlike the last bucket',
    `${HISTOGRAM}a_bucket{le="+Inf"} 2\na_count 1\na_sum 1\n${END}`,
    '_count as the +Inf bucket has it, 2, got 1 in the metric at line 2, column 1.',
  ],
  [
    'a _sum beside a negative bound',
    `${HISTOGRAM}a_bucket{le="-1"} 0\na_bucket{le="+Inf"} 2\na_count 2\na_sum 1\n${END}`,
    'no _sum beside a negative le, got 1 in the metric at line 2, column 1.',
  ],
  [
    'a _sum twice',
    `${HISTOGRAM}a_sum 1\na_sum 1\n${END}`,
    'each series once, got a_sum with the same labels again at line 3, column 1.',
  ],
  [
    'a histogram with _created twice',
    `${HISTOGRAM}a_created 1\na_created 1\n${END}`,
    'each series once, got a_created with the same labels again at line 3, column 1.',
  ],
  [
    'two histograms, the first incomplete',
    `${HISTOGRAM}a_bucket{b="1",le="1"} 1\na_bucket{b="2",le="+Inf"} 1\n${END}`,
    'a bucket with le="+Inf", got none in the metric at line 2, column 1.',
  ],
  [
    'a point of a histogram that is incomplete',
    `${HISTOGRAM}a_bucket{le="1"} 1 1\na_bucket{le="+Inf"} 1 2\n${END}`,
    'a bucket with le="+Inf", got none in the metric at line 2, column 1.',
  ],
  [
    'a _gsum below 0',
    `# TYPE a gaugehistogram\na_bucket{le="+Inf"} 1\na_gcount 1\na_gsum -1\n${END}`,
    'a _gsum of 0 or more without a negative le, got -1 in the metric at line 2, column 1.',
  ],
  [
    'a _gsum of NaN',
    `# TYPE a gaugehistogram\na_gsum NaN\n${END}`,
    'a number in a_gsum, got "NaN" at line 2, column 8.',
  ],
  [
    'a quantile twice',
    `# TYPE a summary\na{quantile="0.5"} 1\na{quantile="0.50"} 1\n${END}`,
    'each series once, got a with the same labels again at line 3, column 1.',
  ],
  [
    'a summary with _count twice',
    `# TYPE a summary\na_count 1\na_count 1\n${END}`,
    'each series once, got a_count with the same labels again at line 3, column 1.',
  ],
  [
    'a summary with half a _count',
    `# TYPE a summary\na_count 0.5\n${END}`,
    'a whole number of observations in a_count, got "0.5" at line 2, column 9.',
  ],
  [
    'a summary with a negative _sum',
    `# TYPE a summary\na_sum -1\n${END}`,
    'a_sum of 0 or more, got "-1" at line 2, column 7.',
  ],
  [
    'a summary with an infinite _created',
    `# TYPE a summary\na_created Inf\n${END}`,
    'a time in seconds in a_created, got "Inf" at line 2, column 11.',
  ],
  [
    'a quantile above 1',
    `# TYPE a summary\na{quantile="1.5"} 1\n${END}`,
    'a quantile from 0 to 1, got "quantile=\\"1.5\\"}" at line 2, column 3.',
  ],
  [
    'a quantile with a negative value',
    `# TYPE a summary\na{quantile="0.5"} -1\n${END}`,
    'a quantile whose value is 0 or more, or NaN, got "-1" at line 2, column 19.',
  ],
  [
    'an info of 0',
    `# TYPE a info\na_info 0\n${END}`,
    '1 in a_info, which is of type info, got "0" at line 2, column 8.',
  ],
  [
    'a state of 2',
    `# TYPE a stateset\na{a="b"} 2\n${END}`,
    '0 or 1 in a, which is of type stateset, got "2" at line 2, column 10.',
  ],
  [
    'a state without a name',
    `# TYPE a stateset\na{b="c"} 1\n${END}`,
    'the label a on a, got none at line 2, column 1.',
  ],
  [
    'a state twice',
    `# TYPE a stateset\na{a="b"} 1\na{a="b"} 0\n${END}`,
    'each series once, got a with the same labels again at line 3, column 1.',
  ],

  [
    'an exemplar on a gauge',
    `# TYPE a gauge\na 1 # {} 1\n${END}`,
    "an exemplar only on a counter's _total or a bucket, got one on a at line 2, column 5.",
  ],
  [
    'an exemplar on _sum',
    `${HISTOGRAM}a_sum 1 # {} 1\n${END}`,
    "an exemplar only on a counter's _total or a bucket, got one on a_sum at line 2, column 9.",
  ],
  [
    'an exemplar of 129 characters',
    `${COUNTER}a_total 1 # {b="${'😀'.repeat(128)}"} 1\n${END}`,
    'at most 128 characters of names and values in an exemplar, got 129 at line 2, column 11.',
  ],
  [
    'an exemplar above its bucket',
    `${HISTOGRAM}a_bucket{le="1"} 1 # {} 2\n${END}`,
    'an exemplar of at most 1, as the bucket, got 2 at line 2, column 20.',
  ],
  [
    'an exemplar without labels',
    `${COUNTER}a_total 1 # 1\n${END}`,
    '"# {" of an exemplar, or the end of the line, got "#" at line 2, column 11.',
  ],
  [
    'an exemplar without a space',
    `${COUNTER}a_total 1 # {}1\n${END}`,
    'one space and a value of the exemplar, got "1" at line 2, column 15.',
  ],
  [
    'an exemplar without a value',
    `${COUNTER}a_total 1 # {} \n${END}`,
    'a value of the exemplar: a decimal number, NaN, +Inf or -Inf, got the end of the line at line 2, column 16.',
  ],
  [
    'an exemplar with a label twice',
    `${COUNTER}a_total 1 # {b="c",b="d"} 1\n${END}`,
    'each label name once in a sample, got "b=\\"d\\"}" at line 2, column 20.',
  ],
  [
    'two exemplars',
    `${COUNTER}a_total 1 # {} 1 1 # {} 1\n${END}`,
    'the end of the line after the exemplar, got a blank at line 2, column 19.',
  ],
]);

/** What is let pass though it looks odd, with what lets it. */
const READ: readonly (readonly [claim: string, text: string])[] = [
  ['EOF without a line feed', '# EOF'],
  ['a raw quote in HELP, as the cases of the OpenMetrics project have it', '# HELP a say "hi"\n# EOF\n'],
  ['an exemplar of 128 code points', `${COUNTER}a_total 1 # {b="${'😀'.repeat(127)}"} 1\n# EOF\n`],
  ['an exemplar of NaN in the last bucket', `${HISTOGRAM}a_bucket{le="+Inf"} 1 # {} NaN\n# EOF\n`],
  ['a bound in any spelling', `${HISTOGRAM}a_bucket{le="1e-0"} 1\na_bucket{le="+Inf"} 1\n# EOF\n`],
  ['a counter that is infinite', `${COUNTER}a_total +Inf\n# EOF\n`],
  ['a counter with _created alone', `${COUNTER}a_created -1.5e9\n# EOF\n`],
  [
    'two points of one time, which were nanoseconds apart',
    'a 1 1604676851.1234567891\na 2 1604676851.1234567892\n# EOF\n',
  ],
  ['two points of a histogram', `${HISTOGRAM}a_bucket{le="+Inf"} 1 1\na_bucket{le="+Inf"} 2 2\n# EOF\n`],
  ['quantiles in any order', '# TYPE a summary\na{quantile="0.9"} 1\na_sum 1\na{quantile="0.5"} 1\n# EOF\n'],
  [
    'states of two metrics',
    '# TYPE a stateset\na{a="x",b="1"} 1\na{a="y",b="1"} 0\na{b="2",a="x"} 0\na{b="2",a="y"} 0\n# EOF\n',
  ],
  ['labels of one metric in another order', `${COUNTER}a_total{b="1",c="2"} 1\na_created{c="2",b="1"} 1\n# EOF\n`],
  ['a sample name that only looks like a suffix', '# TYPE a gauge\na 1\na_total 1\n# EOF\n'],
];

for (const [claim, text] of READ) {
  test(`parse() reads ${claim} in OpenMetrics 1.0.0`, () => {
    assert.doesNotThrow(() => parse(text, OPENMETRICS));
  });
}
