import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOff, retryAfterMilliseconds } from '../../lib/push/deliver.ts';

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

test('retryAfterMilliseconds() reads seconds and the three forms of a date, as GMT', () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 7);
  for (const [text, expected] of [
    ['0', 0],
    ['120', 120_000],
    ['9'.repeat(400), 2 ** 31 * 1000],
    [' 7 ', 7000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
    ['Sun, 06 Nov 1994 08:49:00 GMT', 0],
  ] as const) {
    assert.equal(retryAfterMilliseconds(text, undefined, now), expected, text);
  }
});

test('retryAfterMilliseconds() compares a date with that of the answer, not with a clock that may differ', () => {
  const [date, later] = ['Sun, 06 Nov 1994 08:49:07 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT'];
  assert.equal(retryAfterMilliseconds(later, date, 0), 30_000);
  assert.equal(retryAfterMilliseconds(later, 'noon', Date.parse(date)), 30_000);
});

test('retryAfterMilliseconds() takes nothing else', () => {
  const texts = [
    undefined,
    '',
    ' ',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    '5 s',
    'soon',
    '2030-01-01',
    'Foo, 99 Bar 2030 99:99:99 GMT',
  ];
  for (const text of texts) assert.equal(retryAfterMilliseconds(text, undefined, 0), undefined, text);
});
