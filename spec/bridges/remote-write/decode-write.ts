import { type Decoded, decodeMessage, type Schema } from '../decode-message.ts';

const LABEL = { 1: ['name', 'string'], 2: ['value', 'string'] } satisfies Schema;
const METADATA = {
  1: ['type', 'varint'],
  2: ['family', 'string'],
  4: ['help', 'string'],
  5: ['unit', 'string'],
} satisfies Schema;

const SPAN = { 1: ['offset', 'sint'], 2: ['length', 'varint'] } satisfies Schema;
/** prompb.Histogram, and that of io.prometheus.write.v2, which has a start besides. */
const HISTOGRAM = {
  1: ['count', 'varint'],
  3: ['sum', 'fixed64'],
  4: ['schema', 'sint'],
  5: ['zeroThreshold', 'double'],
  6: ['zeroCount', 'varint'],
  8: ['negativeSpans[]', SPAN],
  9: ['negativeDeltas', 'packed sint'],
  11: ['positiveSpans[]', SPAN],
  12: ['positiveDeltas', 'packed sint'],
  15: ['time', 'varint'],
} satisfies Schema;

/** prompb.WriteRequest. */
const FIRST: Schema = {
  1: [
    'series[]',
    {
      1: ['labels[]', LABEL],
      2: ['samples[]', { 1: ['value', 'fixed64'], 2: ['time', 'varint'] }],
      3: ['exemplars[]', { 1: ['labels[]', LABEL], 2: ['value', 'double'], 3: ['time', 'varint'] }],
      4: ['histograms[]', HISTOGRAM],
    },
  ],
  3: ['metadata[]', METADATA],
};

/** io.prometheus.write.v2.Request. */
const SECOND: Schema = {
  4: ['symbols[]', 'string'],
  5: [
    'series[]',
    {
      1: ['labels', 'packed varint'],
      2: ['samples[]', { 1: ['value', 'fixed64'], 2: ['time', 'varint'], 3: ['start', 'varint'] }],
      3: ['histograms[]', { ...HISTOGRAM, 17: ['start', 'varint'] }],
      4: ['exemplars[]', { 1: ['labels', 'packed varint'], 2: ['value', 'double'], 3: ['time', 'varint'] }],
      5: ['metadata', { 1: ['type', 'varint'], 3: ['help', 'varint'], 4: ['unit', 'varint'] }],
    },
  ],
};

/** Of the bits of a NaN, those that mark the end of a series. */
const STALE = 0x7ff0000000000002n;

function doubleOf(bits: bigint): number {
  return new Float64Array(BigUint64Array.of(bits).buffer)[0]!;
}

/** An exemplar of either version. */
interface DecodedExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly time: number;
}

/** A native histogram with its buckets by index, as spans and deltas say; the value of the series is its count. */
export interface DecodedNative {
  readonly schema: number;
  readonly sum: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: readonly (readonly [index: number, count: number])[];
  readonly negative: readonly (readonly [index: number, count: number])[];
  readonly spanCount: number;
}

/** A series of either version. */
export interface DecodedSeries {
  /** As text: `name{label="value"}`, in the order in which the labels came, which is checked. */
  readonly key: string;
  /** 'stale' for a stale marker. */
  readonly value: number | 'stale';
  readonly time: number;
  readonly start?: number;
  readonly native?: DecodedNative;
  readonly exemplars?: readonly DecodedExemplar[];
  readonly type?: number;
  readonly help?: string;
  readonly unit?: string;
}

/** Decompresses and decodes a request of either version. Throws a RangeError on what breaks the specification. */
export function decodeWrite(compressed: Uint8Array, version: 1 | 2): { series: DecodedSeries[]; metadata: Decoded[] } {
  const bytes = unsnappy(compressed);
  const message = decodeMessage(bytes, version === 1 ? FIRST : SECOND);
  const { symbols = [], series = [], metadata = [] } = message;
  if (version === 2 && symbols[0] !== '') throw new RangeError('expected the empty text as the first symbol');
  if (new Set(symbols).size !== symbols.length) throw new RangeError('a symbol twice');
  const pairsOf = (labels: Decoded = []): [string, string][] => {
    if (version === 1) return labels.map(({ name, value }: Decoded) => [name, value ?? '']);
    return Array.from({ length: labels.length / 2 }, (_, i) => [symbols[labels[2 * i]], symbols[labels[2 * i + 1]]]);
  };
  const decoded = series.map(
    ({ labels, samples = [], histograms = [], exemplars, metadata: about }: Decoded): DecodedSeries => {
      if (samples.length + histograms.length !== 1) throw new RangeError('expected one sample');
      const [{ time, start }] = [...samples, ...histograms];
      return {
        key: keyOf(pairsOf(labels)),
        ...(samples.length > 0 ? { value: valueOf(samples[0].value) } : nativeOf(histograms[0])),
        time: Number(time),
        ...(start === undefined ? {} : { start: Number(start) }),
        ...(exemplars === undefined
          ? {}
          : {
              exemplars: exemplars.map((one: Decoded) => {
                return { labels: Object.fromEntries(pairsOf(one.labels)), value: one.value, time: Number(one.time) };
              }),
            }),
        ...(about === undefined
          ? {}
          : { type: Number(about.type), help: symbols[Number(about.help)], unit: symbols[Number(about.unit)] }),
      };
    },
  );
  return { series: decoded, metadata };
}

