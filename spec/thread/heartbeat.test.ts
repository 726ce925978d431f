import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Heartbeat, HeartbeatReader } from '../../lib/thread/heartbeat.ts';

/** A heartbeat, its reader and their clock, in milliseconds. */
function createPair() {
  let milliseconds = 1_000;
  const clock = (): bigint => BigInt(milliseconds) * 1_000_000n;
  const heartbeat = new Heartbeat(clock);
  const reader = new HeartbeatReader(heartbeat.memory, clock);
  const values = () => {
    const [blocked, longest, stalls] = reader.families() as unknown as {
      series: { value: number; sum: number; bucketCounts: number[] }[];
    }[];
    const { sum, bucketCounts } = stalls!.series[0]!;
    return { blocked: blocked!.series[0]!.value, longest: longest!.series[0]!.value, sum, bucketCounts };
  };
  return { heartbeat, reader, values, pass: (more: number) => void (milliseconds += more) };
}

test('HeartbeatReader sees how long the loop has been blocked, less one interval', () => {
  const { heartbeat, reader, values, pass } = createPair();
  pass(50);
  assert.equal(reader.blockedSeconds, 0);
  pass(4_000);
  assert.equal(reader.blockedSeconds, 4);
  assert.deepEqual([values().blocked, values().longest, values().sum], [4, 4, 0]);
  heartbeat.beat();
  assert.deepEqual([values().blocked, values().longest, values().sum], [0, 4, 4]);
});

test('Heartbeat.beat() counts stalls in the bucket whose bound is not below them, and keeps the longest', () => {
  const { heartbeat, values, pass } = createPair();
  // In milliseconds that a beat is late: below 100 is no stall.
  for (const late of [0, 99, 100, 250, 251, 300_000, 300_001]) {
    pass(50 + late);
    heartbeat.beat();
  }
  const { longest, sum, bucketCounts } = values();
  assert.deepEqual(bucketCounts, [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
  assert.equal(longest, 300.001);
  assert.equal(sum.toFixed(3), ((100 + 250 + 251 + 300_000 + 300_001) / 1000).toFixed(3));
});

test('Heartbeat.beat() takes a clock that stands still or goes back for no stall', () => {
  const { heartbeat, reader, pass } = createPair();
  heartbeat.beat();
  pass(-500);
  assert.equal(reader.blockedSeconds, 0);
  heartbeat.beat();
  assert.equal(reader.blockedSeconds, 0);
});
