/**
 * A field of a message as it stands on the wire: a varint, eight bytes of a double, or the bytes of a message or text. Varints
 * that a number cannot hold are bigints.
 */
type WireValue = number | bigint | Uint8Array;

/** The fields of a message by number, each in the order of its occurrences. */
export type Message = ReadonlyMap<number, readonly WireValue[]>;

/** A metric as the format has it, its value under the name of its type. */
export interface DecodedMetric {
  readonly labels: Readonly<Record<string, string>>;
  readonly value?: number;
  readonly exemplar?: DecodedExemplar;
  readonly count?: number;
  readonly sum?: number;
  readonly buckets?: readonly { readonly bound: number; readonly count: number; readonly exemplar?: DecodedExemplar }[];
  readonly native?: DecodedNative;
  readonly quantiles?: readonly { readonly quantile: number; readonly value: number }[];
  readonly startSeconds?: number;
}

/** Native buckets by index, as spans and deltas say: empty ones inside a span are among them. */
export interface DecodedNative {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: readonly (readonly [index: number, count: number])[];
  readonly negative: readonly (readonly [index: number, count: number])[];
  readonly exemplars: readonly DecodedExemplar[];
}

/** One event that was counted. */
export interface DecodedExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestampSeconds?: number;
}

/** One message `io.prometheus.client.MetricFamily`. */
export interface DecodedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly unit: string;
  readonly metrics: readonly DecodedMetric[];
}

const TYPES = ['COUNTER', 'GAUGE', 'SUMMARY', 'UNTYPED', 'HISTOGRAM', 'GAUGE_HISTOGRAM'];

/**
 * Decodes a stream of length-delimited `MetricFamily` messages by the letter of the wire format, sharing no code with the
 * encoder. Throws a RangeError on bytes that are cut off, left over, or of a wire type that the messages do not use.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function decodeProtobuf(bytes: Uint8Array): DecodedFamily[] {
  const reader = new Reader(bytes);
  const families: DecodedFamily[] = [];
  while (!reader.isAtEnd) families.push(familyOf(readMessage(reader.take(Number(reader.varint())))));
  return families;
}

/** Decodes the `metric` fields of a family, without what comes before them. */
export function decodeMetrics(bytes: Uint8Array): DecodedMetric[] {
  return messages(readMessage(bytes), 4).map(metricOf);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#bytes.length)
      throw new RangeError(
        `Cannot decode: expected ${count} bytes at ${this.#at}, got ${this.#bytes.length - this.#at}.`,
      );
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  varint(): number | bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
    }
    throw new RangeError('Cannot decode: expected a varint of at most 10 bytes.');
  }
}

function readMessage(bytes: Uint8Array): Message {
  const reader = new Reader(bytes);
  const fields = new Map<number, WireValue[]>();
  while (!reader.isAtEnd) {
    const tag = Number(reader.varint());
    const values = fields.get(tag >>> 3) ?? [];
    fields.set(tag >>> 3, values);
    values.push(readValue(reader, tag & 7));
  }
  return fields;
}

function readValue(reader: Reader, wireType: number): WireValue {
  switch (wireType) {
    case 0:
      return reader.varint();
    case 1: {
      const { buffer, byteOffset } = reader.take(8);
      return new DataView(buffer, byteOffset, 8).getFloat64(0, true);
    }
    case 2:
      return reader.take(Number(reader.varint()));
    default:
      throw new RangeError(`Cannot decode: expected wire type 0, 1 or 2, got ${wireType}.`);
  }
}

function familyOf(message: Message): DecodedFamily {
  return {
    name: text(message, 1),
    help: text(message, 2),
    type: TYPES[number(message, 3) ?? 0]!,
    unit: text(message, 5),
    metrics: messages(message, 4).map(metricOf),
  };
}

