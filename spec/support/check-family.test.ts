import { declareRefusals } from './declare-refusals.ts';

declareRefusals([
  // Counters
  ['a negative counter', '# TYPE a counter\na -1\n', '2: expected a counter a of 0 or more, got -1'],
  ['a counter that is NaN', '# TYPE a counter\na 1\na{b="c"} NaN\n', '3: expected a counter a of 0 or more, got NaN'],

  // Histograms
  [
    'a histogram without +Inf',
    histogram('h_bucket{le="1.0"} 1', 'h_sum 1', 'h_count 1'),
    '2: expected a +Inf bucket of h [], got none',
  ],
  ['a histogram without buckets', histogram('h_sum 1', 'h_count 1'), '2: expected a +Inf bucket of h [], got none'],
  [
    'a histogram of which one series has no +Inf',
    histogram('h_bucket{le="+Inf"} 0', 'h_sum 0', 'h_count 0', 'h_count{a="b"} 0'),
    '5: expected a +Inf bucket of h [["a","b"]], got none',
  ],
  [
    'buckets that are not cumulative',
    histogram('h_bucket{le="1.0"} 2', 'h_bucket{le="+Inf"} 1', 'h_sum 1', 'h_count 1'),
    '3: expected a cumulated bucket of 2 or more, got 1',
  ],
  [
    'bounds out of order',
    histogram('h_bucket{le="10.0"} 1', 'h_bucket{le="2.0"} 1', 'h_bucket{le="+Inf"} 1', 'h_sum 1', 'h_count 1'),
    '3: expected le in increasing order, above "10.0", got "2.0"',
  ],
  [
    'a bucket after +Inf',
    histogram('h_bucket{le="+Inf"} 1', 'h_bucket{le="2.0"} 1', 'h_sum 1', 'h_count 1'),
    '3: expected le in increasing order, above "+Inf", got "2.0"',
  ],
  [
    '_count that differs from +Inf',
    histogram('h_bucket{le="+Inf"} 2', 'h_sum 1', 'h_count 3'),
    '2: expected _count of h [] equal to its +Inf bucket, 2, got 3',
  ],
  ['a histogram without _sum', histogram('h_bucket{le="+Inf"} 1', 'h_count 1'), '2: expected a _sum of h [], got none'],
  [
    'a histogram without _count',
    histogram('h_bucket{le="+Inf"} 1', 'h_sum 1'),
    '2: expected a _count of h [], got none',
  ],
  [
    'a bucket without le',
    histogram('h_bucket 1', 'h_sum 1', 'h_count 1'),
    '2: expected the label le on h_bucket, got none',
  ],
  [
    'le on _sum',
    histogram('h_bucket{le="+Inf"} 1', 'h_sum{le="+Inf"} 1', 'h_count 1'),
    '3: expected no le on h_sum, got "le"',
  ],
  [
    'le on _count',
    histogram('h_bucket{le="+Inf"} 1', 'h_sum 1', 'h_count{le="+Inf"} 1'),
    '4: expected no le on h_count, got "le"',
  ],
  ['a bare sample of a histogram', histogram('h 1'), '2: expected h with the suffix _bucket, _sum or _count, got "h"'],
  [
    'a fraction as a bucket',
    histogram('h_bucket{le="+Inf"} 1.5', 'h_sum 1', 'h_count 1.5'),
    '2: expected a whole number of observations in h_bucket, got 1.5',
  ],
  [
    'a negative bucket',
    histogram('h_bucket{le="+Inf"} -1', 'h_sum 1', 'h_count -1'),
    '2: expected a whole number of observations in h_bucket, got -1',
  ],
  [
    'an infinite _count',
    histogram('h_bucket{le="+Inf"} 1', 'h_sum 1', 'h_count +Inf'),
    '4: expected a whole number of observations in h_count, got Infinity',
  ],
  ['le as NaN', histogram('h_bucket{le="NaN"} 1'), '2: expected a number as le, got "NaN"'],
  ['le as Infinity', histogram('h_bucket{le="Infinity"} 1'), '2: expected a number as le, got "Infinity"'],
  ['le as -Inf', histogram('h_bucket{le="-Inf"} 1'), '2: expected a finite le or +Inf, got "-Inf"'],
  ...(
    [
      ['1', '1.0'],
      ['1.00', '1.0'],
      ['1e-7', '1e-07'],
      ['0.0000001', '1e-07'],
      ['1000000', '1e+06'],
      ['1e6', '1e+06'],
      ['1000000.0', '1e+06'],
      ['2.50', '2.5'],
      ['1e-1', '0.1'],
      ['1E+06', '1e+06'],
      ['0.1000000000000000055', '0.1'],
    ] as const
  ).map(
    ([le, canonical]) =>
      [
        `le as ${le}`,
        histogram(`h_bucket{le="${le}"} 1`),
        `2: expected le in canonical float form, "${canonical}", got "${le}"`,
      ] as const,
  ),

  // Summaries
  [
    'a quantile in another form',
    summary('s{quantile="1"} 1', 's_sum 1', 's_count 1'),
    '2: expected quantile in canonical float form, "1.0", got "1"',
  ],
  [
    'a quantile in per cent',
    summary('s{quantile="99.0"} 1', 's_sum 1', 's_count 1'),
    '2: expected a quantile from 0 to 1, got 99',
  ],
  [
    'a negative quantile',
    summary('s{quantile="-0.5"} 1', 's_sum 1', 's_count 1'),
    '2: expected a quantile from 0 to 1, got -0.5',
  ],
  ['a quantile that is no number', summary('s{quantile="median"} 1'), '2: expected a number as quantile, got "median"'],
  [
    'quantiles out of order',
    summary('s{quantile="0.9"} 1', 's{quantile="0.5"} 1', 's_sum 1', 's_count 1'),
    '3: expected quantile in increasing order, above "0.9", got "0.5"',
  ],
  [
    'a summary sample without quantile',
    summary('s 1', 's_sum 1', 's_count 1'),
    '2: expected the label quantile on s, got none',
  ],
  [
    'quantile on _sum',
    summary('s_sum{quantile="0.5"} 1', 's_count 1'),
    '2: expected no quantile on s_sum, got "quantile"',
  ],
  ['a summary without _sum', summary('s{quantile="0.5"} 1', 's_count 1'), '2: expected a _sum of s [], got none'],
  ['a summary without _count', summary('s{quantile="0.5"} 1', 's_sum 1'), '2: expected a _count of s [], got none'],
]);

function histogram(...lines: readonly string[]): string {
  return ['# TYPE h histogram', ...lines, ''].join('\n');
}

function summary(...lines: readonly string[]): string {
  return ['# TYPE s summary', ...lines, ''].join('\n');
}
