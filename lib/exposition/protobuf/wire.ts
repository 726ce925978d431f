import type { Memory } from '../memory.ts';

// The wire format of Protocol Buffers, as far as the messages of io.prometheus.client need it. A message is written behind
// the room for its length, and then its length before it, so nothing is measured in advance.
// https://protobuf.dev/programming-guides/encoding/

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

/**
 * How many bytes a count takes. A varint may be longer than it need be, so that a histogram is as long however much it has
 * counted: the length of a family is written before its series. Eight bytes hold 2^56.
 */
export const COUNT_BYTES = 8;

/** How many bytes a field of type double takes. */
export const DOUBLE_FIELD_BYTES = 9;

/** How many bytes a varint of this value takes. */
export function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) count++;
  return count;
}

/** Writes a whole number of at least 0 and returns the position behind it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let end = at;
  let rest = value;
  for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) bytes[end++] = (rest % 128) | 128;
  for (; rest >= 128; rest >>= 7) bytes[end++] = rest | 128; // the array takes the lowest eight bits
  bytes[end++] = rest;
  return end;
}

/** The most bytes that tag and length of a field take. All tags are one byte: the field numbers are at most 15. */
export const MAX_TAG_AND_LENGTH = 6;

/** How many bytes a field takes that is a message or a text of so many bytes. */
export function fieldBytes(length: number): number {
  return 1 + varintBytes(length) + length;
}

/**
 * Begins a field that is a message or a text of about `expectedBytes` bytes. Returns the position where it begins, behind
 * its tag and the room for its length.
 */
export function beginMessage(bytes: Uint8Array, at: number, field: number, expectedBytes: number): number {
  bytes[at] = (field << 3) | LENGTH_DELIMITED;
  return at + 1 + varintBytes(expectedBytes);
}

/**
 * Ends the field that was begun at `at`: writes its length before it, moving what is from `start` to `end` if the length
 * takes more or less room than expected. Returns the position behind it.
 */
export function endMessage(bytes: Uint8Array, at: number, start: number, end: number): number {
  const length = end - start;
  if (length < 128 && start === at + 2) {
    bytes[at + 1] = length;
    return end;
  }
  const moved = at + 1 + varintBytes(length);
  if (moved !== start) bytes.copyWithin(moved, start, end);
  writeVarint(bytes, at + 1, length);
  return moved + length;
}

/** The most bytes that a field takes that is this text. */
export function maxTextFieldBytes(text: string): number {
  return 3 * text.length + MAX_TAG_AND_LENGTH; // three bytes for a UTF-16 unit: a character of the basic plane in UTF-8
}

/** Writes a field of type string and returns the position behind it. */
export function writeTextField(bytes: Uint8Array, at: number, field: number, text: string): number {
  const start = beginMessage(bytes, at, field, text.length);
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) {
      const end = start + encoder.encodeInto(text, bytes.subarray(start)).written;
      return endMessage(bytes, at, start, end);
    }
    bytes[start + i] = unit;
  }
  return endMessage(bytes, at, start, start + length);
}

/** Writes a field of type int32, int64, uint64 or enum; `value` is a whole number of at least 0. */
export function writeIntegerField(bytes: Uint8Array, at: number, field: number, value: number): number {
  bytes[at] = (field << 3) | VARINT;
  return writeVarint(bytes, at + 1, value);
}

/** Writes a field of type sint32 or sint64, whose lowest bit is the sign, and returns the position behind it. */
export function writeSignedField(bytes: Uint8Array, at: number, field: number, value: number): number {
  const rest = Math.max(value, -value - 1); // shifted in two parts: twice the value would not be exact from 2^52 on
  const lowest = ((rest % 64) << 1) | Number(value < 0);
  if (rest < 64) return writeIntegerField(bytes, at, field, lowest);
  bytes[at] = (field << 3) | VARINT;
  bytes[at + 1] = lowest | 128;
  return writeVarint(bytes, at + 2, Math.floor(rest / 64));
}

/** Writes a field of type double and returns the position behind it. */
export function writeDoubleField({ bytes, view }: Memory, at: number, field: number, value: number): number {
  bytes[at] = (field << 3) | FIXED64;
  view.setFloat64(at + 1, value, true);
  return at + DOUBLE_FIELD_BYTES;
}

/** Writes a field of type uint64 in {@link COUNT_BYTES} and returns the position behind it. */
export function writeCountField({ bytes, view }: Memory, at: number, field: number, count: number): number {
  bytes[at] = (field << 3) | VARINT;
  const high = Math.floor(count / 2 ** 28);
  view.setInt32(at + 1, fourGroups(count - high * 2 ** 28) | CONTINUED, true);
  view.setInt32(at + 5, (fourGroups(high) | CONTINUED) & ~LAST_CONTINUED, true);
  return at + 1 + COUNT_BYTES;
}

/** Spreads 28 bits over four bytes, seven in each. */
function fourGroups(bits: number): number {
  return (bits & 0x7f) | ((bits & 0x3f80) << 1) | ((bits & 0x1f_c000) << 2) | ((bits & 0xfe0_0000) << 3);
}

const CONTINUED = 0x8080_8080 | 0;
const LAST_CONTINUED = 0x8000_0000 | 0;

/** The most bytes that a timestamp field takes. */
export const MAX_TIMESTAMP_BYTES = 24;

/** Writes a field of type google.protobuf.Timestamp and returns the position behind it; `seconds` is a Unix time. */
export function writeTimestampField(bytes: Uint8Array, at: number, field: number, seconds: number): number {
  const whole = Math.floor(seconds);
  const nanos = Math.min(Math.round((seconds - whole) * 1e9), 999_999_999);
  const start = beginMessage(bytes, at, field, 1);
  const end = writeIntegerField(bytes, start, 1, whole);
  return endMessage(bytes, at, start, nanos === 0 ? end : writeIntegerField(bytes, end, 2, nanos));
}

/** How many bytes behind their end copies may read and write. */
export const SPARE_BYTES = 3;

/** Copies bytes in steps of four, see {@link SPARE_BYTES}; returns the position behind. */
export function copyBytes(target: DataView, at: number, source: DataView, start: number, end: number): number {
  const offset = at - start;
  for (let i = start; i < end; i += 4) target.setInt32(offset + i, source.getInt32(i, true), true);
  return offset + end;
}

const encoder = new TextEncoder();
