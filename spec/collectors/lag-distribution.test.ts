import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LagDistribution } from '../../lib/collectors/lag-distribution.ts';
import { SeededRandom } from '../support/seeded-random.ts';

/** The lag at moments that are evenly spread over the same times: the definition, written out. */
class Moments {
  readonly #step: number;
  readonly #lags: number[] = [];

  constructor(step: number) {
    this.#step = step;
  }

  add(seconds: number, lagAt: (elapsed: number) => number): void {
    for (let elapsed = this.#step / 2; elapsed < seconds; elapsed += this.#step) this.#lags.push(lagAt(elapsed));
  }

  get mean(): number {
    return this.#lags.reduce((sum, lag) => sum + lag, 0) / this.#lags.length;
  }

  get standardDeviation(): number {
    const { mean } = this;
    return Math.sqrt(this.#lags.reduce((sum, lag) => sum + (lag - mean) ** 2, 0) / this.#lags.length);
  }

  percentile(share: number): number {
    return this.#lags.sort((a, b) => a - b)[Math.floor(share * this.#lags.length)]!;
  }
}

test('LagDistribution has the mean, deviation and percentiles of the lag at evenly spread moments', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const random = new SeededRandom(seed);
    const lag = new LagDistribution();
    const moments = new Moments(1e-5);
    const idleShare = random.next();
    let max = 0;
    for (let i = 0; i < 300; i++) {
      if (random.next() < idleShare) {
        const seconds = random.next() * 0.05;
        lag.addIdle(seconds);
        moments.add(seconds, () => 0);
      }
      // Multiples of the step: most of them short, some a hundred times longer.
      const seconds = Math.round(1e5 * 0.1 * random.next() ** 4) / 1e5;
      if (random.next() < 0.3) {
        lag.addLag(seconds, 0.01);
        moments.add(0.01, () => seconds);
      } else {
        lag.addBusy(seconds);
        moments.add(seconds, (elapsed) => seconds - elapsed);
      }
      max = Math.max(max, seconds);
    }
    assertNear(lag.mean, moments.mean, 0.001);
    assertNear(lag.standardDeviation, moments.standardDeviation, 0.001);
    for (const share of [0.1, 0.5, 0.9, 0.99, 0.999]) {
      assertNear(lag.percentile(share), moments.percentile(share), 0.05);
    }
    assert.equal(lag.max, max);
  }
});

/** Within a share of the expected value, or the width of the smallest bucket. */
function assertNear(actual: number, expected: number, share: number): void {
  assert.ok(
    Math.abs(actual - expected) <= Math.max(expected * share, 1e-4),
    `expected about ${expected}, got ${actual}`,
  );
}

test('LagDistribution of one stall has the percentiles of all moments in it', () => {
  const lag = new LagDistribution();
  lag.addBusy(10);
  assert.deepEqual(
    [0, 0.25, 0.5, 0.9, 1].map((share) => Math.round(lag.percentile(share) * 1e3) / 1e3),
    [0, 2.5, 5, 9, 10],
  );
});

test('LagDistribution of one lag has it at each percentile, within the width of a bucket', () => {
  const lag = new LagDistribution();
  lag.addLag(2, 10);
  lag.addIdle(10);
  assert.equal(lag.mean, 1);
  assert.equal(lag.standardDeviation, 1);
  assert.equal(lag.percentile(0.49), 0);
  for (const share of [0.51, 0.9, 0.99]) assertNear(lag.percentile(share), 2, 0.05);
});

test('LagDistribution holds any length of time, and knows its largest', () => {
  const lag = new LagDistribution();
  lag.addBusy(1e9);
  assert.equal(lag.max, 1e9);
  assert.equal(lag.percentile(1), 1e9);
});

test('LagDistribution is 0 while nothing has been added, and after clear()', () => {
  const lag = new LagDistribution();
  const shown = () => [lag.mean, lag.standardDeviation, lag.max, lag.percentile(0.5), lag.percentile(0.99)];
  assert.deepEqual(shown(), [0, 0, 0, 0, 0]);
  lag.addIdle(1);
  assert.deepEqual(shown(), [0, 0, 0, 0, 0]);
  lag.addBusy(2);
  lag.addLag(1, 1);
  assert.ok(shown().every((one) => one > 0));
  lag.clear();
  assert.deepEqual(shown(), [0, 0, 0, 0, 0]);
});
