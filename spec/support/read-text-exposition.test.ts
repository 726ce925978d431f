import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTextExposition } from './read-text-exposition.ts';

test('readTextExposition() reads names in quotes, escapes, exemplars and metadata of OpenMetrics', () => {
  const text = `# TYPE "a.b" counter
# UNIT "a.b" seconds
# HELP "a.b" Says \\"so\\"\\\\\\n.
{"a.b_total","l.1"="x\\"\\\\\\n",m=""} 1e+21 # {t="1",u=""} 0.5 1700000000.25
{"a.b_total"} -0.5 # {} NaN
# TYPE c gauge
c{} +Inf
c{d="}"} -Inf
# EOF
`;
  assert.deepEqual(readTextExposition(text.replace('c{}', 'c'), true), [
    {
      name: 'a.b',
      type: 'counter',
      help: 'Says "so"\\\n.',
      unit: 'seconds',
      samples: [
        {
          name: 'a.b_total',
          labels: new Map([
            ['l.1', 'x"\\\n'],
            ['m', ''],
          ]),
          value: 1e21,
          exemplar: {
            labels: new Map([
              ['t', '1'],
              ['u', ''],
            ]),
            value: 0.5,
            timestampSeconds: 1_700_000_000.25,
          },
        },
        { name: 'a.b_total', labels: new Map(), value: -0.5, exemplar: { labels: new Map(), value: NaN } },
      ],
    },
    {
      name: 'c',
      type: 'gauge',
      help: '',
      unit: '',
      samples: [
        { name: 'c', labels: new Map(), value: Infinity },
        { name: 'c', labels: new Map([['d', '}']]), value: -Infinity },
      ],
    },
  ]);
});

test('readTextExposition() refuses what breaks the grammar', () => {
  const faults = [
    'a 1',
    'a 1\n# EOF\n',
    '# TYPE a gauge\na  1\n',
    '# TYPE a gauge\na 01\n',
    '# TYPE a gauge\na +1\n',
    '# TYPE a gauge\na 1 \n',
    '# TYPE a gauge\na{b=1} 1\n',
    '# TYPE a gauge\na{b="1",} 1\n',
    '# TYPE a gauge\na{b="1" c="2"} 1\n',
    '# TYPE a gauge\na{b="1",b="2"} 1\n',
    '# TYPE a gauge\na{b="\\x"} 1\n',
    '# TYPE a gauge\na{b="1} 1\n',
    '# TYPE a gauge\n{b="1"} 1\n',
    '# TYPE a gauge\na 1 # {} 1 x\n',
    '# TYPE a gauge\n# TYPE b gauge\n# TYPE a gauge\n',
    '# TYPE a gauge\n# TYPE a gauge\n',
    '# TYPE a gauge\na 1\n# HELP a Late.\n',
    '# HELP a \\"\n',
    '# a\n',
    '#\n',
    'a 1\n',
    '# TYPE a gauge\na\n',
    '\ud800\n',
  ];
  for (const text of faults)
    assert.throws(() => readTextExposition(text, false), { name: 'SyntaxError' }, JSON.stringify(text));
  assert.throws(() => readTextExposition('# TYPE a gauge\na 1\n', true), /# EOF/);
  assert.throws(() => readTextExposition('# TYPE a gauge\n\na 1\n# EOF\n', true), { name: 'SyntaxError' });
});
