import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOff } from '../../lib/push/back-off.ts';

test('backOff() doubles from one attempt to the next, up to 30 seconds', () => {
  const delays = Array.from({ length: 9 }, (_, i) => backOff(i + 1, 500, () => 0));
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  assert.equal(
    backOff(5000, 500, () => 0),
    30_000,
  );
  assert.equal(
    backOff(3, 0, () => 0),
    0,
  );
});

test('backOff() takes off up to half by chance', () => {
  assert.equal(
    backOff(1, 500, () => 0.5),
    375,
  );
  const delays = Array.from({ length: 100 }, () => backOff(2, 500));
  assert.ok(delays.every((delay) => delay > 500 && delay <= 1000));
  assert.ok(new Set(delays).size > 1);
});
