import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoopWatch } from '../../lib/collectors/loop-watch.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { FakeLoop } from './fake-loop.ts';

function watched(interval?: number): { readonly loop: FakeLoop; readonly watch: LoopWatch } {
  const loop = new FakeLoop();
  const watch = new LoopWatch(interval, loop);
  loop.turn({ idle: 0, busy: 100 }); // the start of the program, which is not measured
  return { loop, watch };
}

test('LoopWatch measures the stall that ends the sleep of an idle loop, whole', () => {
  const { loop, watch } = watched();
  loop.turn({ idle: 60_000, busy: 50 });
  const lag = watch.look();
  assert.equal(lag.max, 0.05);
  assert.ok(Math.abs(lag.mean - 0.05 ** 2 / 2 / 60.05) < 1e-12);
});

test('LoopWatch does not wake up an idle loop', () => {
  const { loop, watch } = watched();
  const before = loop.callbacks;
  loop.turn({ idle: 3_600_000, busy: 1 });
  assert.equal(loop.callbacks, before + 1, 'once, at the end of the turn');
  assert.equal(loop.awake.size, 0);
  watch.stop();
});

test('LoopWatch sees every stall of 50 ms in a loop that turns all the time, up to its interval', () => {
  for (const interval of [5, 10, 20]) {
    const random = new SeededRandom(interval);
    for (let i = 0; i < 200; i++) {
      const { loop, watch } = watched(interval);
      const turnFor = (milliseconds: number) => {
        for (const end = loop.now() + milliseconds; loop.now() < end; ) loop.turn({ idle: 0, busy: 0.05 });
      };
      turnFor(random.next() * 40);
      loop.turn({ idle: 0, busy: 50 });
      turnFor(2 * interval);
      const seen = watch.look().max * 1e3;
      assert.ok(seen > 49.999 - interval && seen <= 50.1, `${seen} at ${interval} ms`);
    }
  }
});

test('LoopWatch measures a loop that turns all the time once in its interval', () => {
  const { loop } = watched();
  const before = loop.callbacks;
  for (const end = loop.now() + 1_000; loop.now() < end; ) loop.turn({ idle: 0, busy: 0.03 });
  assert.ok(loop.callbacks - before <= 102, `${loop.callbacks - before}`);
  assert.ok(loop.callbacks - before >= 95, `${loop.callbacks - before}`);
  assert.equal(loop.awake.size, 0);
});

test('LoopWatch stops its timer when a loop that turned all the time is idle', () => {
  const { loop } = watched();
  for (const end = loop.now() + 100; loop.now() < end; ) loop.turn({ idle: 0, busy: 0.03 });
  const before = loop.callbacks;
  loop.turn({ idle: 60_000, busy: 0 });
  assert.ok(loop.callbacks - before <= 4, `${loop.callbacks - before}`);
});

test('LoopWatch shows the lag of all moments, however the loop turns', () => {
  for (const seed of [1, 2, 3, 4]) {
    const random = new SeededRandom(seed);
    const { loop, watch } = watched();
    const begin = loop.now();
    let lag = 0;
    let max = 0;
    // Bursts of short turns, pauses, and stalls of up to 200 ms.
    while (loop.now() < begin + 50_000) {
      const isBurst = random.next() < 0.5;
      for (let i = 0; i < 100; i++) {
        const busy = isBurst ? 0.5 * random.next() : 20 * random.next() ** 4;
        const stall = random.next() < 0.005 ? 200 * random.next() : 0;
        const turn = { idle: isBurst || random.next() < 0.5 ? 0 : 20 * random.next(), busy: busy + stall };
        loop.turn(turn);
        lag += turn.busy ** 2 / 2;
        max = Math.max(max, turn.busy);
      }
    }
    const mean = lag / (loop.now() - begin) / 1e3;
    const shown = watch.look();
    assert.ok(Math.abs(shown.mean - mean) < mean / 20, `seed ${seed}: expected about ${mean}, got ${shown.mean}`);
    assert.ok(shown.max <= max / 1e3 + 1e-9 && shown.max >= (max - 10) / 1e3, `seed ${seed}: ${shown.max} ${max}`);
  }
});

test('LoopWatch counts the idle time up to the moment that somebody looks, and only once', () => {
  const { loop, watch } = watched();
  loop.turn({ idle: 0, busy: 1_000 });
  assert.equal(watch.look().mean, 0.5);
  loop.turn({ idle: 1_000, busy: 0 });
  assert.equal(watch.look().mean, 0.25);
  assert.equal(watch.look().mean, 0.25);
});

test('LoopWatch ends with stop(), whatever it waits for', () => {
  for (const busy of [0.05, 5]) {
    const { loop, watch } = watched();
    loop.turn({ idle: 0, busy });
    assert.equal(loop.scheduled, 1);
    watch.stop();
    assert.equal(loop.scheduled, 0);
    watch.stop();
  }
});

test('LoopWatch refuses an interval that no timer can have', () => {
  for (const interval of [0, -1, 1.5, NaN, 2 ** 31, '10' as unknown as number]) {
    assert.throws(() => new LoopWatch(interval, new FakeLoop()), {
      name: 'RangeError',
      message:
        'Cannot monitor the event loop: expected eventLoopMonitoringPrecision as a positive integer of milliseconds, ' +
        `at most 2147483647, got ${typeof interval === 'string' ? `"${interval as string}"` : interval}.`,
    });
  }
});

test('LoopWatch sees a stall of this loop, after a pause and in a loop that turns all the time', async () => {
  const block = () => {
    const begin = performance.now();
    while (performance.now() - begin < 50);
    return performance.now() - begin;
  };
  const afterPause = await stallSeen((run) => setTimeout(run, 20), block);
  const amongTurns = await stallSeen((run) => {
    const end = performance.now() + 40;
    const turn = () => void (performance.now() < end ? setImmediate(turn) : run());
    turn();
  }, block);
  for (const { seen, blocked } of [afterPause, amongTurns]) {
    // Shorter by up to the interval, and a timer of Node may run up to a millisecond early. Whole if no timer was set.
    assert.ok(seen >= blocked - 12, `${seen} of ${blocked}`);
  }
});

async function stallSeen(schedule: (run: () => void) => void, block: () => number) {
  const watch = new LoopWatch();
  await new Promise<void>((resolve) => setTimeout(resolve, 5));
  const blocked = await new Promise<number>((resolve) => schedule(() => resolve(block())));
  await new Promise<void>((resolve) => setTimeout(resolve, 30));
  const seen = watch.look().max * 1e3;
  watch.stop();
  return { blocked, seen };
}
