import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisOf, heatStrip, lineSegments, rangeOf } from '../../lib/page/chart.ts';
import { scraped } from './scraped.ts';

const spanAfter = (scrapes: number, intervalSeconds: number): number =>
  axisOf(scraped(new Array<string>(scrapes).fill('a 1\n'), 5).clock, intervalSeconds).spanSeconds;

test('axisOf() spans the history, at least 12 and at most 60 intervals', () => {
  assert.deepEqual([spanAfter(1, 5), spanAfter(21, 5), spanAfter(100, 5), spanAfter(100, 2)], [60, 100, 300, 120]);
});

test('axisOf() has the time of each scrape', () => {
  assert.deepEqual(axisOf(scraped(['a 1\n', undefined, 'a 1\n']).clock, 5), {
    times: [1000, 1010],
    spanSeconds: 60,
    gapSeconds: 15,
  });
});

test('rangeOf() starts at 0 with fromZero, otherwise at the least value', () => {
  assert.deepEqual(rangeOf([2, 4, NaN], { fromZero: true }), { min: 0, max: 4 });
  assert.deepEqual(rangeOf([2, 4, Infinity], { fromZero: false }), { min: 2, max: 4 });
  assert.deepEqual(rangeOf([-2, 4], { fromZero: true }), { min: -2, max: 4 });
});

test('rangeOf() is never empty, even for equal values or none', () => {
  assert.deepEqual(rangeOf([], { fromZero: false }), { min: 0, max: 1 });
  assert.deepEqual(rangeOf([0, 0], { fromZero: true }), { min: 0, max: 1 });
  assert.deepEqual(rangeOf([8, 8], { fromZero: false }), { min: 4, max: 12 });
  assert.deepEqual(rangeOf([0], { fromZero: false }), { min: -1, max: 1 });
});

const LINE_AXIS = { times: [0, 5, 10, 15, 20], spanSeconds: 20, gapSeconds: 15 };

test('lineSegments() returns points by time and value, from 0 to 1', () => {
  assert.deepEqual(lineSegments([0, 1, 2, 3, 4], LINE_AXIS, { min: 0, max: 4 }), [
    [0, 0.25, 0.5, 0.75, 1].map((at) => ({ x: at, y: at })),
  ]);
});

test('lineSegments() ends a line at a value that is not finite', () => {
  const lengths = lineSegments([1, NaN, 1, 1, Infinity], LINE_AXIS, { min: 0, max: 1 }).map((points) => points.length);
  assert.deepEqual(lengths, [1, 2]);
});

test('lineSegments() ends a line at a gap in time, and drops points left of the axis', () => {
  const axis = { times: [0, 50, 80, 90, 100], spanSeconds: 60, gapSeconds: 15 };
  const segments = lineSegments([1, 1, 1, 1, 1], axis, { min: 0, max: 1 });
  assert.deepEqual(
    segments.map((points) => points.map(({ x }) => Math.round(x * 60))),
    [[10], [40, 50, 60]],
  );
});

test('lineSegments() is empty without values', () => {
  assert.deepEqual(lineSegments([], { ...LINE_AXIS, times: [] }, { min: 0, max: 1 }), []);
});

const HEAT_AXIS = { times: [0, 5, 10], spanSeconds: 10, gapSeconds: 15 };

test('heatStrip() places cells by step and bucket, with the square root of the rate as heat', () => {
  const { cells, firstBucket, endBucket } = heatStrip(
    [
      [0, 0, 0, 0],
      [4, 0, 0, 0],
      [1, 0, 0, 16],
    ],
    HEAT_AXIS,
  );
  assert.deepEqual([firstBucket, endBucket], [0, 4]);
  assert.deepEqual(cells, [
    { left: 0, right: 0.5, bottom: 0, top: 0.25, heat: 0.5 },
    { left: 0.5, right: 1, bottom: 0, top: 0.25, heat: 0.25 },
    { left: 0.5, right: 1, bottom: 0.75, top: 1, heat: 1 },
  ]);
});

test('heatStrip() drops empty buckets above and below all observations, but keeps at least four', () => {
  const steps = (counts: readonly number[]) => [counts.map(() => 0), counts, counts];
  const shown = (...counts: readonly number[]) => {
    const { firstBucket, endBucket } = heatStrip(steps(counts), HEAT_AXIS);
    return [firstBucket, endBucket];
  };
  assert.deepEqual(shown(0, 0, 1, 0, 0, 1, 1, 0, 0), [2, 7]);
  assert.deepEqual(shown(0, 0, 1, 0, 0, 0, 0, 0), [2, 6]);
  assert.deepEqual(shown(0, 0, 0, 0, 0, 0, 0, 1), [4, 8]);
  assert.deepEqual(shown(0, 1), [0, 2]);
});

test('heatStrip() is empty without observations or scrapes', () => {
  assert.deepEqual(
    heatStrip(
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      HEAT_AXIS,
    ),
    { cells: [], firstBucket: 0, endBucket: 0 },
  );
  assert.deepEqual(heatStrip([], { ...HEAT_AXIS, times: [] }), { cells: [], firstBucket: 0, endBucket: 0 });
});

test('heatStrip() drops steps across a gap in time, and those left of the axis', () => {
  const axis = { times: [0, 5, 100, 105], spanSeconds: 20, gapSeconds: 15 };
  const { cells } = heatStrip([[9], [9], [9], [9]], axis);
  assert.deepEqual(
    cells.map(({ left, right }) => [left, right]),
    [[0.75, 1]],
  );
});
