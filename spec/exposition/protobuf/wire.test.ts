import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocate } from '../../../lib/exposition/memory.ts';
import {
  beginMessage,
  COUNT_BYTES,
  copyBytes,
  endMessage,
  fieldBytes,
  maxTextFieldBytes,
  varintBytes,
  writeCountField,
  writeSignedField,
  writeTextField,
  writeTimestampField,
  writeVarint,
} from '../../../lib/exposition/protobuf/wire.ts';

/** Reads a varint as the wire format defines it; returns the position behind it too. */
function readVarint(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0n;
  let end = at;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[end++]!;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 128) return [Number(value), end];
  }
}

/** Integers at the edges of the groups of seven bits. */
const EDGES = [0, 1, ...[7, 14, 21, 28, 31, 32, 35, 49, 53].flatMap((bits) => [2 ** bits - 1, 2 ** bits])];

test('writeVarint() writes as few bytes as the value needs, and varintBytes() knows how many', () => {
  for (const value of EDGES) {
    const bytes = new Uint8Array(12).fill(0xee);
    const end = writeVarint(bytes, 2, value);
    assert.deepEqual(readVarint(bytes, 2), [value, end]);
    assert.equal(varintBytes(value), end - 2, `${value}`);
    assert.equal(end - 2, Math.max(1, Math.ceil(value.toString(2).length / 7)), `${value}`);
    assert.equal(bytes[end], 0xee);
  }
});

test('writeCountField() takes the same number of bytes for every count', () => {
  for (const count of EDGES.filter((edge) => edge <= 2 ** 53)) {
    const memory = allocate(16);
    const end = writeCountField(memory, 1, 2, count);
    assert.equal(end, 2 + COUNT_BYTES);
    assert.equal(memory.bytes[1], 2 << 3);
    assert.deepEqual(readVarint(memory.bytes, 2), [count, end], `${count}`);
  }
});

test('writeSignedField() writes the sign as the lowest bit, in as few bytes as the value needs', () => {
  for (const value of EDGES.filter((edge) => edge <= 2 ** 53).flatMap((edge) => [edge, -edge, 1 - edge])) {
    const bytes = new Uint8Array(14).fill(0xee);
    const end = writeSignedField(bytes, 1, 6, value);
    const bits = value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value);
    assert.equal(bytes[1], 6 << 3);
    assert.equal(end, 2 + Math.max(1, Math.ceil(bits.toString(2).length / 7)), `${value}`);
    let read = 0n;
    for (let at = 2; at < end; at++) {
      assert.equal(bytes[at]! >= 128, at < end - 1, `${value}`);
      read |= BigInt(bytes[at]! & 127) << BigInt(7 * (at - 2));
    }
    assert.equal(read, bits, `${value}`);
    assert.equal(bytes[end], 0xee);
  }
});

test('endMessage() writes the length, whatever length was expected', () => {
  for (const length of [0, 1, 127, 128, 129, 16_383, 16_384]) {
    for (const expected of [0, 127, 128, 16_383, 16_384]) {
      const bytes = new Uint8Array(length + 20).fill(0xee);
      const start = beginMessage(bytes, 3, 5, expected);
      for (let i = 0; i < length; i++) bytes[start + i] = i;
      const end = endMessage(bytes, 3, start, start + length);
      assert.equal(end - 3, fieldBytes(length));
      assert.equal(bytes[3], (5 << 3) | 2);
      const [written, contentAt] = readVarint(bytes, 4);
      assert.deepEqual([written, contentAt + written], [length, end]);
      assert.ok(bytes.subarray(contentAt, end).every((byte, i) => byte === (i & 0xff)));
    }
  }
});

test('writeTextField() writes UTF-8, and nothing behind a text of ASCII', () => {
  for (const text of ['', 'a', '\u007f', '\u0080', 'aé漢😀', 'a'.repeat(127), 'a'.repeat(128), '漢'.repeat(43)]) {
    const utf8 = new TextEncoder().encode(text);
    const bytes = new Uint8Array(maxTextFieldBytes(text) + 2).fill(0xee);
    const end = writeTextField(bytes, 1, 4, text);
    assert.equal(end - 1, fieldBytes(utf8.length), text);
    const [length, contentAt] = readVarint(bytes, 2);
    assert.equal(length, utf8.length);
    assert.deepEqual(bytes.slice(contentAt, end), utf8);
    if (/^[a-z]*$/.test(text)) assert.equal(bytes[end], 0xee);
  }
});

test('writeTimestampField() keeps nanoseconds below a second', () => {
  const fieldsOf = (seconds: number): number[] => {
    const bytes = new Uint8Array(30);
    const end = writeTimestampField(bytes, 0, 3, seconds);
    const [length, at] = readVarint(bytes, 1);
    const [whole, nanosAt] = readVarint(bytes, at + 1);
    if (nanosAt === end) return [whole, 0];
    const [nanos, behind] = readVarint(bytes, nanosAt + 1);
    assert.deepEqual([bytes[0], bytes[at], bytes[nanosAt], at + length, behind], [26, 8, 16, end, end]);
    return [whole, nanos];
  };
  assert.deepEqual(fieldsOf(1_520_430_000.125), [1_520_430_000, 125_000_000]);
  assert.deepEqual(fieldsOf(5), [5, 0]);
  assert.equal(writeTimestampField(new Uint8Array(30), 0, 3, 5), 4, 'no field for 0 nanoseconds');
  assert.deepEqual(fieldsOf(1 - 2 ** -53), [0, 999_999_999]);
});

test('copyBytes() copies any length, and at most three bytes more', () => {
  const source = allocate(12);
  source.bytes.forEach((_, i) => {
    source.bytes[i] = i + 1;
  });
  for (let length = 0; length <= 8; length++) {
    const target = allocate(16);
    assert.equal(copyBytes(target.view, 2, source.view, 1, 1 + length), 2 + length);
    assert.deepEqual(target.bytes.subarray(2, 2 + length), source.bytes.subarray(1, 1 + length));
    assert.ok(target.bytes.subarray(2 + length + 3).every((byte) => byte === 0));
  }
});
