import assert from 'node:assert/strict';
import { createHistogram, type IntervalHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { test } from 'node:test';
import { eventLoopDelay, eventLoopUtilization, RollingWindow } from '../../lib/collectors/event-loop.ts';
import type { Group } from '../../lib/collectors/group.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { valueOf } from './value-of.ts';

/** A monitor that measures what it is told, in milliseconds between two runs of its timer. */
class FakeMonitor {
  now = 0;
  readonly histograms: (RecordableHistogram & { isEnabled: boolean })[] = [];
  readonly resolutions: number[] = [];

  readonly start = ({ resolution }: { readonly resolution: number }): IntervalHistogram => {
    this.resolutions.push(resolution);
    const switches = {
      isEnabled: false,
      enable: () => (histogram.isEnabled = true),
      disable: () => (histogram.isEnabled = false),
    };
    const histogram = Object.assign(createHistogram(), switches);
    this.histograms.push(histogram);
    return histogram as unknown as IntervalHistogram;
  };

  measure(...milliseconds: number[]): void {
    for (const histogram of this.histograms) for (const one of milliseconds) histogram.record(Math.round(one * 1e6));
  }

  group(resolutionMilliseconds?: number): Group {
    return eventLoopDelay({ resolutionMilliseconds, monitor: this.start, nowSeconds: () => this.now });
  }
}

test('eventLoopDelay() shows what the loop took beyond the interval of the timer', () => {
  const monitor = new FakeMonitor();
  const group = monitor.group(10);
  monitor.measure(...Array<number>(98).fill(20), 60, 510);
  const seconds = (part: string) => valueOf(group, `nodejs_eventloop_lag_${part}seconds`);
  assert.deepEqual(monitor.resolutions, [10, 10]);
  // The histogram keeps three digits.
  assertNear(seconds('min_'), 0.01);
  assertNear(seconds('max_'), 0.5);
  assertNear(seconds('mean_'), (98 * 0.01 + 0.05 + 0.5) / 100);
  assertNear(seconds('stddev_'), 0.04888);
  assertNear(seconds('p50_'), 0.01);
  assertNear(seconds('p90_'), 0.01);
  assertNear(seconds('p99_'), 0.05);
  assert.equal(seconds(''), seconds('mean_'));
});

test('eventLoopDelay() shows 0, not less, for a timer that ran early', () => {
  const monitor = new FakeMonitor();
  const group = monitor.group(20);
  monitor.measure(19.2);
  assert.equal(valueOf(group, 'nodejs_eventloop_lag_min_seconds'), 0);
  assert.equal(valueOf(group, 'nodejs_eventloop_lag_max_seconds'), 0);
});

test('eventLoopDelay() leaves everything out until there is a measurement', () => {
  assert.deepEqual(new Set(new FakeMonitor().group().collect()), new Set([undefined]));
});

test('eventLoopDelay() shows the same to a second scraper, and a stall for at least a minute', () => {
  const monitor = new FakeMonitor();
  const group = monitor.group(10);
  const max = () => valueOf(group, 'nodejs_eventloop_lag_max_seconds');
  const stallShownAt: number[] = [];
  for (monitor.now = 0; monitor.now < 300; monitor.now += 15) {
    monitor.measure(monitor.now === 90 ? 1_010 : 11);
    const first = max();
    assert.equal(max(), first);
    if (first !== undefined && first > 0.9) stallShownAt.push(monitor.now);
  }
  assert.deepEqual(stallShownAt, [90, 105, 120, 135, 150, 165]);
});

test('eventLoopDelay() measures from the start and stops with stop()', () => {
  const monitor = new FakeMonitor();
  const group = monitor.group();
  const enabled = () => monitor.histograms.map(({ isEnabled }) => isEnabled);
  assert.deepEqual(enabled(), [true, true]);
  monitor.now = 100;
  group.collect();
  assert.deepEqual(enabled(), [true, true]);
  group.stop!();
  assert.deepEqual(enabled(), [false, false]);
});

test('eventLoopDelay() measures every 200 ms, for the sake of the idle CPU', () => {
  const monitor = new FakeMonitor();
  monitor.group();
  assert.deepEqual(monitor.resolutions, [200, 200]);
});

test('eventLoopDelay() refuses a resolution that is no positive integer', () => {
  for (const resolution of [0, -1, 1.5, NaN, '10' as unknown as number]) {
    assert.throws(() => new FakeMonitor().group(resolution), {
      name: 'RangeError',
      message:
        'Cannot monitor the event loop: expected eventLoopMonitoringPrecision as a positive integer of milliseconds, ' +
        `got ${typeof resolution === 'string' ? `"${resolution as string}"` : resolution}.`,
    });
  }
});

function assertNear(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs(actual! - expected) <= expected / 100, `expected about ${expected}, got ${actual}`);
}

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

