import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whenDone } from '../../lib/metrics/when-done.ts';

test('whenDone() returns what a synchronous function does, after telling that it did not fail', () => {
  const told: boolean[] = [];
  assert.equal(whenDone(() => 5, (failed) => told.push(failed)), 5);
  for (const value of [undefined, null, 0, { then: 'not a function' }]) {
    assert.equal(whenDone(() => value, (failed) => told.push(failed)), value);
  }
  assert.deepEqual(told, [false, false, false, false, false]);
});

test('whenDone() throws what the function threw, after telling that it failed', () => {
  const told: boolean[] = [];
  const error = { any: 'thing' };
  assert.throws(() => whenDone(() => { throw error; }, (failed) => told.push(failed)), (thrown) => thrown === error);
  assert.deepEqual(told, [true]);
});

test('whenDone() settles as the promise does, after telling how', async () => {
  const told: boolean[] = [];
  const error = new Error('no');
  const result = whenDone(async () => 5, (failed) => told.push(failed));
  assert.equal(told.length, 0);
  assert.equal(await result, 5);
  assert.deepEqual(told, [false]);
  await assert.rejects(whenDone(() => Promise.reject(error), (failed) => told.push(failed)), (thrown) => thrown === error);
  assert.deepEqual(told, [false, true]);
});

test('whenDone() takes any thenable for a promise', async () => {
  const told: boolean[] = [];
  const thenable = { then: (resolve: (value: number) => void) => queueMicrotask(() => resolve(5)) } as PromiseLike<number>;
  whenDone(() => thenable, (failed) => told.push(failed));
  await thenable;
  assert.deepEqual(told, [false]);
});