function valueOf(bits: bigint): number | 'stale' {
  return bits === STALE ? 'stale' : doubleOf(bits);
}

function nativeOf(histogram: Decoded): { value: number | 'stale'; native?: DecodedNative } {
  const sum = valueOf(histogram.sum);
  if (sum === 'stale') return { value: sum };
  const positive = bucketsOf(histogram.positiveSpans, histogram.positiveDeltas);
  const negative = bucketsOf(histogram.negativeSpans, histogram.negativeDeltas);
  const native = {
    schema: histogram.schema,
    sum,
    zeroThreshold: histogram.zeroThreshold,
    zeroCount: Number(histogram.zeroCount),
    positive,
    negative,
    spanCount: [histogram.positiveSpans, histogram.negativeSpans].flatMap((spans) => spans ?? []).length,
  };
  const total = [...positive, ...negative].reduce((all, [, count]) => all + count, native.zeroCount);
  if (total !== Number(histogram.count)) throw new RangeError(`${total} in buckets, ${histogram.count} in all`);
  return { value: total, native };
}

/** The populated buckets. */
function bucketsOf(spans: Decoded = [], deltas: readonly number[] = []): [number, number][] {
  const buckets: [number, number][] = [];
  const left = [...deltas];
  let index = 0;
  let count = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    if (i > 0 && offset < 0) throw new RangeError('a span before another');
    index += offset;
    for (let end = index + Number(length); index < end; index++) {
      count += left.shift() ?? NaN;
      if (!(count >= 0)) throw new RangeError(`a bucket of ${count}`);
      if (count > 0) buckets.push([index, count]);
    }
  }
  if (left.length > 0) throw new RangeError('more deltas than buckets');
  return buckets;
}

function keyOf(pairs: readonly (readonly [string, string])[]): string {
  let name = '';
  let previous = '';
  const texts: string[] = [];
  for (const [label, value] of pairs) {
    if (value === '') throw new RangeError(`label ${label} is empty`);
    if (Buffer.compare(Buffer.from(label), Buffer.from(previous)) <= 0)
      throw new RangeError(`${label} after ${previous}`);
    previous = label;
    if (label === '__name__') name = value;
    else texts.push(`${label}=${JSON.stringify(value)}`);
  }
  return texts.length === 0 ? name : `${name}{${texts.join()}}`;
}

/** Decompresses Snappy's block format, by its description. Throws a RangeError on what it does not allow. */
export function unsnappy(bytes: Uint8Array): Uint8Array {
  let at = 0;
  const next = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) {
      if (at >= bytes.length) throw new RangeError('cut off');
      value += bytes[at++]! * 256 ** i;
    }
    return value;
  };
  let length = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = next(1);
    length += (byte & 127) * scale;
    if (byte < 128) break;
  }
  const out = new Uint8Array(length);
  let written = 0;
  while (at < bytes.length) {
    const tag = next(1);
    const upper = tag >> 2;
    if ((tag & 3) === 0) {
      const count = (upper < 60 ? upper : next(upper - 59)) + 1;
      if (at + count > bytes.length || written + count > length) throw new RangeError('a literal too long');
      out.set(bytes.subarray(at, at + count), written);
      at += count;
      written += count;
      continue;
    }
    const kind = tag & 3;
    const count = kind === 1 ? 4 + (upper & 7) : upper + 1;
    const offset = kind === 1 ? ((upper >> 3) << 8) + next(1) : next(kind === 2 ? 2 : 4);
    if (offset === 0 || offset > written || written + count > length) throw new RangeError('a copy of nothing');
    for (let i = 0; i < count; i++, written++) out[written] = out[written - offset]!;
  }
  if (written !== length) throw new RangeError(`${written} bytes of ${length}`);
  return out;
}
