import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '../../lib/core.ts';

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
