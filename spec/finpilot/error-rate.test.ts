import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorRate } from '../../lib/finpilot/error-rate.ts';
import { SeededRandom } from '../support/seeded-random.ts';

test('ErrorRate.read() is 0 of 0 before any scan', () => {
  assert.deepEqual(new ErrorRate(() => 0).read(), [0, 0]);
});

test('ErrorRate.read() returns the failed scans and all scans recorded', () => {
  const rate = new ErrorRate(() => 7);
  for (const hasFailed of [true, false, false, true, false]) rate.record(hasFailed);
  assert.deepEqual(rate.read(), [2, 5]);
});

test('ErrorRate stays in its slot while the clock gives no time that slots can be counted to', () => {
  let now = 1000;
  const rate = new ErrorRate(() => now);
  rate.record(true);
  for (now of [NaN, Infinity, -Infinity, 1e300, 2 ** 60]) assert.deepEqual(rate.read(), [1, 1]);
  now = 1300;
  assert.deepEqual(rate.read(), [0, 0]);
});

test('ErrorRate counts on whatever its clock throws or returns', async (t) => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const clocks: (() => unknown)[] = [
    () => {
      throw null;
    },
    () => undefined,
    () => 'text',
    () => Symbol('now'),
    () => Promise.reject(new Error('asynchronous')),
  ];
  for (const clock of clocks) {
    const rate = new ErrorRate(clock as () => number);
    rate.record(true);
    assert.deepEqual(rate.read(), [1, 1]);
  }
  await new Promise(setImmediate);
  assert.deepEqual(unhandled, []);
});

test('ErrorRate forgets a scan five minutes after it was recorded, and not long before', () => {
  let now = 1000;
  const rate = new ErrorRate(() => now);
  rate.record(true);
  now = 1294.9;
  assert.deepEqual(rate.read(), [1, 1]);
  now = 1300;
  assert.deepEqual(rate.read(), [0, 0]);
});

test('ErrorRate.read() falls as failures grow old, without a further record()', () => {
  let now = 0;
  const rate = new ErrorRate(() => now);
  rate.record(true);
  now = 100;
  rate.record(false);
  assert.deepEqual(rate.read(), [1, 2]);
  now = 300;
  assert.deepEqual(rate.read(), [0, 1]);
});

test('ErrorRate keeps what it has when its clock is set back', () => {
  let now = 1000;
  const rate = new ErrorRate(() => now);
  rate.record(true);
  now = 10;
  rate.record(false);
  assert.deepEqual(rate.read(), [1, 2]);
});

test('ErrorRate agrees with a list of all scans, on random gaps up to many windows long', () => {
  const random = new SeededRandom(11);
  let now = 12_345;
  const rate = new ErrorRate(() => now);
  const scans: { slot: number; hasFailed: boolean }[] = [];
  for (let round = 0; round < 5000; round++) {
    now += random.next() * random.pick([0, 1, 1, 10, 60, 280, 310, 2000]);
    const slot = Math.floor(now / 5);
    if (random.int(3) > 0) {
      const hasFailed = random.int(4) === 0;
      rate.record(hasFailed);
      scans.push({ slot, hasFailed });
    }
    const recent = scans.filter((scan) => scan.slot > slot - 60);
    const failed = recent.filter((scan) => scan.hasFailed);
    assert.deepEqual(rate.read(), [failed.length, recent.length]);
  }
});
