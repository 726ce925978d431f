import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RollingWindow } from '../../lib/collectors/rolling-window.ts';
import { SeededRandom } from '../support/seeded-random.ts';

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