/** A recording of the times at which something happened. */
interface Recording {
  since: number;
  times: number[];
}

class Stage {
  now = 0;
  readonly all = new Set<Recording>();
  readonly window = new RollingWindow<Recording>(
    (ended) => this.#begin(ended),
    () => this.now,
  );

  happen(): void {
    for (const recording of this.all) recording.times.push(this.now);
  }

  #begin(recording: Recording = { since: 0, times: [] }): Recording {
    this.all.add(recording);
    return Object.assign(recording, { since: this.now, times: [] });
  }
}

test('RollingWindow shows everything so far in its first minute', () => {
  const stage = new Stage();
  stage.happen();
  stage.now = 59;
  stage.happen();
  assert.deepEqual(stage.window.look().times, [0, 59]);
});

test('RollingWindow shows the same to a second looker', () => {
  const stage = new Stage();
  for (const now of [0, 30, 60, 90, 120, 150, 180]) {
    stage.now = now;
    stage.happen();
    assert.deepEqual(stage.window.look().times, stage.window.look().times);
  }
});

test('RollingWindow shows a whole pause to the first who looks after it', () => {
  const stage = new Stage();
  stage.now = 1_000;
  stage.happen();
  stage.now = 10_000;
  assert.deepEqual(stage.window.look().times, [1_000]);
});

test('RollingWindow keeps to two recordings', () => {
  const stage = new Stage();
  for (stage.now = 0; stage.now < 1_000; stage.now += 20) stage.window.look();
  assert.equal(stage.all.size, 2);
  assert.deepEqual(
    [...stage.all].sort((a, b) => a.since - b.since),
    stage.window.recordings,
  );
});

test('RollingWindow shows all of the last 60 s, nothing of before the last 120 s and a gap, to random lookers', () => {
  const random = new SeededRandom(7);
  const stage = new Stage();
  const happened: number[] = [];
  let longestGap = 0;
  let lastLook = 0;
  for (let step = 0; step < 20_000; step++) {
    stage.now += random.next() * 8;
    if (random.next() < 0.5) {
      stage.happen();
      happened.push(stage.now);
      continue;
    }
    longestGap = Math.max(longestGap, stage.now - lastLook);
    lastLook = stage.now;
    const shown = stage.window.look().times;
    assert.deepEqual(shown, happened.slice(happened.length - shown.length), 'the latest, without a hole');
    const lastMinute = happened.filter((time) => time > stage.now - 60).length;
    assert.ok(shown.length >= lastMinute);
    assert.ok((shown[0] ?? stage.now) >= stage.now - 120 - 2 * longestGap);
    happened.splice(0, happened.length - shown.length - 1);
  }
});

test('RollingWindow hides nothing from one who looks every 60 s, whoever else does', () => {
  const random = new SeededRandom(11);
  const stage = new Stage();
  const missed = new Set<number>();
  let nextLook = 60;
  while (stage.now < 50_000) {
    stage.now = Math.min(stage.now + random.next() * 20, nextLook);
    if (stage.now === nextLook) {
      for (const time of stage.window.look().times) missed.delete(time);
      assert.deepEqual([...missed], []);
      nextLook += 60;
    } else if (random.next() < 0.5) {
      stage.window.look();
    } else {
      stage.happen();
      missed.add(stage.now);
    }
  }
});
