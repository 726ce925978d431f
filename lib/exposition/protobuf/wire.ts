// The wire format of Protocol Buffers, as far as the messages of io.prometheus.client need it. These routines build what
// does not change from scrape to scrape: heads, templates, exemplars.
// https://protobuf.dev/programming-guides/encoding/

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

/**
 * How many bytes a count always takes. A varint may be longer than it need be, so that a histogram is as long however
 * much it has counted: the length of a family has to be written before its series. Eight bytes hold 2^56.
 */
export const COUNT_BYTES = 8;

/** How many bytes a field of type double takes, with its tag. */
export const DOUBLE_FIELD_BYTES = 9;

/** Returns a field of type double. */
export function doubleField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(DOUBLE_FIELD_BYTES);
  bytes[0] = tag(field, FIXED64);
  writeDouble(bytes, 1, value);
  return bytes;
}

/** Returns a field of type int32, int64, uint64 or enum; `value` is a whole number of at least 0. */
export function integerField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(1 + varintBytes(value));
  bytes[0] = tag(field, VARINT);
  writeVarint(bytes, 1, value);
  return bytes;
}

/** Returns a field of type uint64 that has {@link COUNT_BYTES} for its value. */
export function countField(field: number, count: number): Uint8Array {
  const bytes = new Uint8Array(1 + COUNT_BYTES);
  bytes[0] = tag(field, VARINT);
  writeCount(bytes, 1, count);
  return bytes;
}

/** Returns a field that is a message or a text of these parts. */
export function messageField(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const start = 1 + varintBytes(length);
  const bytes = new Uint8Array(start + length);
  bytes[0] = tag(field, LENGTH_DELIMITED);
  let at = writeVarint(bytes, 1, length);
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Returns a field of type string. */
export function textField(field: number, text: string): Uint8Array {
  return messageField(field, encoder.encode(text));
}

/** Returns a field of type google.protobuf.Timestamp; `seconds` is a Unix time. */
export function timestampField(field: number, seconds: number): Uint8Array {
  const whole = Math.floor(seconds);
  const nanos = Math.min(Math.round((seconds - whole) * 1e9), 999_999_999);
  return messageField(field, integerField(1, whole), integerField(2, nanos));
}

/** The tag of a field, which is one byte for field numbers up to 15. */
export function tag(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

/** The tag of a field that is a message. */
export function messageTag(field: number): number {
  return tag(field, LENGTH_DELIMITED);
}

/** How many bytes a varint of this value takes. */
export function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) count++;
  return count;
}

/** Writes a whole number of at least 0 and returns the position behind it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128;
  bytes[at++] = rest;
  return at;
}

/** Writes a count in {@link COUNT_BYTES}. */
export function writeCount(bytes: Uint8Array, at: number, count: number): void {
  const high = Math.floor(count / 2 ** 28);
  const low = count - high * 2 ** 28;
  bytes[at] = low | 128;
  bytes[at + 1] = (low >>> 7) | 128;
  bytes[at + 2] = (low >>> 14) | 128;
  bytes[at + 3] = (low >>> 21) | 128;
  bytes[at + 4] = high | 128;
  bytes[at + 5] = (high >>> 7) | 128;
  bytes[at + 6] = (high >>> 14) | 128;
  bytes[at + 7] = high >>> 21;
}

/** Writes the eight bytes of a double. */
export function writeDouble(bytes: Uint8Array, at: number, value: number): void {
  doubleView.setFloat64(0, value, true);
  for (let i = 0; i < 8; i++) bytes[at + i] = doubleBytes[i]!;
}

const encoder = new TextEncoder();
const doubleView = new DataView(new ArrayBuffer(8));
const doubleBytes = new Uint8Array(doubleView.buffer);
