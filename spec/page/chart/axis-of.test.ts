import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisOf } from '../../../lib/page/chart/axis-of.ts';
import { scraped } from '../scraped.ts';

const spanAfter = (scrapes: number, intervalSeconds: number): number =>
  axisOf(scraped(new Array<string>(scrapes).fill('a 1\n'), 5).clock, intervalSeconds).spanSeconds;

test('axisOf() is as long as the scrapes it has, within 12 and 60 of them', () => {
  assert.deepEqual([spanAfter(1, 5), spanAfter(21, 5), spanAfter(100, 5), spanAfter(100, 2)], [60, 100, 300, 120]);
});

test('axisOf() has the times of the remembered scrapes', () => {
  assert.deepEqual(axisOf(scraped(['a 1\n', undefined, 'a 1\n']).clock, 5), {
    times: [1000, 1010],
    spanSeconds: 60,
    gapSeconds: 15,
  });
});
