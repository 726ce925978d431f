import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slice } from '../../lib/exposition/exposition-writer.ts';

test('Slice.isOver is true half a millisecond after it began, and after it went on', async (t) => {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  const slice = new Slice();
  now = 1000.4;
  assert.equal(slice.isOver, false);
  now = 1000.5;
  assert.equal(slice.isOver, true);
  await slice.next();
  assert.equal(slice.isOver, false);
  now = 1000.9;
  assert.equal(slice.isOver, false);
  now = 1001;
  assert.equal(slice.isOver, true);
});
