import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttemptLimiter } from '../../../lib/server/guard/verification-queue.ts';

/** A limiter on a clock that is set by hand, in seconds. */
function limiterOnClock() {
  const clock = { seconds: 1_000 };
  const limiter = new AttemptLimiter(() => clock.seconds * 1000);
  const tries = (address: string, count: number) => Array.from({ length: count }, () => limiter.tryCount(address));
  return { clock, limiter, tries };
}

const TEN = Array<boolean>(10).fill(true);

test('AttemptLimiter.tryCount() lets an address try ten times at once, and then every six seconds', () => {
  const { clock, tries } = limiterOnClock();
  assert.deepEqual(tries('192.0.2.1', 12), [...TEN, false, false]);
  clock.seconds += 5.9;
  assert.deepEqual(tries('192.0.2.1', 1), [false]);
  clock.seconds += 0.1;
  assert.deepEqual(tries('192.0.2.1', 2), [true, false]);
  clock.seconds += 60;
  assert.deepEqual(tries('192.0.2.1', 11), [...TEN, false]);
});

test('AttemptLimiter.attempts() counts what is not forgotten yet, and no attempt without credit', () => {
  const { clock, limiter, tries } = limiterOnClock();
  assert.equal(limiter.attempts('192.0.2.1'), 0);
  tries('192.0.2.1', 3);
  assert.equal(limiter.attempts('192.0.2.1'), 3);
  tries('192.0.2.1', 300);
  assert.equal(limiter.attempts('192.0.2.1'), 10);
  clock.seconds += 31;
  assert.equal(limiter.attempts('192.0.2.1'), 5);
  clock.seconds += 1e9;
  assert.equal(limiter.attempts('192.0.2.1'), 0);
});

test('AttemptLimiter counts each IPv4 address by itself, and IPv6 addresses by their first 64 bits', () => {
  const { limiter, tries } = limiterOnClock();
  for (let i = 0; i < 10; i++) {
    tries('::ffff:192.0.2.1', 1);
    tries(`2001:db8::${i}`, 1);
    tries(`fe80::${i}%eth0`, 1);
  }
  for (const address of [
    '::ffff:192.0.2.1',
    '2001:db8:0:0:ffff::',
    '2001:db8::',
    '2001:db8:0:0:1:2:3:4',
    'fe80::77%eth0',
  ]) {
    assert.equal(limiter.tryCount(address), false, address);
  }
  for (const address of ['::ffff:192.0.2.2', '192.0.2.3', '2001:db8:0:1::', '2001:db8:1::', '::1']) {
    assert.equal(limiter.tryCount(address), true, address);
  }
});

test('AttemptLimiter forgets the address that was seen longest ago when there are more than a thousand', () => {
  const { limiter, tries } = limiterOnClock();
  tries('192.0.2.1', 10);
  tries('192.0.2.2', 10);
  for (let i = 0; i < 999; i++) tries(`10.0.${i >> 8}.${i & 255}`, 1);
  assert.equal(limiter.tryCount('192.0.2.2'), false);
  assert.equal(limiter.tryCount('192.0.2.1'), true);
});
