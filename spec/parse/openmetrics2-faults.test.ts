import { declareFaults } from './declare-faults.ts';

// The messages; which texts are faults is compared with a second reader in openmetrics2-agreement.test.ts.

const CONTENT_TYPE = 'application/openmetrics-text; version=2.0.0; charset=utf-8';
const END = '\n# EOF\n';
const NUMBER = 'a decimal number, NaN, +Inf or -Inf';
const AFTER_VALUE = 'a timestamp in seconds, "st@" of a start timestamp, "# {" of an exemplar, or the end of the line';
const HISTOGRAM = '# TYPE a histogram\na ';
const NATIVE = `${HISTOGRAM}{count:1,sum:1,schema:0,zero_threshold:0,zero_count:0`;

declareFaults(CONTENT_TYPE, 'OpenMetrics 2.0.0', [
  ['no value', `a${END}`, 'one space and a value, got the end of the line at line 1, column 2.'],
  ['a value that is none', `a b${END}`, `a value: ${NUMBER}, or "{", got "b" at line 1, column 3.`],
  ['a word behind the value', `a 1 b${END}`, `${AFTER_VALUE}, got "b" at line 1, column 5.`],
  ['a tab behind the value', `a 1\t${END}`, `${AFTER_VALUE}, got a blank at line 1, column 4.`],
  ['a blank at the end', `a 1 ${END}`, `${AFTER_VALUE}, got the end of the line at line 1, column 5.`],
  ['a timestamp that is NaN', `a 1 NaN${END}`, `${AFTER_VALUE}, got "NaN" at line 1, column 5.`],
  ['a start that is none', `a 1 st@x${END}`, 'a start timestamp in seconds, got "x" at line 1, column 8.'],
  [
    'an exemplar without a time',
    `a 1 # {} 1${END}`,
    'one space and the timestamp of the exemplar, got the end of the line at line 1, column 11.',
  ],
  [
    'another field than the count',
    `${HISTOGRAM}{sum:1}${END}`,
    '"count:" or "gcount:", got "sum:1}" at line 2, column 4.',
  ],
  ['no sum behind the count', `${HISTOGRAM}{count:1}${END}`, '",sum:", got "}" at line 2, column 11.'],
  [
    'a count of a gauge histogram with sum',
    `${HISTOGRAM}{gcount:1,sum:1}${END}`,
    '",gsum:", got ",sum:1}" at line 2, column 12.',
  ],
  [
    'nothing behind the sum',
    `${HISTOGRAM}{count:1,sum:1}${END}`,
    '",schema:", ",quantile:[" or ",bucket:[" behind the sum, got "}" at line 2, column 17.',
  ],
  ['a blank between fields', `${HISTOGRAM}{count:1, sum:1}${END}`, '",sum:", got "," at line 2, column 11.'],
  [
    'a bucket behind +Inf',
    `${HISTOGRAM}{count:1,sum:1,bucket:[+Inf:1,2:1]}${END}`,
    '"]", got ",2:1]}" at line 2, column 32.',
  ],
  ['no +Inf', `${HISTOGRAM}{count:1,sum:1,bucket:[1:1]}${END}`, '",", got "]}" at line 2, column 29.'],
  [
    'thresholds that fall',
    `${HISTOGRAM}{count:1,sum:1,bucket:[2:1,1:1,+Inf:1]}${END}`,
    'a threshold above 2, got "1:1,+Inf:1]}" at line 2, column 30.',
  ],
  [
    'counts that fall',
    `${HISTOGRAM}{count:1,sum:1,bucket:[1:2,+Inf:1]}${END}`,
    'a cumulative bucket of 2 or more, got 1 at line 2, column 3.',
  ],
  [
    'another count in the last bucket',
    `${HISTOGRAM}{count:1,sum:1,bucket:[+Inf:2]}${END}`,
    'the count, 1, in the +Inf bucket, got 2 at line 2, column 3.',
  ],
  [
    'a label le',
    '# TYPE a histogram\na{le="1"} {count:1,sum:1,bucket:[+Inf:1]}\n# EOF\n',
    'no label le on a, got "le=\\"1\\"}" at line 2, column 3.',
  ],
  [
    'a schema that is not whole',
    `${HISTOGRAM}{count:1,sum:1,schema:0.5}${END}`,
    '",zero_threshold:", got ".5}" at line 2, column 26.',
  ],
  [
    'a schema beyond 8',
    `${HISTOGRAM}{count:1,sum:1,schema:9}${END}`,
    'a schema, a whole number from -4 to 8, got "9}" at line 2, column 25.',
  ],
  [
    'spans without buckets',
    `${NATIVE},positive_spans:[0:1]}${END}`,
    '",positive_buckets:[", got "}" at line 2, column 77.',
  ],
  [
    'an empty span',
    `${NATIVE},positive_spans:[0:0],positive_buckets:[]}${END}`,
    'the length of a span, a whole number above 0, got "0],positive_buckets:[]}" at line 2, column 75.',
  ],
  [
    'a later span that goes back',
    `${NATIVE},positive_spans:[0:1,-1:1],positive_buckets:[1,1]}${END}`,
    'the offset of a span, a whole number of 0 or more, got "-1:1],positive_buckets:[…" at line 2, column 77.',
  ],
  [
    'a span longer than any line',
    `${NATIVE},positive_spans:[0:4000000000],positive_buckets:[1]}${END}`,
    'as many counts as the spans have, 4000000000, got 1 at line 2, column 105.',
  ],
  [
    'a bucket behind that of infinity',
    `${NATIVE},positive_spans:[1025:2],positive_buckets:[1,0]}${END}`,
    'an index of at most 1025, that of infinity, got 1026 at line 2, column 73.',
  ],
  [
    'a bucket below all doubles',
    `${NATIVE},negative_spans:[-2147483649:1],negative_buckets:[1]}${END}`,
    'an index of -2147483648 or more, got -2147483649 at line 2, column 73.',
  ],
  [
    'another count than that of the buckets',
    `${NATIVE}}${END}`,
    'the sum of the native buckets, 0, as the count, got 1 at line 2, column 3.',
  ],
  [
    'a native bucket below 0',
    `${HISTOGRAM}{count:1,sum:1,schema:0,zero_threshold:0,zero_count:-1}${END}`,
    'native buckets of 0 or more, got -1 at line 2, column 3.',
  ],
  [
    'a quantile of 2',
    `# TYPE a summary\na {count:1,sum:1,quantile:[2:1]}${END}`,
    'quantiles from 0 to 1, got 2 at line 2, column 3.',
  ],
  [
    'a quantile twice',
    `# TYPE a summary\na {count:1,sum:1,quantile:[1:1,1:1]}${END}`,
    'a quantile above 1, got "1:1]}" at line 2, column 32.',
  ],
  [
    'a value of a quantile below 0',
    `# TYPE a summary\na {count:1,sum:1,quantile:[1:-1]}${END}`,
    'values of quantiles of 0 or more, or NaN, got -1 at line 2, column 3.',
  ],
  [
    'a count of a summary that is not whole',
    `# TYPE a summary\na {count:1.5,sum:1,quantile:[]}${END}`,
    'a whole count of 0 or more, got 1.5 at line 2, column 3.',
  ],
  [
    'one number of a summary',
    `# TYPE a summary\na 1${END}`,
    'a value in braces in a, which is of type summary, got "1" at line 2, column 3.',
  ],
  [
    'a composite value of a gauge',
    `# TYPE a gauge\na {count:1,sum:1,quantile:[]}${END}`,
    'one number in a, which is of type gauge, got "{count:1,sum:1,quantile:…" at line 2, column 3.',
  ],
  [
    'a summary in a histogram',
    `${HISTOGRAM}{count:1,sum:1,quantile:[]}${END}`,
    'the fields of its type in a, which is of type histogram, got "{count:1,sum:1,quantile:…" at line 2, column 3.',
  ],
  [
    'a start of a gauge histogram',
    `# TYPE a gaugehistogram\na {gcount:0,gsum:0,bucket:[+Inf:0]} st@5${END}`,
    'no start timestamp on a, which is of type gaugehistogram, got "st@5" at line 2, column 37.',
  ],
  [
    'an exemplar of an info',
    `# TYPE a_info info\na_info 1 # {} 1 2${END}`,
    'no exemplar on a_info, which is of type info, got "#" at line 2, column 10.',
  ],
  [
    'a series twice',
    `a 1\na 2 5${END}`,
    'each series once, or its samples with timestamps, got a with the same labels again at line 2, column 1.',
  ],
  ['times that fall', `a 1 6\na 2 5${END}`, 'a timestamp of 6 or later, got "5" at line 2, column 5.'],
  [
    'a metric in two groups',
    `a{b="1"} 1\na 1\na{b="1"} 2${END}`,
    'each metric once, its samples together, got a sample of a metric further up at line 3, column 1.',
  ],
  [
    'states in two groups',
    `# TYPE a stateset\na{a="x",b="1"} 1\na{a="x",b="2"} 1\na{a="y",b="1"} 1${END}`,
    'the states of each metric together, got a state of a metric further up at line 4, column 1.',
  ],
  [
    'a state without its label',
    `# TYPE a stateset\na{b="1"} 1${END}`,
    'the label a on a, got none at line 2, column 1.',
  ],
  [
    'an info of another name',
    `# TYPE a info${END}`,
    'the name of an info to end with _info, got a at line 1, column 10.',
  ],
  [
    'a unit of other characters',
    `# UNIT a µs${END}`,
    'a unit of letters, digits, "_" and ":", got "µs" at line 1, column 10.',
  ],
  ['a quote in HELP', `# HELP a The "A".${END}`, 'a quote in HELP as \\", got "\\"A\\"." at line 1, column 14.'],
]);
