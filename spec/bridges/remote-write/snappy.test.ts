import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK_BYTES, snappyBlock, snappyHead, snappyTable } from '../../../lib/bridges/remote-write/snappy.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { unsnappy } from './decode-write.ts';

function compressed(bytes: Uint8Array): Buffer {
  const table = snappyTable();
  const blocks = [snappyHead(bytes.length)];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
    blocks.push(snappyBlock(bytes.subarray(at, at + BLOCK_BYTES), table));
  return Buffer.concat(blocks);
}

test('snappyBlock() compresses to what a decompressor makes the same of, whatever the bytes', () => {
  const random = new SeededRandom(20);
  const lengths = [0, 1, 3, 4, 5, 59, 60, 61, 62, 255, 256, 257, 258, 4096, 65_535, 65_536, 65_537, 200_000];
  for (const length of lengths) {
    for (const letters of [1, 2, 4, 256]) {
      const bytes = Uint8Array.from({ length }, () => random.int(letters));
      assert.deepEqual(Buffer.from(unsnappy(compressed(bytes))), Buffer.from(bytes), `${length} bytes of ${letters}`);
    }
    const runs = Uint8Array.from({ length }, (_, i) => (i % 97 < 90 ? i % 7 : random.int(256)));
    assert.deepEqual(Buffer.from(unsnappy(compressed(runs))), Buffer.from(runs));
  }
});

test('snappyBlock() makes labels that repeat smaller by more than half, and random bytes hardly larger', () => {
  const text = Buffer.from(
    Array.from({ length: 5000 }, (_, i) => `http_requests_total{path="/users/${i}"} ${i}`).join('\n'),
  );
  assert.ok(compressed(text).length < text.length / 2);
  const random = new SeededRandom(7);
  const noise = Uint8Array.from({ length: 100_000 }, () => random.int(256));
  assert.ok(compressed(noise).length < noise.length * 1.01);
});
