import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberText } from '../../lib/aggregate/message.ts';

test('numberText carries every number there and back, whatever part of a buffer they stand in', () => {
  const numbers = new Float64Array([
    9,
    0,
    -0,
    1.5,
    NaN,
    Infinity,
    -Infinity,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_VALUE,
  ]);
  const part = numbers.subarray(1);
  assert.deepEqual(numberText.decode(numberText.encode(part)), new Float64Array(part));
  assert.deepEqual(numberText.decode(''), new Float64Array(0));
});

test('numberText.decode() refuses a text that holds no whole numbers', () => {
  assert.throws(
    () => numberText.decode('AAAA'),
    /^RangeError: Cannot read numbers: expected 8 bytes for each, got 3 bytes\.$/,
  );
});
