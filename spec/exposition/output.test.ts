import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocate, withRoomFor } from '../../lib/exposition/memory.ts';
import { append, ChunkBuffer, ChunkPool, type Output, PAUSE, WholeBuffer } from '../../lib/exposition/output.ts';

const CHUNK = 64 * 1024;
const SMALL = 8 * 1024;

/** Appends `count` bytes of this value. */
function fill(out: Output, count: number, value: number): void {
  append(out, new Uint8Array(count).fill(value));
}

/** Asserts how much room is left, to the byte. */
function assertRoom(out: Output, count: number): void {
  assert.equal(out.hasRoomFor(count), true);
  assert.equal(out.hasRoomFor(count + 1), false);
}

test('ChunkBuffer begins in 8 KiB and moves to a whole chunk when that is full', () => {
  const pool = new ChunkPool(CHUNK);
  const out = new ChunkBuffer(pool);
  const small = out.bytes.buffer;
  assert.equal(out.rest(), PAUSE);
  assertRoom(out, SMALL);
  fill(out, 8000, 7);
  assertRoom(out, SMALL - 8000);
  assert.equal(out.next(CHUNK - 8000), PAUSE, 'it fits exactly');
  assert.equal(out.bytes.length, CHUNK);
  assertRoom(out, CHUNK - 8000);
  fill(out, CHUNK - 8000, 8);
  const expected = new Uint8Array(CHUNK).fill(7, 0, 8000).fill(8, 8000);
  assert.deepEqual(out.rest(), expected);
  assert.equal(new ChunkBuffer(pool).bytes.buffer, small, 'the small piece is used again');
});

test('ChunkBuffer hands out what it has when the rest of a chunk is too small', () => {
  const out = new ChunkBuffer(new ChunkPool(CHUNK));
  fill(out, 10, 1);
  assert.deepEqual(out.next(CHUNK - 9), new Uint8Array(10).fill(1));
  assertRoom(out, CHUNK);
  fill(out, CHUNK - 5, 2);
  assert.deepEqual(out.next(6), new Uint8Array(CHUNK - 5).fill(2));
  assert.equal(out.length, 0);
  assert.equal(out.next(CHUNK + 1), PAUSE, 'nothing has been written since');
  assertRoom(out, CHUNK + 1);
});

test('WholeBuffer keeps its chunks side by side and grows to twice the size', () => {
  assertRoom(new WholeBuffer(10, 0), 10);
  assertRoom(new WholeBuffer(100, 10), 10);
  const out = new WholeBuffer(10, 20);
  const first = out.bytes;
  assertRoom(out, 10);
  fill(out, 8, 1);
  assertRoom(out, 2);
  assert.deepEqual(out.next(3), new Uint8Array(8).fill(1));
  assert.equal(out.rest(), PAUSE);
  assertRoom(out, 10);
  fill(out, 7, 2);
  assertRoom(out, 3);
  assert.deepEqual(out.next(5), new Uint8Array(7).fill(2));
  assert.equal(out.bytes, first, 'it fits exactly');
  assert.equal(out.next(6), PAUSE);
  assert.equal(out.bytes.length, 2 * (15 + 6));
  fill(out, 6, 3);
  assert.deepEqual(out.rest(), new Uint8Array(6).fill(3));
  assert.deepEqual(out.bytes.subarray(0, 21), new Uint8Array(21).fill(1, 0, 8).fill(2, 8, 15).fill(3, 15));
});

test('ChunkPool lends again what it gets back, chunks as chunks and small pieces as small pieces', () => {
  const pool = new ChunkPool(CHUNK);
  const chunk = pool.take(CHUNK);
  const small = pool.takeSmall();
  assert.deepEqual([chunk.length, small.length], [CHUNK, SMALL]);
  pool.give(chunk.subarray(0, 3));
  pool.give(small.subarray(0, 3));
  assert.equal(pool.take(0).buffer, chunk.buffer);
  assert.equal(pool.takeSmall().buffer, small.buffer);
  assert.equal(new ChunkPool(1024).takeSmall().length, 1024, 'never more than a chunk');
});

test('ChunkPool keeps four free chunks, and none that it has not lent, has back, or made larger for one step', () => {
  const pool = new ChunkPool(1024);
  const chunks = Array.from({ length: 6 }, () => pool.take(1));
  const large = pool.take(1025);
  assert.equal(large.length, 1025);
  for (const chunk of [new Uint8Array(1024), large, ...chunks, ...chunks]) pool.give(chunk);
  const again = Array.from({ length: 6 }, () => pool.take(1).buffer);
  assert.equal(new Set(again).size, 6);
  assert.deepEqual(
    again.filter((memory) => chunks.some(({ buffer }) => buffer === memory)),
    chunks
      .slice(0, 4)
      .map(({ buffer }) => buffer)
      .reverse(),
  );
});

test('withRoomFor() returns the same memory while it suffices, then twice what is needed with the bytes in use', () => {
  const memory = allocate(8);
  memory.bytes.fill(9);
  assert.equal(withRoomFor(memory, 8, 8), memory);
  const grown = withRoomFor(memory, 9, 5);
  assert.equal(grown.bytes.length, 18);
  assert.deepEqual(grown.bytes, new Uint8Array(18).fill(9, 0, 5));
  assert.equal(grown.view.buffer, grown.bytes.buffer);
});
