import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventLoopLag, eventLoopUtilization } from '../../lib/collectors/event-loop.ts';
import { FakeLoop } from './fake-loop.ts';
import { PLAIN, valueOf } from './value-of.ts';

test('eventLoopLag() shows the stalls of the loop, over the time that an event may come', async () => {
  const loop = new FakeLoop();
  const group = eventLoopLag(PLAIN, 10, loop);
  loop.turn({ idle: 0, busy: 500 }); // the start of the program
  for (let i = 0; i < 99; i++) loop.turn({ idle: 96, busy: 4 });
  loop.turn({ idle: 100, busy: 500 });
  loop.turn({ idle: 0, busy: 0 });
  const seconds = (part: string) => valueOf(group, `nodejs_eventloop_lag_${part}seconds`);
  const total = 99 * 0.1 + 0.6;
  const mean = (99 * 0.004 ** 2 + 0.5 ** 2) / 2 / total;
  const meanOfSquares = (99 * 0.004 ** 3 + 0.5 ** 3) / 3 / total;
  assertNear(await seconds(''), mean);
  assertNear(await seconds('mean_'), mean);
  assertNear(await seconds('stddev_'), Math.sqrt(meanOfSquares - mean ** 2));
  assertNear(await seconds('max_'), 0.5);
  assert.equal(await seconds('min_'), 0);
  assert.equal(await seconds('p50_'), 0);
  // Of 10.5 s, 0.896 s are busy: a tenth of all moments is never reached. 0.105 s see more than 0.395 s.
  assert.equal(await seconds('p90_'), 0);
  assertNear(await seconds('p99_'), 0.395);
});

test('eventLoopLag() shows 0 before the first measurement', async () => {
  const { metrics } = eventLoopLag(PLAIN, 10, new FakeLoop());
  assert.equal(metrics.length, 8);
  for (const metric of metrics) {
    await metric.collect?.();
    assert.deepEqual(
      metric.series.map((one) => 'value' in one && one.value),
      [0],
    );
  }
});

test('eventLoopLag() shows the same to a second scraper, and a stall for at least a minute', async () => {
  const loop = new FakeLoop();
  const group = eventLoopLag(PLAIN, 10, loop);
  const max = () => valueOf(group, 'nodejs_eventloop_lag_max_seconds');
  const stallShownAt: number[] = [];
  loop.turn({ idle: 0, busy: 0 });
  for (let seconds = 0; seconds < 300; seconds += 15) {
    loop.turn({ idle: 14_000, busy: seconds === 90 ? 1_000 : 0 });
    const first = await max();
    assert.equal(await max(), first);
    if (first! > 0.9) stallShownAt.push(seconds);
  }
  assert.deepEqual(stallShownAt, [90, 105, 120, 135, 150, 165, 180, 195]);
});

function assertNear(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs(actual! - expected) <= expected / 1e6, `expected about ${expected}, got ${actual}`);
}

class Loop {
  idle = 0;
  active = 0;
  readonly group = eventLoopUtilization(PLAIN, {
    readTimes: () => ({ idle: this.idle, active: this.active }),
    nowSeconds: () => (this.idle + this.active) / 1e3,
  });

  run(idleSeconds: number, activeSeconds: number): this {
    this.idle += idleSeconds * 1e3;
    this.active += activeSeconds * 1e3;
    return this;
  }

  get utilization(): Promise<number | undefined> {
    return valueOf(this.group, 'nodejs_eventloop_utilization');
  }
}

test('eventLoopUtilization() shows the share of time that the loop was active', async () => {
  assert.equal(await new Loop().run(3, 1).utilization, 0.25);
  assert.equal(await new Loop().run(0, 1).utilization, 1);
  assert.equal(await new Loop().run(5, 0).utilization, 0);
});

test('eventLoopUtilization() shows 0 while the loop has not begun', async () => {
  assert.equal(await new Loop().utilization, 0);
});

test('eventLoopUtilization() forgets what is more than two minutes ago, and shows the same to a second scraper', async () => {
  const loop = new Loop().run(0, 10);
  for (let second = 0; second < 180; second += 15) {
    loop.run(15, 0);
    assert.equal(await loop.utilization, await loop.utilization);
  }
  assert.equal(await loop.utilization, 0);
});

test('eventLoopUtilization() counts active and idle time in seconds', async () => {
  const { group } = new Loop().run(3, 1.5);
  assert.equal(await valueOf(group, 'nodejs_eventloop_time_seconds_total', { state: 'idle' }), 3);
  assert.equal(await valueOf(group, 'nodejs_eventloop_time_seconds_total', { state: 'active' }), 1.5);
});

test('eventLoopUtilization() reads the times of this loop unless told otherwise', async () => {
  const group = eventLoopUtilization(PLAIN);
  await new Promise((resolve) => setImmediate(resolve));
  const share = await valueOf(group, 'nodejs_eventloop_utilization');
  assert.ok(share !== undefined && share >= 0 && share <= 1, String(share));
});
