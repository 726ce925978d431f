import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttemptLimiter } from '../../../lib/server/auth/attempt-limiter.ts';

/** A limiter on a clock that is set by hand, in seconds. */
function limiterOnClock() {
  const clock = { seconds: 1_000 };
  const limiter = new AttemptLimiter(() => clock.seconds * 1000);
  const attempt = (address: string): number => {
    const wait = limiter.waitSeconds(address);
    if (wait === 0) limiter.count(address);
    return wait;
  };
  return { clock, attempt };
}

test('AttemptLimiter lets an address try ten times at once, and then every six seconds', () => {
  const { clock, attempt } = limiterOnClock();
  assert.deepEqual(Array.from({ length: 12 }, () => attempt('192.0.2.1')), [...Array<number>(10).fill(0), 6, 6]);
  clock.seconds += 4;
  assert.equal(attempt('192.0.2.1'), 2);
  clock.seconds += 2;
  assert.deepEqual([attempt('192.0.2.1'), attempt('192.0.2.1')], [0, 6]);
  clock.seconds += 60;
  assert.deepEqual(Array.from({ length: 11 }, () => attempt('192.0.2.1')), [...Array<number>(10).fill(0), 6]);
});

test('AttemptLimiter counts each IPv4 address by itself, and IPv6 addresses by their first 64 bits', () => {
  const { attempt } = limiterOnClock();
  for (let i = 0; i < 10; i++) {
    attempt('::ffff:192.0.2.1');
    attempt(`2001:db8::${i}`);
    attempt(`fe80::${i}%eth0`);
  }
  assert.ok(attempt('::ffff:192.0.2.1') > 0);
  for (const address of ['2001:db8:0:0:ffff::', '2001:db8::', '2001:db8:0:0:1:2:3:4', 'fe80::77%eth0']) {
    assert.ok(attempt(address) > 0, address);
  }
  for (const address of ['::ffff:192.0.2.2', '192.0.2.3', '2001:db8:0:1::', '2001:db8:1::', '::1']) {
    assert.equal(attempt(address), 0, address);
  }
});

test('AttemptLimiter forgets the address that was seen longest ago when there are more than a thousand', () => {
  const { attempt } = limiterOnClock();
  const exhaust = (address: string) => {
    for (let i = 0; i < 10; i++) attempt(address);
  };
  exhaust('192.0.2.1');
  exhaust('192.0.2.2');
  for (let i = 0; i < 999; i++) attempt(`10.0.${i >> 8}.${i & 255}`);
  assert.ok(attempt('192.0.2.2') > 0);
  assert.equal(attempt('192.0.2.1'), 0);
});
