import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSpan } from '../../../lib/page/text/format-span.ts';

test('formatSpan() shows the two greatest units', () => {
  for (const [seconds, text] of [
    [-1, '0 s'],
    [0.9, '0 s'],
    [45, '45 s'],
    [60, '1 min'],
    [125, '2 min 5 s'],
    [11_520, '3 h 12 min'],
    [3601, '1 h'],
    [90_000, '1 d 1 h'],
  ] as const) {
    assert.equal(formatSpan(seconds).replaceAll('\u00a0', ' '), text);
  }
});
