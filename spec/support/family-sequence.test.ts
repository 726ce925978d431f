import { declareRefusals } from './declare-refusals.ts';

const HISTOGRAM = '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n';

declareRefusals([
  [
    'samples of a family in two places',
    'a{b="c"} 1\nb 1\na{b="d"} 1\n',
    '3: expected all lines of a in one group, got "a further down"',
  ],
  [
    'HELP of a family in another place',
    '# TYPE a gauge\n# TYPE b gauge\n# HELP a c\n',
    '3: expected all lines of a in one group, got "a further down"',
  ],
  [
    'a part of a histogram in another place',
    `${HISTOGRAM}a 1\nh_count{b="c"} 1\n`,
    '6: expected all lines of h in one group, got "h_count further down"',
  ],
  ['a series twice', 'a{b="c"} 1\na{b="c"} 2\n', '2: expected each series once, got "a [[\\"b\\",\\"c\\"]]"'],
  ['an unlabelled series twice', 'a 1\na 1\n', '2: expected each series once, got "a []"'],
  [
    'a series twice, labels in another order',
    'a{b="c",d="e"} 1\na{d="e",b="c"} 1\n',
    '2: expected each series once, got "a [[\\"b\\",\\"c\\"],[\\"d\\",\\"e\\"]]"',
  ],
  ['a series twice, once with an empty label', 'a{b=""} 1\na 1\n', '2: expected each series once, got "a []"'],
  ['a series twice at two times', 'a 1 1\na 1 2\n', '2: expected each series once, got "a []"'],
  [
    'a counter beside the histogram whose part it names',
    `# TYPE h_count counter\nh_count 1\n${HISTOGRAM}`,
    '3: expected no sample name shared by h_count and h, got "h_count"',
  ],
  [
    'a family inside the histogram whose part it names',
    `${HISTOGRAM}# TYPE h_sum gauge\n`,
    '5: expected no sample name shared by h and h_sum, got "h_sum"',
  ],
]);
