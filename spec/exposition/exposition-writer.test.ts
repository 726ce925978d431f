import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn, Slice } from '../../lib/exposition/exposition-writer.ts';

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

test('nextTurn() lets what waits for the event loop go first', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('immediate'));
  await nextTurn();
  order.push('next turn');
  assert.deepEqual(order, ['immediate', 'next turn']);
});

test('nextTurn() needs no timer where there is setImmediate', async (t) => {
  const timers = t.mock.method(globalThis, 'setTimeout');
  await nextTurn();
  assert.equal(timers.mock.callCount(), 0);
});

test('nextTurn() does with a timer where there is no setImmediate', async () => {
  const host = globalThis as { setImmediate?: unknown };
  const { setImmediate: saved } = host;
  try {
    delete host.setImmediate;
    await nextTurn();
  } finally {
    host.setImmediate = saved;
  }
});
