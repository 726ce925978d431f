import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeOf } from '../../../lib/page/chart/range-of.ts';

test('rangeOf() goes from 0 where that is asked for, else from the least value', () => {
  assert.deepEqual(rangeOf([2, 4, NaN], { fromZero: true }), { min: 0, max: 4 });
  assert.deepEqual(rangeOf([2, 4, Infinity], { fromZero: false }), { min: 2, max: 4 });
  assert.deepEqual(rangeOf([-2, 4], { fromZero: true }), { min: -2, max: 4 });
});

test('rangeOf() has a height where all values are the same or there is none', () => {
  assert.deepEqual(rangeOf([], { fromZero: false }), { min: 0, max: 1 });
  assert.deepEqual(rangeOf([0, 0], { fromZero: true }), { min: 0, max: 1 });
  assert.deepEqual(rangeOf([8, 8], { fromZero: false }), { min: 4, max: 12 });
  assert.deepEqual(rangeOf([0], { fromZero: false }), { min: -1, max: 1 });
});
