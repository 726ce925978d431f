import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineSegments } from '../../../lib/page/chart/line-segments.ts';

const AXIS = { times: [0, 5, 10, 15, 20], spanSeconds: 20, gapSeconds: 15 };

test('lineSegments() are points by time and value, from 0 to 1', () => {
  assert.deepEqual(lineSegments([0, 1, 2, 3, 4], AXIS, { min: 0, max: 4 }), [
    [0, 0.25, 0.5, 0.75, 1].map((at) => ({ x: at, y: at })),
  ]);
});

test('lineSegments() end where a value is no finite number', () => {
  const lengths = lineSegments([1, NaN, 1, 1, Infinity], AXIS, { min: 0, max: 1 }).map((points) => points.length);
  assert.deepEqual(lengths, [1, 2]);
});

test('lineSegments() are not joined over a gap in time, and leave out what is too old', () => {
  const axis = { times: [0, 50, 80, 90, 100], spanSeconds: 60, gapSeconds: 15 };
  const segments = lineSegments([1, 1, 1, 1, 1], axis, { min: 0, max: 1 });
  assert.deepEqual(
    segments.map((points) => points.map(({ x }) => Math.round(x * 60))),
    [[10], [40, 50, 60]],
  );
});

test('lineSegments() are none without values', () => {
  assert.deepEqual(lineSegments([], { ...AXIS, times: [] }, { min: 0, max: 1 }), []);
});
