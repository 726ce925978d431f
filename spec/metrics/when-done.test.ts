import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram } from '../../lib/core.ts';
import { whenDone } from '../../lib/metrics/timing.ts';
import { turn } from '../support/turn.ts';

test('whenDone() returns what a synchronous function does, after telling that it did not fail', () => {
  const told: boolean[] = [];
  assert.equal(
    whenDone(
      () => 5,
      (failed) => told.push(failed),
    ),
    5,
  );
  for (const value of [undefined, null, 0, { then: 'not a function' }]) {
    assert.equal(
      whenDone(
        () => value,
        (failed) => told.push(failed),
      ),
      value,
    );
  }
  assert.deepEqual(told, [false, false, false, false, false]);
});

test('whenDone() throws what the function threw, after telling that it failed', () => {
  const told: boolean[] = [];
  const error = { any: 'thing' };
  assert.throws(
    () =>
      whenDone(
        () => {
          throw error;
        },
        (failed) => told.push(failed),
      ),
    (thrown) => thrown === error,
  );
  assert.deepEqual(told, [true]);
});

test('whenDone() settles as the promise does, after telling how', async () => {
  const told: boolean[] = [];
  const error = new Error('no');
  const result = whenDone(
    async () => 5,
    (failed) => told.push(failed),
  );
  assert.equal(told.length, 0);
  assert.equal(await result, 5);
  assert.deepEqual(told, [false]);
  await assert.rejects(
    whenDone(
      () => Promise.reject(error),
      (failed) => told.push(failed),
    ),
    (thrown) => thrown === error,
  );
  assert.deepEqual(told, [false, true]);
});

/** Objects that await takes for promises, and how one that awaits them fares. */
const THENABLES: readonly (readonly [
  what: string,
  then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => unknown,
  outcome: string,
])[] = [
  [
    'then() throws',
    () => {
      throw ERROR;
    },
    'rejected',
  ],
  [
    'then() throws after it has resolved',
    (resolve) => {
      resolve(5);
      throw ERROR;
    },
    '5',
  ],
  [
    'then() throws after it has rejected',
    (_, reject) => {
      reject(ERROR);
      throw new Error('other');
    },
    'rejected',
  ],
  [
    'then() calls both',
    (resolve, reject) => {
      resolve(5);
      reject(ERROR);
    },
    '5',
  ],
  [
    'then() calls both, rejecting first',
    (resolve, reject) => {
      reject(ERROR);
      resolve(5);
    },
    'rejected',
  ],
  [
    'then() resolves twice',
    (resolve) => {
      resolve(5);
      resolve(6);
      queueMicrotask(() => resolve(7));
    },
    '5',
  ],
  [
    'then() resolves later, twice',
    (resolve) => {
      for (const value of [5, 6]) queueMicrotask(() => resolve(value));
    },
    '5',
  ],
  [
    'then() resolves to another of its kind',
    (resolve) => resolve({ then: (_: unknown, reject: (error: unknown) => void) => reject(ERROR) }),
    'rejected',
  ],
];
const ERROR = { any: 'thing' };

test('whenDone() tells once, whatever a thenable does, and gives back how it settles', async () => {
  for (const [what, then, expected] of THENABLES) {
    const told: boolean[] = [];
    const result = whenDone(
      () => ({ then }) as unknown as PromiseLike<unknown>,
      (failed) => told.push(failed),
    );
    assert.deepEqual(told, [], what);
    const outcome = await result.then(String, (error: unknown) => (assert.equal(error, ERROR), 'rejected'));
    await turn();
    assert.deepEqual([outcome, told], [expected, [expected === 'rejected']], what);
  }
});

test('whenDone() takes an object whose then cannot be read for a promise that rejects', async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const getter = Object.defineProperty({}, 'then', {
    get() {
      throw ERROR;
    },
  });
  for (const object of [getter, proxy]) {
    const told: boolean[] = [];
    await assert.rejects(async () =>
      whenDone(
        () => object,
        (failed) => told.push(failed),
      ),
    );
    assert.deepEqual(told, [true]);
  }
});

test('whenDone() tells nothing while a thenable does not settle', async () => {
  const told: boolean[] = [];
  whenDone(
    () => ({ then: () => undefined }),
    (failed) => told.push(failed),
  );
  await turn();
  assert.deepEqual(told, []);
});

test('GaugeChild.trackInProgress(), CounterChild.countErrors() and HistogramChild.time() end with a hostile thenable', async () => {
  for (const [what, then, expected] of THENABLES) {
    const gauge = new Gauge({ name: 'g', help: 'G.', registers: [] });
    const counter = new Counter({ name: 'c_total', help: 'C.', registers: [] });
    const histogram = new Histogram({ name: 'h', help: 'H.', registers: [] });
    const fn = (): PromiseLike<unknown> => ({ then }) as unknown as PromiseLike<unknown>;
    const settled = await Promise.allSettled([gauge.trackInProgress(fn), counter.countErrors(fn), histogram.time(fn)]);
    assert.equal(settled.filter(({ status }) => status === 'rejected').length, expected === 'rejected' ? 3 : 0, what);
    assert.equal(gauge.labels().value, 0, what);
    assert.equal(counter.labels().value, expected === 'rejected' ? 1 : 0, what);
    assert.equal(
      histogram.labels().bucketCounts.reduce((sum, count) => sum + count, 0),
      1,
      what,
    );
  }
});

test('whenDone() takes any thenable for a promise', async () => {
  const told: boolean[] = [];
  const thenable = {
    then: (resolve: (value: number) => void) => queueMicrotask(() => resolve(5)),
  } as PromiseLike<number>;
  whenDone(
    () => thenable,
    (failed) => told.push(failed),
  );
  await thenable;
  assert.deepEqual(told, [false]);
});
