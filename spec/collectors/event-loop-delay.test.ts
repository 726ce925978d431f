import assert from 'node:assert/strict';
import { createHistogram, type IntervalHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { test } from 'node:test';
import { eventLoopDelay } from '../../lib/collectors/event-loop-delay.ts';
import type { Group } from '../../lib/collectors/group.ts';
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
