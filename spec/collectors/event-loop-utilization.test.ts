import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventLoopUtilization } from '../../lib/collectors/event-loop-utilization.ts';
import { valueOf } from './value-of.ts';

class Loop {
  idle = 0;
  active = 0;
  readonly group = eventLoopUtilization({
    readTimes: () => ({ idle: this.idle, active: this.active }),
    nowSeconds: () => (this.idle + this.active) / 1e3,
  });

  run(idleSeconds: number, activeSeconds: number): this {
    this.idle += idleSeconds * 1e3;
    this.active += activeSeconds * 1e3;
    return this;
  }

  get utilization(): number | undefined {
    return valueOf(this.group, 'nodejs_eventloop_utilization');
  }
}

test('eventLoopUtilization() shows the share of time that the loop was active', () => {
  assert.equal(new Loop().run(3, 1).utilization, 0.25);
  assert.equal(new Loop().run(0, 1).utilization, 1);
  assert.equal(new Loop().run(5, 0).utilization, 0);
});

test('eventLoopUtilization() leaves the share out while the loop has not begun', () => {
  assert.equal(new Loop().utilization, undefined);
});

test('eventLoopUtilization() forgets what is more than two minutes ago, and shows the same to a second scraper', () => {
  const loop = new Loop().run(0, 10);
  for (let second = 0; second < 180; second += 15) {
    loop.run(15, 0);
    assert.equal(loop.utilization, loop.utilization);
  }
  assert.equal(loop.utilization, 0);
});

test('eventLoopUtilization() counts active and idle time in seconds', () => {
  const { group } = new Loop().run(3, 1.5);
  assert.equal(valueOf(group, 'nodejs_eventloop_time_seconds_total', { state: 'idle' }), 3);
  assert.equal(valueOf(group, 'nodejs_eventloop_time_seconds_total', { state: 'active' }), 1.5);
});

test('eventLoopUtilization() reads the times of this loop unless told otherwise', async () => {
  const group = eventLoopUtilization();
  await new Promise((resolve) => setImmediate(resolve));
  const share = valueOf(group, 'nodejs_eventloop_utilization');
  assert.ok(share !== undefined && share >= 0 && share <= 1, String(share));
});
