import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HELD_SCRAPES, ScrapeClock } from '../../../lib/page/history/scrape-clock.ts';

function clockOf(times: readonly number[]): ScrapeClock {
  const clock = new ScrapeClock();
  for (const time of times) clock.tick(time);
  return clock;
}

test('ScrapeClock remembers the last 61 scrapes', () => {
  const clock = clockOf(Array.from({ length: 100 }, (_, i) => i * 5));
  assert.deepEqual(
    [clock.count, clock.oldest, clock.timeOf(99), clock.timeOf(39)],
    [100, 100 - HELD_SCRAPES, 495, 195],
  );
});

test('ScrapeClock.windowStart() is the oldest scrape in the window, a late or early timer allowed for', () => {
  const clock = clockOf([0, 5.1, 10, 15.2, 20]);
  assert.equal(clock.windowStart(10), 2);
  assert.equal(clock.windowStart(15), 1);
  assert.equal(clock.windowStart(1000), 0);
});

test('ScrapeClock.windowStart() is the scrape before the last where the window holds no other', () => {
  assert.equal(clockOf([0, 100, 200]).windowStart(60), 1);
  assert.equal(clockOf([0]).windowStart(60), 0);
});

test('ScrapeClock.windowStart() goes no further back than what is remembered', () => {
  const clock = clockOf(Array.from({ length: 500 }, (_, i) => i / 10));
  assert.equal(clock.windowStart(60), clock.oldest);
});
