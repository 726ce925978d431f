import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowLayout } from '../../../lib/page/rows/row-layout.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

test('RowLayout has the rows one below the other', () => {
  const layout = new RowLayout([10, 20, 30]);
  assert.deepEqual([layout.topOf(0), layout.topOf(1), layout.topOf(2), layout.height], [0, 10, 30, 60]);
});

test('RowLayout.between() are the rows that a look at each of them finds', () => {
  const random = new SeededRandom(8);
  for (let round = 0; round < 500; round++) {
    const heights = Array.from({ length: random.int(20) }, () => 1 + random.int(50));
    const layout = new RowLayout(heights);
    const top = random.int(800) - 200;
    const bottom = top + 1 + random.int(300);
    const inside = heights.flatMap((height, i) =>
      layout.topOf(i) + height > top && layout.topOf(i) < bottom ? [i] : [],
    );
    const { first, end } = layout.between(top, bottom);
    assert.deepEqual(
      Array.from({ length: end - first }, (_, i) => first + i),
      inside,
    );
  }
});

test('RowLayout.between() is empty without rows', () => {
  assert.deepEqual(new RowLayout([]).between(0, 100), { first: 0, end: 0 });
});
