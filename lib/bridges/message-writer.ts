/** The bytes of a stale marker, a NaN that JavaScript could not pass on as a number: its lower and its upper half. */
const STALE_WORDS = [2, 0x7ff00000] as const;

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH_DELIMITED = 2;

const UINT32 = 2 ** 32;

/**
 * Writes messages of protobuf. A message inside another is written behind one byte for its length, and moved if that takes
 * more: one path for everything.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class MessageWriter {
  #bytes = Buffer.allocUnsafeSlow(16 * 1024);
  #view = viewOf(this.#bytes);
  #length = 0;
  readonly #open: number[] = [];

  /** How much has been written. */
  get length(): number {
    return this.#length;
  }

  /** Returns a copy of what has been written, and begins again. All messages must be closed. */
  take(): Buffer {
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  /** Opens a message, or a packed list of numbers. */
  begin(field: number): void {
    this.#tag(field, LENGTH_DELIMITED);
    this.#open.push(this.#length);
    this.#length++;
  }

  /** Closes the message that was opened last. */
  end(): void {
    const start = this.#open.pop()!;
    const length = this.#length - start - 1;
    let lengthBytes = 1;
    for (let rest = length; rest >= 128; rest = Math.floor(rest / 128)) lengthBytes++;
    if (lengthBytes > 1) {
      this.#reserve(lengthBytes);
      this.#bytes.copyWithin(start + lengthBytes, start + 1, this.#length);
    }
    this.#length = start;
    this.varint(length);
    this.#length += length;
  }

  uint(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.varint(value);
  }

  /** Writes an integer as sint32 or sint64. */
  sint(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.rawSint(value);
  }

  double(field: number, value: number): void {
    this.#tag(field, EIGHT_BYTES);
    this.rawDouble(value);
  }

  /** Writes an integer of up to 2^53 as fixed64. */
  fixed(field: number, value: number): void {
    this.#tag(field, EIGHT_BYTES);
    this.rawFixed(value);
  }

  /** Writes milliseconds since 1970 as nanoseconds, in fixed64. */
  nanoseconds(field: number, milliseconds: number): void {
    this.#tag(field, EIGHT_BYTES);
    this.#reserve(8);
    const whole = Math.floor(milliseconds);
    const fraction = Math.round((milliseconds - whole) * 1e6);
    this.#view.setBigUint64(this.#length, BigInt(whole) * 1_000_000n + BigInt(fraction), true);
    this.#length += 8;
  }

  /** Writes the double that marks the end of a series. */
  staleMarker(field: number): void {
    this.#tag(field, EIGHT_BYTES);
    this.#words(...STALE_WORDS);
  }

  string(field: number, text: string): void {
    this.#tag(field, LENGTH_DELIMITED);
    const length = Buffer.byteLength(text);
    this.varint(length);
    this.#reserve(length);
    this.#bytes.write(text, this.#length);
    this.#length += length;
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#tag(field, LENGTH_DELIMITED);
    this.varint(bytes.length);
    this.raw(bytes);
  }

  /** Writes bytes that are fields of the open message. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  rawDouble(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  rawSint(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  rawFixed(value: number): void {
    this.#words(value % UINT32, Math.floor(value / UINT32));
  }

  /** Writes an integer from 0 to 2^53. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) + 128;
    this.#bytes[this.#length++] = rest;
  }

  #tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  #words(low: number, high: number): void {
    this.#reserve(8);
    this.#view.setUint32(this.#length, low, true);
    this.#view.setUint32(this.#length + 4, high, true);
    this.#length += 8;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes + 1 <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + bytes + 1));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
