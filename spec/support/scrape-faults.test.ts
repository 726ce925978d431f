import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExposition } from './parse-exposition.ts';
import { scrapeFaults } from './scrape-faults.ts';

const counter = (value: number): string => `# TYPE scans_total counter\nscans_total{strategy="swing"} ${value}\n`;

/** A histogram of two bounds, 1 and 2; the counts are cumulative. */
const histogram = (counts: readonly [number, number, number], sum: number): string =>
  '# TYPE seconds histogram\n' +
  ['1.0', '2.0', '+Inf'].map((le, i) => `seconds_bucket{le="${le}"} ${counts[i]}\n`).join('') +
  `seconds_sum ${sum}\nseconds_count ${counts[2]}\n`;

const faults = (before: string, after: string): string[] =>
  scrapeFaults(parseExposition(before), parseExposition(after));

test('scrapeFaults() finds none where counters rise or stay, and sums fit the buckets', () => {
  assert.deepEqual(faults('', counter(3)), []);
  assert.deepEqual(faults(counter(3), counter(3)), []);
  assert.deepEqual(faults(counter(3), counter(4)), []);
  assert.deepEqual(faults('', histogram([1, 2, 2], 2.5)), []);
  assert.deepEqual(faults(histogram([1, 2, 2], 2.5), histogram([1, 2, 3], 90)), []);
});

test('scrapeFaults() finds a counter that fell or is gone', () => {
  const key = 'scans_total [["strategy","swing"]]';
  assert.deepEqual(faults(counter(4), counter(3)), [`${key} fell from 4 to 3`]);
  assert.deepEqual(faults(counter(4), ''), [`${key} has gone`]);
});

test('scrapeFaults() finds a gauge that fell to be in order', () => {
  assert.deepEqual(faults('# TYPE open gauge\nopen 4\n', '# TYPE open gauge\nopen -1\n'), []);
});

test('scrapeFaults() finds a histogram whose sum does not fit what was added to its buckets', () => {
  const torn = (range: string, grown: number): string[] => [
    `seconds [] is torn: by its buckets, its sum grew by ${range}, but it grew by ${grown}`,
  ];
  const before = histogram([1, 2, 2], 2);
  assert.deepEqual(faults(before, histogram([1, 3, 3], 2)), torn('1 to 2', 0));
  assert.deepEqual(faults(before, histogram([1, 3, 3], 4.5)), torn('1 to 2', 2.5));
  assert.deepEqual(faults(before, histogram([1, 2, 2], 2.5)), torn('0 to 0', 0.5));
  assert.deepEqual(faults(before, histogram([1, 2, 3], 3.5)), torn('2 to Infinity', 1.5));
  assert.deepEqual(faults('', histogram([0, 0, 1], 0.5)), torn('2 to Infinity', 0.5));
});
