import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../lib/parse/index.ts';
import { SeededRandom } from '../support/seeded-random.ts';

// Number texts, against the grammar as a regular expression and the engine's conversion.

const GRAMMAR = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
const PIECES = [
  '',
  '+',
  '-',
  '.',
  'e',
  'E',
  'e+',
  'e-',
  '0',
  '1',
  '9',
  '00',
  '123',
  '9007199254740993',
  'x',
  '_',
  '0x',
];

test('parse() reads the numbers of the grammar as the engine does, and no others', () => {
  const random = new SeededRandom(5);
  let read = 0;
  for (let i = 0; i < 10_000; i++) {
    const text = Array.from({ length: 1 + random.int(6) }, () => random.pick(PIECES)).join('');
    const value = GRAMMAR.test(text) ? Number(text) : NaN;
    if (Number.isFinite(value)) {
      read++;
      assert.ok(Object.is(valueOf(text), value), text);
    } else {
      assert.throws(() => valueOf(text), { name: 'SyntaxError' }, text);
    }
  }
  assert.ok(read > 1000, `${read}`);
});

test('parse() reads every double as it is written', () => {
  const random = new SeededRandom(6);
  const bits = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < 10_000; i++) {
    bits.setUint32(0, random.int(2 ** 32));
    bits.setUint32(4, random.int(2 ** 32));
    const value = random.int(2) === 0 ? bits.getFloat64(0) : (random.next() - 0.5) * 10 ** random.int(20);
    if (!Number.isFinite(value)) continue;
    for (const text of [String(value), value.toExponential(), value.toFixed(random.int(20))]) {
      assert.ok(Object.is(valueOf(text), Number(text)), text);
    }
  }
});

for (const [texts, value] of [
  [['NaN', 'nan', 'nAN'], NaN],
  [['Inf', '+Inf', 'inf', '+INFINITY', 'Infinity'], Infinity],
  [['-Inf', '-inf', '-infinity'], -Infinity],
  [['-0', '-0.0', '-0e5', '-.0'], -0],
  [['1e-400', '0.0'], 0],
] as const) {
  test(`parse() reads ${texts.join(', ')} as ${Object.is(value, -0) ? '-0' : value}`, () => {
    for (const text of texts) assert.ok(Object.is(valueOf(text), value), text);
  });
}

test('parse() gives timestamps in seconds, from milliseconds in the text formats', () => {
  const timestampOf = (text: string, contentType?: string) => parse(text, contentType)[0]?.samples[0]?.timestampSeconds;
  assert.equal(timestampOf('a 1 1395066363123\n'), 1395066363.123);
  assert.equal(timestampOf('a 1 -3982045\n'), -3982.045);
  assert.equal(timestampOf('a 1 +5\n'), 0.005);
  assert.equal(timestampOf('a 1 9223372036854775807\n'), 2 ** 63 / 1000);
  assert.equal(timestampOf('a 1 -0009223372036854775808\n'), -(2 ** 63) / 1000);
  assert.equal(timestampOf('a 1 1395066363.123\n# EOF', 'application/openmetrics-text'), 1395066363.123);
  assert.equal(timestampOf('a 1 1.5e3\n# EOF', 'application/openmetrics-text'), 1500);
});

function valueOf(text: string): number | undefined {
  return parse(`a ${text}\n`)[0]?.samples[0]?.value;
}
