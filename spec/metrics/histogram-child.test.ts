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

test('a histogram child that finds no room gives all it has counted to the overflow series, and nothing to its neighbours', () => {
  const histogram = new Histogram({
    name: 'h',
    help: 'H.',
    labelNames: ['a'],
    buckets: [1],
    maxSeries: 2,
    registers: [],
  });
  const held = histogram.labels('held');
  const neighbour = histogram.labels('neighbour');
  neighbour.observe(0.5);
  histogram.observe({ a: 'overflow' }, 0.5); // creates the overflow series, in the cells behind
  histogram.remove('held');
  histogram.observe({ a: 'new' }, 5); // takes the room
  held.observe(0.5, { trace_id: 'one' });
  held.observe(5);
  const byLabel = Object.fromEntries(
    histogram.series.map(({ labelValues, bucketCounts, sum, exemplars }) => [
      labelValues[0],
      [[...bucketCounts], sum, exemplars?.[0]?.labels],
    ]),
  );
  assert.deepEqual(byLabel, {
    neighbour: [[1, 0], 0.5, undefined],
    new: [[0, 1], 5, undefined],
    overflow: [[2, 1], 6, { trace_id: 'one' }],
  });
  assert.deepEqual([held.bucketCounts, held.sum], [[0, 0], 0]);
});
