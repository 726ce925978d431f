import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shardOf } from '../../../monitoring/stack/shard-of.ts';

test('shardOf() gives every address one of the shards, and each about as many', () => {
  const counts = [0, 0, 0];
  for (let port = 10_000; port < 13_000; port++) counts[shardOf(`127.0.0.1:${port}`, 3)]!++;
  // Each is binomial with mean 1,000 and deviation 26; the addresses are fixed, so this holds always or never.
  assert.ok(
    counts.every((count) => Math.abs(count - 1000) < 100),
    String(counts),
  );
});

test('shardOf() takes the last eight bytes of the MD5 sum', () => {
  // MD5 of the empty string: d41d8cd98f00b204 e9800998ecf8427e
  assert.equal(shardOf('', 1000), Number(0xe9800998ecf8427en % 1000n));
});