function metricOf(message: Message): DecodedMetric {
  const labels = labelsOf(message, 1);
  const [counter] = messages(message, 3);
  const [single] = [...messages(message, 2), ...messages(message, 5)];
  const [summary] = messages(message, 4);
  const [histogram] = messages(message, 7);
  if (counter !== undefined)
    return {
      labels,
      value: number(counter, 1)!,
      ...optional('exemplar', exemplarOf(counter, 2)),
      ...start(counter, 3),
    };
  if (single !== undefined) return { labels, value: number(single, 1)! };
  if (summary !== undefined) {
    const quantiles = messages(summary, 3).map((one) => ({ quantile: number(one, 1)!, value: number(one, 2)! }));
    return { labels, count: number(summary, 1)!, sum: number(summary, 2)!, quantiles, ...start(summary, 4) };
  }
  if (histogram === undefined) throw new RangeError('Cannot decode: expected a metric with a value.');
  const buckets = messages(histogram, 3).map((one) => ({
    bound: number(one, 2)!,
    count: number(one, 1)!,
    ...optional('exemplar', exemplarOf(one, 3)),
  }));
  const native = optional('native', nativeOf(histogram));
  return {
    labels,
    count: number(histogram, 1)!,
    sum: number(histogram, 2)!,
    buckets,
    ...native,
    ...start(histogram, 15),
  };
}

/** Prometheus takes a histogram for a native one if it has a span or anything in the zero bucket. */
function nativeOf(histogram: Message): DecodedNative | undefined {
  const zeroThreshold = number(histogram, 6) ?? 0;
  const zeroCount = number(histogram, 7) ?? 0;
  if (!histogram.has(9) && !histogram.has(12) && zeroThreshold === 0 && zeroCount === 0) return undefined;
  return {
    schema: signed(number(histogram, 5) ?? 0),
    zeroThreshold,
    zeroCount,
    positive: bucketsOf(histogram, 12, 13),
    negative: bucketsOf(histogram, 9, 10),
    exemplars: messages(histogram, 16).map(exemplarFrom),
  };
}

function bucketsOf(histogram: Message, spanField: number, deltaField: number): [index: number, count: number][] {
  const deltas = (histogram.get(deltaField) ?? []) as readonly (number | bigint)[];
  const buckets: [index: number, count: number][] = [];
  let index = 0;
  let count = 0;
  for (const span of messages(histogram, spanField)) {
    index += signed(number(span, 1) ?? 0);
    for (let i = 0; i < (number(span, 2) ?? 0); i++, index++) {
      count += signed(deltas[buckets.length]!);
      buckets.push([index, count]);
    }
  }
  if (buckets.length !== deltas.length)
    throw new RangeError(`Cannot decode: expected ${buckets.length} deltas, got ${deltas.length}.`);
  return buckets;
}

/** A number of a `sint` type, whose sign is the lowest bit. */
function signed(value: number | bigint): number {
  const exact = BigInt(value);
  return Number(exact % 2n === 1n ? -(exact + 1n) / 2n : exact / 2n);
}

function exemplarOf(message: Message, field: number): DecodedExemplar | undefined {
  const [exemplar] = messages(message, field);
  return exemplar && exemplarFrom(exemplar);
}

function exemplarFrom(exemplar: Message): DecodedExemplar {
  return {
    labels: labelsOf(exemplar, 1),
    value: number(exemplar, 2)!,
    ...optional('timestampSeconds', secondsOf(exemplar, 3)),
  };
}

function start(message: Message, field: number): { readonly startSeconds?: number } {
  return optional('startSeconds', secondsOf(message, field));
}

function secondsOf(message: Message, field: number): number | undefined {
  const [timestamp] = messages(message, field);
  return timestamp && number(timestamp, 1)! + (number(timestamp, 2) ?? 0) / 1e9;
}

function labelsOf(message: Message, field: number): Record<string, string> {
  return Object.fromEntries(messages(message, field).map((pair) => [text(pair, 1), text(pair, 2)]));
}

function messages(message: Message, field: number): Message[] {
  return (message.get(field) ?? []).map((bytes) => readMessage(bytes as Uint8Array));
}

function text(message: Message, field: number): string {
  const bytes = message.get(field)?.at(-1) as Uint8Array | undefined;
  return bytes === undefined ? '' : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function number(message: Message, field: number): number | undefined {
  const value = message.get(field)?.at(-1) as number | bigint | undefined;
  return typeof value === 'bigint' ? Number(value) : value;
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [name in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [name in K]: V });
}
