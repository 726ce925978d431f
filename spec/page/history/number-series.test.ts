import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NumberSeries } from '../../../lib/page/history/number-series.ts';
import { HELD_SCRAPES } from '../../../lib/page/history/scrape-clock.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { scraped } from '../scraped.ts';

/** The counter `c_total` after scrapes in which it had these values, undefined where it was not there. */
function counter(values: readonly (number | undefined)[], intervalSeconds = 5): NumberSeries {
  const expositions = values.map((value) => {
    return value === undefined ? 'other 1\n' : `# TYPE c_total counter\nc_total ${value}\nother 1\n`;
  });
  const family = scraped(expositions, intervalSeconds)
    .families()
    .find(({ name }) => name === 'c_total')!;
  return [...family.series.values()][0] as NumberSeries;
}

test('NumberSeries.rate() is the increase per second over the window', () => {
  assert.equal(counter([10, 20, 45]).rate(60), 3.5);
  assert.equal(counter([10, 20, 45]).rate(5), 5);
});

test('NumberSeries.rate() takes a fall for a start from 0', () => {
  // 10 to 30, a restart that counted up to 4, and on to 6.
  assert.equal(counter([10, 30, 4, 6]).rate(60), (20 + 4 + 2) / 15);
});

test('NumberSeries.rate() is NaN until two scrapes have the series', () => {
  assert.ok(Number.isNaN(counter([5]).rate(60)));
  assert.ok(Number.isNaN(counter([undefined, 5]).rate(60)));
});

test('NumberSeries.rate() bridges scrapes that do not have the series', () => {
  assert.equal(counter([10, undefined, undefined, 40]).rate(60), 2);
});

test('NumberSeries.rates() has the increase per second up to each scrape', () => {
  assert.deepEqual(counter([10, 20, 5, undefined, 8, 9]).rates(), [NaN, 2, 1, NaN, NaN, 0.2]);
});

test('NumberSeries.values() has a place for each remembered scrape', () => {
  assert.deepEqual(counter([1, undefined, 3]).values(), [1, NaN, 3]);
  const long = counter(Array.from({ length: 200 }, (_, i) => i));
  assert.deepEqual(
    long.values(),
    Array.from({ length: HELD_SCRAPES }, (_, i) => 200 - HELD_SCRAPES + i),
  );
  assert.equal(long.value, 199);
});

test('NumberSeries forgets values as scrapes go by without it', () => {
  const values: (number | undefined)[] = Array.from({ length: 70 }, (_, i) => i);
  values.push(...new Array<undefined>(30).fill(undefined), 500);
  const shown = counter(values).values();
  assert.equal(shown.length, HELD_SCRAPES);
  assert.deepEqual(
    shown.slice(0, 30),
    Array.from({ length: 30 }, (_, i) => 40 + i),
  );
  assert.ok(shown.slice(30, 60).every(Number.isNaN));
  assert.equal(shown[60], 500);
});

test('NumberSeries.rate() is what adding up every step by hand gives, over random counters with restarts', () => {
  const random = new SeededRandom(11);
  for (let round = 0; round < 300; round++) {
    const values: number[] = [random.int(100)];
    for (let i = 0; i < 2 + random.int(80); i++)
      values.push(random.int(5) === 0 ? random.int(20) : values.at(-1)! + random.int(50));
    const inWindow = values.slice(-13);
    let total = 0;
    for (const [i, value] of inWindow.entries()) {
      if (i > 0) total += value < inWindow[i - 1]! ? value : value - inWindow[i - 1]!;
    }
    assert.equal(counter(values).rate(60), total / ((inWindow.length - 1) * 5));
  }
});
