/** The type of a field; a schema for a message inside. */
export type FieldType =
  | 'string'
  | 'bytes'
  | 'double'
  | 'fixed64'
  | 'varint'
  | 'sint'
  | 'packed double'
  | 'packed fixed64'
  | 'packed varint'
  | 'packed sint'
  | Schema;

/** The fields of a message by number. A name that ends in `[]` may come repeatedly. */
export interface Schema {
  readonly [field: number]: readonly [name: string, type: FieldType];
}

/** A message; 64-bit integers are bigints. */
// biome-ignore lint/suspicious/noExplicitAny: specs look into it by names of the schema
export type Decoded = any;

/**
 * Decodes a message by the letter of the wire format, sharing no code with the encoder. Throws a RangeError on what is cut
 * off, left over, of another wire type, twice where it may come once, or not in the schema; on lengths that are written with
 * more bytes than they need; and on text that is not UTF-8.
 */
export function decodeMessage(bytes: Uint8Array, schema: Schema): Decoded {
  const message: Record<string, unknown> = {};
  let at = 0;
  const fail = (reason: string): never => {
    throw new RangeError(`at byte ${at} of ${bytes.length}: ${reason}`);
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) fail('cut off');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = take(1)[0]!;
      value |= BigInt(byte & 127) << shift;
      if (byte === 0 && shift > 0n) fail('a varint longer than it need be');
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const entry = schema[tag >> 3];
    if (entry === undefined) return fail(`field ${tag >> 3} is not known`);
    const [label, type] = entry;
    const wireType = type === 'varint' || type === 'sint' ? 0 : type === 'double' || type === 'fixed64' ? 1 : 2;
    if ((tag & 7) !== wireType) fail(`wire type ${tag & 7} for ${label}`);
    const content = wireType === 0 ? varint() : take(wireType === 1 ? 8 : Number(varint()));
    const integer = typeof content === 'bigint' ? content : 0n;
    const value =
      type === 'sint' ? unZigZag(Number(integer)) : type === 'varint' ? integer : valueOf(content as Uint8Array, type);
    if (label.endsWith('[]')) {
      const name = label.slice(0, -2);
      const values = (message[name] ??= []) as unknown[];
      values.push(value);
    } else {
      if (label in message) fail(`${label} twice`);
      message[label] = value;
    }
  }
  return message;
}

function valueOf(content: Uint8Array, type: FieldType): unknown {
  const buffer = Buffer.from(content);
  switch (type) {
    case 'string':
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    case 'bytes':
      return buffer.toString('hex');
    case 'double':
      return buffer.readDoubleLE();
    case 'fixed64':
      return buffer.readBigUInt64LE();
    case 'varint':
    case 'sint':
      throw new RangeError('not here');
    case 'packed double':
      return eights(buffer, (i) => buffer.readDoubleLE(i));
    case 'packed fixed64':
      return eights(buffer, (i) => Number(buffer.readBigUInt64LE(i)));
    case 'packed varint':
      return varintsOf(buffer);
    case 'packed sint':
      return varintsOf(buffer).map(unZigZag);
    default:
      return decodeMessage(content, type);
  }
}

function varintsOf(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    values.push(value);
    [value, scale] = [0, 1];
  }
  if (scale !== 1) throw new RangeError('the last varint is cut off');
  return values;
}

function unZigZag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function eights(bytes: Buffer, read: (at: number) => number): number[] {
  if (bytes.length % 8 !== 0) throw new RangeError(`${bytes.length} bytes of numbers of eight`);
  return Array.from({ length: bytes.length / 8 }, (_, i) => read(i * 8));
}
