import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../lib/parse/index.ts';
import { asFamilies2, asFarAsParsed } from '../support/parsed-openmetrics2.ts';
import { readOpenMetrics2 } from '../support/read-openmetrics2.ts';
import { SeededRandom } from '../support/seeded-random.ts';

// parse() and a reader that is the grammar of the specification as patterns give each text the same verdict, and read the same.

const CONTENT_TYPE = 'application/openmetrics-text; version=2.0.0; charset=utf-8';
const TEXT = `# TYPE a_total counter
# UNIT a_total bytes
# HELP a_total Some \\"x\\n \\\\ \\é text.
a_total{x="y",z="q\\"\\n\\\\"} 3 1700.5 st@160 # {t="x"} 1 5 # {} -1e3 6.
a_total 3 1701 st@160
a_total 4 1702
# TYPE h histogram
h{a="b"} {count:4,sum:5.75,bucket:[-Inf:0,-1.0:1,0.5:3,1e+06:4,+Inf:4]} st@1.25 # {a="e"} 0.5 1
h{a="c"} {count:9,sum:NaN,schema:0,zero_threshold:2.9e-39,zero_count:1,negative_spans:[2:1],negative_buckets:[2],positive_spans:[-3:3,4:1],positive_buckets:[1,0,2,3],bucket:[1.0:9,+Inf:9]} 5
h {count:0,sum:0,schema:-4,zero_threshold:0,zero_count:0}
# TYPE gh gaugehistogram
gh {gcount:1.5,gsum:-2,bucket:[1:0.5,+Inf:1.5]}
# TYPE s summary
s{l="m"} {count:2,sum:3,quantile:[0.5:1,1:NaN]} st@7
s {count:0,sum:0,quantile:[]}
# TYPE i_info info
i_info{v="1"} 1
# TYPE e stateset
e{a="1",e="x"} 1 5
e{a="1",e="x"} 0 6
e{a="1",e="y"} 0 5
e{a="2",e="x"} 0
u nan
{"x.y","l.m"="n"} +Inf
w {count:1,sum:2,quantile:[]} st@5 # {} 1 2
# EOF
`;
const PIECES = [
  ...[
    '"',
    '\\',
    '\n',
    ' ',
    ',',
    ':',
    '[',
    ']',
    '{',
    '}',
    '#',
    '=',
    '_',
    '\r',
    'é',
    '0',
    '1',
    '9',
    '-',
    '+',
    '.',
    'e',
    'x',
  ],
  ...[
    'NaN',
    'inf',
    '+Inf',
    '-Inf',
    '+Inf:1',
    'st@',
    'count:',
    'gcount:',
    'sum:',
    ',schema:9',
    'le="1"',
    'quantile="1",',
  ],
  ...['# EOF\n', '# TYPE ', '# {} 1 2', '0:0', '1:1', ',-1:1', '1e309', '_info', 'gauge', 'histogram'],
];

function verdictOf<T>(read: () => T): { readonly result?: T; readonly refusal?: string } {
  try {
    return { result: read() };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { refusal: error.message };
  }
}

/** A text with one or two of its characters or lines changed. */
function changed(text: string, random: SeededRandom): string {
  let result = text;
  for (let changes = 1 + random.int(2); changes > 0; changes--) {
    const at = random.int(result.length);
    const piece = random.pick(PIECES);
    const lines = result.split('\n');
    switch (random.int(5)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + 1 + random.int(3));
        break;
      case 1:
        result = result.slice(0, at) + piece + result.slice(at);
        break;
      case 2:
        result = result.slice(0, at) + piece + result.slice(at + 1);
        break;
      case 3: {
        const [line = ''] = lines.splice(random.int(lines.length), 1);
        lines.splice(random.int(lines.length), 0, line);
        result = lines.join('\n');
        break;
      }
      default:
        lines.splice(random.int(lines.length), 0, random.pick(lines));
        result = lines.join('\n');
    }
  }
  return result;
}

for (const seed of [1, 2, 3]) {
  test(`parse() takes and reads the texts of OpenMetrics 2.0 that its grammar describes, and no others, seed ${seed}`, () => {
    const random = new SeededRandom(seed);
    let taken = 0;
    for (let i = 0; i < 6_000; i++) {
      const text = i === 0 ? TEXT : changed(TEXT, random);
      const ours = verdictOf(() => asFamilies2(parse(text, CONTENT_TYPE)));
      const theirs = verdictOf(() => asFarAsParsed(readOpenMetrics2(text)));
      const what = `${ours.refusal}; ${theirs.refusal}: ${text}`;
      assert.equal(ours.refusal === undefined, theirs.refusal === undefined, what);
      assert.deepEqual(ours.result, theirs.result, what);
      if (ours.refusal === undefined) taken++;
    }
    assert.ok(taken > 200 && taken < 3_000, `${taken} texts were taken`);
  });
}
