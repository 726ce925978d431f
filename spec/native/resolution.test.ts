import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { MAX_SCHEMA, MIN_SCHEMA, upperBoundOf } from '../../lib/native/resolution.ts';

test('upperBoundOf() rises from the smallest number to the largest, through every power of two', () => {
  for (let schema = MIN_SCHEMA; schema <= MAX_SCHEMA; schema++) {
    const perDoubling = 2 ** schema;
    for (let exponent = -1074; exponent < 1024; exponent++) {
      const index = exponent * perDoubling;
      if (Number.isInteger(index)) assert.equal(upperBoundOf(index, schema), 2 ** exponent);
    }
    assert.equal(upperBoundOf(1024 * perDoubling, schema), Number.MAX_VALUE);
    let before = 0;
    for (let index = Math.ceil(-1021 * perDoubling); index <= 1024 * perDoubling; index++) {
      const bound = upperBoundOf(index, schema);
      assert.ok(bound > before, `bound ${index} of schema ${schema}: expected above ${before}, got ${bound}`);
      before = bound;
    }
  }
});

test('upperBoundOf() returns the numbers in the table of client_golang', () => {
  // SHA-256 of `nativeHistogramBounds[8]` of client_golang 1.23.2, from 0.5 to below 1, as little-endian doubles.
  const expected = '9de5914e4bc19f96dd1f461efa1b8f3fd6bfe80297b3a5a46302dac8a388c730';
  const bytes = new DataView(new ArrayBuffer(8 * 256));
  for (let i = 0; i < 256; i++) bytes.setFloat64(8 * i, upperBoundOf(i - 256, 8), true);
  assert.equal(createHash('sha256').update(Buffer.from(bytes.buffer)).digest('hex'), expected);
});
