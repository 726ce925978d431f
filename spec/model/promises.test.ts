import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn } from '../../lib/model/promises.ts';

test('nextTurn() lets what waits for the event loop go first', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('immediate'));
  await nextTurn();
  order.push('next turn');
  assert.deepEqual(order, ['immediate', 'next turn']);
});

test('nextTurn() needs no timer where there is setImmediate', async (t) => {
  const timers = t.mock.method(globalThis, 'setTimeout');
  await (await loadAgain('with')).nextTurn();
  assert.equal(timers.mock.callCount(), 0);
});

test('nextTurn() does not wait for the fake timers of a test', async (t) => {
  t.mock.timers.enable();
  await nextTurn();
});

test('nextTurn() does with a timer where there is no setImmediate', async () => {
  const host = globalThis as { setImmediate?: unknown };
  const { setImmediate: saved } = host;
  try {
    delete host.setImmediate;
    await (await loadAgain('without')).nextTurn();
  } finally {
    host.setImmediate = saved;
  }
});

/** The module as a program loads it whose host is what it is now. */
function loadAgain(name: string): Promise<{ readonly nextTurn: typeof nextTurn }> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return import(new URL(`../../lib/model/promises.${extension}?${name}`, import.meta.url).href);
}
