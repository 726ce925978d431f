import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heatCells } from '../../../lib/page/chart/heat-cells.ts';

const AXIS = { times: [0, 5, 10], spanSeconds: 10, gapSeconds: 15 };

test('heatCells() have the place of their step and bucket, and heat by the root of their rate', () => {
  const { cells, firstBucket, endBucket } = heatCells(
    [
      [0, 0, 0, 0],
      [4, 0, 0, 0],
      [1, 0, 0, 16],
    ],
    AXIS,
  );
  assert.deepEqual([firstBucket, endBucket], [0, 4]);
  assert.deepEqual(cells, [
    { left: 0, right: 0.5, bottom: 0, top: 0.25, heat: 0.5 },
    { left: 0.5, right: 1, bottom: 0, top: 0.25, heat: 0.25 },
    { left: 0.5, right: 1, bottom: 0.75, top: 1, heat: 1 },
  ]);
});

test('heatCells() leave out buckets above and below all observations, but show four at least', () => {
  const steps = (counts: readonly number[]) => [counts.map(() => 0), counts, counts];
  const shown = (...counts: readonly number[]) => {
    const { firstBucket, endBucket } = heatCells(steps(counts), AXIS);
    return [firstBucket, endBucket];
  };
  assert.deepEqual(shown(0, 0, 1, 0, 0, 1, 1, 0, 0), [2, 7]);
  assert.deepEqual(shown(0, 0, 1, 0, 0, 0, 0, 0), [2, 6]);
  assert.deepEqual(shown(0, 0, 0, 0, 0, 0, 0, 1), [4, 8]);
  assert.deepEqual(shown(0, 1), [0, 2]);
});

test('heatCells() are none without observations, or without scrapes', () => {
  assert.deepEqual(
    heatCells(
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      AXIS,
    ),
    { cells: [], firstBucket: 0, endBucket: 0 },
  );
  assert.deepEqual(heatCells([], { ...AXIS, times: [] }), { cells: [], firstBucket: 0, endBucket: 0 });
});

test('heatCells() leave out steps over a gap, and what is too old', () => {
  const axis = { times: [0, 5, 100, 105], spanSeconds: 20, gapSeconds: 15 };
  const { cells } = heatCells([[9], [9], [9], [9]], axis);
  assert.deepEqual(
    cells.map(({ left, right }) => [left, right]),
    [[0.75, 1]],
  );
});
