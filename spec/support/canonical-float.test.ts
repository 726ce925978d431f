import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalFloat } from './canonical-float.ts';
import { parseFloatText } from './parse-float-text.ts';
import { SeededRandom } from './seeded-random.ts';

test('canonicalFloat() writes what Go writes', () => {
  const written: [number, string][] = [
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-1, '-1.0'],
    [10, '10.0'],
    [0.5, '0.5'],
    [0.005, '0.005'],
    [2.5, '2.5'],
    [0.0001, '0.0001'],
    [0.00012, '0.00012'],
    [0.00001, '1e-05'],
    [0.0000012, '1.2e-06'],
    [1e-7, '1e-07'],
    [100000, '100000.0'],
    [123456, '123456.0'],
    [123456.7, '123456.7'],
    [999999, '999999.0'],
    [1e6, '1e+06'],
    [1234567, '1.234567e+06'],
    [-2.5e9, '-2.5e+09'],
    [1e21, '1e+21'],
    [1e100, '1e+100'],
    [5e-324, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [0.1 + 0.2, '0.30000000000000004'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
  ];
  for (const [value, text] of written) assert.equal(canonicalFloat(value), text);
});

test('canonicalFloat() of any double reads back as that double, and never looks like an integer', () => {
  const random = new SeededRandom(1);
  const bytes = new DataView(new ArrayBuffer(8));
  for (let round = 0; round < 5000; round++) {
    bytes.setUint32(0, random.int(2 ** 32));
    bytes.setUint32(4, random.int(2 ** 32));
    const value = round % 2 === 0 ? bytes.getFloat64(0) : (random.next() - 0.5) * 10 ** (random.int(16) - 7);
    const text = canonicalFloat(value);
    assert.ok(Object.is(parseFloatText(text), value), `${value} became ${text}`);
    if (Number.isFinite(value)) assert.match(text, /[.e]/);
  }
});
