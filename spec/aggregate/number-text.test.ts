import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64Numbers } from '../../lib/aggregate/message.ts';

test('base64Numbers carries every number there and back, whatever part of a buffer they stand in', () => {
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
  assert.deepEqual(base64Numbers.decode(base64Numbers.encode(part)), new Float64Array(part));
  assert.deepEqual(base64Numbers.decode(''), new Float64Array(0));
});

test('base64Numbers.decode() refuses a text that holds no whole numbers', () => {
  assert.throws(
    () => base64Numbers.decode('AAAA'),
    /^RangeError: Cannot read numbers: expected 8 bytes for each, got 3 bytes\.$/,
  );
});
