import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowLayout, rowHeight } from '../../../lib/page/rows/row-layout.ts';
import { type Choices, Query, rowsOf } from '../../../lib/page/rows/rows.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { scraped } from '../scraped.ts';

const NOTHING_OPEN: Choices = {
  query: new Query(''),
  sortOrder: 'exposition',
  collapsed: new Map(),
  opened: new Set(),
  isNarrow: false,
};

test('rowHeight() leaves room for numbers below names on narrow pages', () => {
  const history = scraped(['a 1\n# TYPE h histogram\nh_bucket{x="1",le="+Inf"} 1\nh_count{x="1"} 1\nb{x="1"} 1\n']);
  const closed = rowsOf(history, NOTHING_OPEN);
  const rows = rowsOf(history, { ...NOTHING_OPEN, opened: new Set(closed.map(({ id }) => id)) });
  for (const row of rows) {
    const isHigher = rowHeight(row, true) > rowHeight(row, false);
    assert.equal(isHigher, row.kind === 'series' || row.kind === 'detail', row.id);
  }
  assert.equal(rows.filter(({ kind }) => kind === 'detail').length, 3);
});

test('rowHeight() leaves room for a second line of labels on narrow pages', () => {
  const heights = ['short', 'a value that takes more than half a line'].map((value) => {
    const rows = rowsOf(scraped([`a{label="${value}"} 1\n`]), NOTHING_OPEN);
    return rowHeight(rows.at(-1)!, true);
  });
  assert.ok(heights[1]! > heights[0]!, heights.join(', '));
});

test('RowLayout places rows below each other', () => {
  const layout = new RowLayout([10, 20, 30]);
  assert.deepEqual([layout.topOf(0), layout.topOf(1), layout.topOf(2), layout.height], [0, 10, 30, 60]);
});

test('RowLayout.between() returns the rows that a linear search finds', () => {
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

test('RowLayout.between() returns an empty range without rows', () => {
  assert.deepEqual(new RowLayout([]).between(0, 100), { first: 0, end: 0 });
});
