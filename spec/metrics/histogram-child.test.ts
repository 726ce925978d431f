import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '../../lib/core.ts';
import { SeededRandom } from '../support/seeded-random.ts';

/** The obviously correct way: the first bucket whose bound is not below the value. */
function countNaively(bounds: readonly number[], values: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    const bucket = bounds.findIndex((bound) => value <= bound);
    counts[bucket === -1 ? bounds.length : bucket]!++;
  }
  return counts;
}

/** Distinct bounds in increasing order, of all magnitudes and both signs. */
function randomBounds(random: SeededRandom, count: number): number[] {
  const bounds = new Set<number>();
  while (bounds.size < count) bounds.add((random.next() - 0.3) * 10 ** (random.int(12) - 6));
  return [...bounds].sort((a, b) => a - b);
}

test('HistogramChild.observe() counts as a naive search does, with 0 to 64 bounds, on them and between', () => {
  const random = new SeededRandom(7);
  for (let count = 0; count <= 64; count++) {
    const bounds = randomBounds(random, count);
    const child = new Histogram({ name: 'h', help: 'H.', buckets: bounds, registers: [] }).labels();
    const values = [-1e300, 1e300, 0, -0, Number.MIN_VALUE, ...bounds];
    for (const bound of bounds) values.push(bound * (1 - Number.EPSILON), bound * (1 + Number.EPSILON));
    for (let i = 0; i < 200; i++) values.push((random.next() - 0.3) * 10 ** (random.int(14) - 7));
    for (const value of values) child.observe(value);
    assert.deepEqual(child.bucketCounts, countNaively(bounds, values), `${count} bounds`);
    assert.equal(child.count, values.length);
    assert.equal(
      child.sum,
      values.reduce((sum, value) => sum + value, 0),
    );
  }
});

test('HistogramChild.reset() takes counts and sum back to 0', () => {
  const child = new Histogram({ name: 'h', help: 'H.', buckets: [1], registers: [] }).labels();
  child.observe(0.5);
  child.observe(5);
  child.reset();
  assert.deepEqual(child.bucketCounts, [0, 0]);
  assert.equal(child.sum, 0);
  child.observe(5);
  assert.deepEqual(child.bucketCounts, [0, 1]);
});
