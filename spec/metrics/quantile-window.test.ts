import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuantileWindow } from '../../lib/metrics/quantile-window.ts';

/** A window of 50 seconds in 5 steps, and its clock. */
function windowWithClock() {
  const clock = { seconds: 1000, looks: 0 };
  const nowSeconds = (): number => {
    clock.looks++;
    return clock.seconds;
  };
  return { clock, window: new QuantileWindow({ maxAgeSeconds: 50, ageBuckets: 5, nowSeconds }) };
}

function largestOf(window: QuantileWindow): number {
  return window.quantiles([1])[0]!;
}

test('QuantileWindow.quantiles() is NaN before the first observation, and again when the last is too old', () => {
  const { clock, window } = windowWithClock();
  assert.deepEqual(window.quantiles([0.5, 0.9]), [NaN, NaN]);
  window.observe(2);
  assert.deepEqual(window.quantiles([0.5, 0.9]), [2, 2]);
  clock.seconds += 50;
  assert.deepEqual(window.quantiles([0.5, 0.9]), [NaN, NaN]);
});

test('QuantileWindow counts an observation for four of five steps at least, and never for more than five', () => {
  for (let offset = 0; offset < 10; offset++) {
    const { clock, window } = windowWithClock();
    clock.seconds += offset;
    window.observe(7);
    const visible: number[] = [];
    for (let age = 1; age <= 60; age++) {
      clock.seconds++;
      if (!Number.isNaN(largestOf(window))) visible.push(age);
    }
    assert.ok(visible.length >= 40 && visible.length < 50, `${visible.length} seconds at offset ${offset}`);
    assert.equal(visible.at(-1), visible.length); // without a gap
  }
});

test('QuantileWindow counts each observation by its own time, whether or not somebody asks in between', () => {
  const { clock, window } = windowWithClock();
  for (const value of [10, 20, 30, 40, 50, 60, 70, 80]) {
    window.observe(value);
    clock.seconds += 10;
  }
  // At 80 seconds, those of the last 40 are left: of the seconds 40, 50, 60 and 70.
  assert.deepEqual(window.quantiles([0, 1]), [50, 80]);
  clock.seconds += 1000;
  window.observe(5);
  assert.deepEqual(window.quantiles([0, 1]), [5, 5]);
});

test('QuantileWindow with an endless window forgets nothing', () => {
  const clock = { seconds: 0 };
  const window = new QuantileWindow({ maxAgeSeconds: Infinity, ageBuckets: 5, nowSeconds: () => clock.seconds });
  window.observe(1);
  clock.seconds = 1e9;
  window.observe(3);
  assert.deepEqual(window.quantiles([0, 1]), [1, 3]);
  assert.equal(window.isEmpty, false);
});

test('QuantileWindow.isEmpty says so of a window without observations', () => {
  const { clock, window } = windowWithClock();
  assert.equal(window.isEmpty, true);
  window.observe(0);
  assert.equal(window.isEmpty, false);
  clock.seconds += 49.9;
  assert.equal(window.isEmpty, false);
  clock.seconds += 0.1;
  assert.equal(window.isEmpty, true);
});

test('QuantileWindow.clear() forgets all observations', () => {
  const { clock, window } = windowWithClock();
  window.observe(1);
  clock.seconds += 15;
  window.observe(2);
  window.clear();
  assert.equal(window.isEmpty, true);
  window.observe(3);
  assert.deepEqual(window.quantiles([0, 1]), [3, 3]);
});

test('QuantileWindow looks at the clock at each observation, in a long burst at one of 64', () => {
  const { clock, window } = windowWithClock();
  clock.looks = 0;
  for (let i = 0; i < 100; i++) {
    clock.seconds += 0.01;
    window.observe(i);
  }
  assert.equal(clock.looks, 100);
  clock.looks = 0;
  const observe = (count: number): void => {
    clock.looks = 0;
    for (let i = 0; i < count; i++) {
      clock.seconds += 0.0001;
      window.observe(i);
    }
  };
  observe(1_100);
  assert.ok(clock.looks < 110, `${clock.looks} looks`);
  observe(6_400);
  assert.equal(clock.looks, 100);
});

test('QuantileWindow counts an observation after a few that came together by its own time', () => {
  const { clock, window } = windowWithClock();
  for (let i = 0; i < 16; i++) window.observe(1);
  clock.seconds += 30;
  window.observe(2);
  clock.seconds += 30;
  assert.equal(largestOf(window), 2);
});

test('QuantileWindow counts at most 63 observations after a burst as of its time, and none once somebody has asked', () => {
  const burst = (window: QuantileWindow): void => {
    for (let i = 0; i < 1_000; i++) window.observe(1);
  };
  const unasked = windowWithClock();
  burst(unasked.window);
  burst(unasked.window);
  unasked.clock.seconds += 20;
  for (let i = 0; i < 64; i++) unasked.window.observe(2);
  unasked.clock.seconds += 35;
  // The burst has gone; of the 64 at least the last was counted at its own time.
  assert.equal(unasked.window.quantiles([0])[0], 2);

  const asked = windowWithClock();
  burst(asked.window);
  largestOf(asked.window);
  asked.clock.seconds += 20;
  asked.window.observe(2);
  asked.clock.seconds += 35;
  assert.deepEqual(asked.window.quantiles([0, 1]), [2, 2]);
});
