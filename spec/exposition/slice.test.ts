import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn } from '../../lib/exposition/slice.ts';

test('nextTurn() lets what waits for the event loop go first', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('immediate'));
  await nextTurn();
  order.push('next turn');
  assert.deepEqual(order, ['immediate', 'next turn']);
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
