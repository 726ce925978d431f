import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Choices } from '../../../lib/page/rows/choices.ts';
import { Query } from '../../../lib/page/rows/query.ts';
import { rowHeight } from '../../../lib/page/rows/row-height.ts';
import { rowsOf } from '../../../lib/page/rows/rows-of.ts';
import { scraped } from '../scraped.ts';

const NOTHING_OPEN: Choices = {
  query: new Query(''),
  sortOrder: 'exposition',
  collapsed: new Map(),
  opened: new Set(),
};

test('rowHeight() leaves room for numbers below the names on narrow pages', () => {
  const history = scraped(['a 1\n# TYPE h histogram\nh_bucket{x="1",le="+Inf"} 1\nh_count{x="1"} 1\nb{x="1"} 1\n']);
  const closed = rowsOf(history, NOTHING_OPEN);
  const rows = rowsOf(history, { ...NOTHING_OPEN, opened: new Set(closed.map(({ id }) => id)) });
  for (const row of rows) {
    const isHigher = rowHeight(row, true) > rowHeight(row, false);
    assert.equal(isHigher, row.kind === 'series' || row.kind === 'detail', row.id);
  }
  assert.equal(rows.filter(({ kind }) => kind === 'detail').length, 3);
});

test('rowHeight() leaves room for two lines of labels that are too long for one on a narrow page', () => {
  const heights = ['short', 'a value that takes more than half a line'].map((value) => {
    const rows = rowsOf(scraped([`a{label="${value}"} 1\n`]), NOTHING_OPEN);
    return rowHeight(rows.at(-1)!, true);
  });
  assert.ok(heights[1]! > heights[0]!, heights.join(', '));
});
