import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PollLoop } from '../../../lib/page/poll/poll-loop.ts';

interface Rounds {
  readonly loop: PollLoop;
  readonly signals: readonly AbortSignal[];
  /** Ends the round in progress. */
  end(): Promise<void>;
  /** Advances the clock. */
  pass(seconds: number): Promise<void>;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function start(t: TestContext, intervalSeconds: number): Rounds {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const signals: AbortSignal[] = [];
  let end = (): void => undefined;
  const loop = new PollLoop((signal) => {
    signals.push(signal);
    return new Promise((resolve) => (end = resolve));
  }, intervalSeconds);
  loop.setHidden(false);
  return {
    loop,
    signals,
    end: () => {
      end();
      return settled();
    },
    pass: (seconds) => {
      t.mock.timers.tick(seconds * 1000);
      return settled();
    },
  };
}

test('PollLoop polls at once, then at its interval from start to start', async (t) => {
  const { signals, end, pass } = start(t, 5);
  assert.equal(signals.length, 1);
  await pass(2);
  await end();
  await pass(2.9);
  assert.equal(signals.length, 1);
  await pass(0.1);
  assert.equal(signals.length, 2);
});

test('PollLoop runs one round at a time, and rests as long as a slow round took', async (t) => {
  const { signals, end, pass } = start(t, 5);
  await pass(30);
  assert.equal(signals.length, 1);
  await end();
  await pass(29.9);
  assert.equal(signals.length, 1);
  await pass(0.1);
  assert.equal(signals.length, 2);
});

test('PollLoop.setPaused() aborts the round in progress, and polls at once on resuming', async (t) => {
  const { loop, signals, end, pass } = start(t, 5);
  loop.setPaused(true);
  assert.deepEqual([loop.isPaused, signals[0]!.aborted], [true, true]);
  await end();
  await pass(60);
  assert.equal(signals.length, 1);
  loop.setPaused(false);
  assert.deepEqual([signals.length, signals[1]!.aborted], [2, false]);
});

test('PollLoop.setHidden() stops polling, and does not resume a paused loop', async (t) => {
  const { loop, signals, end, pass } = start(t, 5);
  await end();
  loop.setHidden(true);
  await pass(60);
  assert.equal(signals.length, 1);
  loop.setHidden(false);
  assert.equal(signals.length, 2);
  loop.setPaused(true);
  loop.setHidden(true);
  loop.setHidden(false);
  await pass(60);
  assert.equal(signals.length, 2);
});

test('PollLoop.setIntervalSeconds() polls at once, then at the new interval', async (t) => {
  const { loop, signals, end, pass } = start(t, 60);
  await end();
  loop.setIntervalSeconds(2);
  await end();
  await pass(2);
  assert.equal(signals.length, 3);
});
