import { type Decoded, decodeMessage, type Schema } from '../decode-message.ts';

const LABEL = { 1: ['name', 'string'], 2: ['value', 'string'] } satisfies Schema;
const METADATA = {
  1: ['type', 'varint'],
  2: ['family', 'string'],
  4: ['help', 'string'],
  5: ['unit', 'string'],
} satisfies Schema;

/** prompb.WriteRequest. */
const FIRST: Schema = {
  1: [
    'series[]',
    {
      1: ['labels[]', LABEL],
      2: ['samples[]', { 1: ['value', 'fixed64'], 2: ['time', 'varint'] }],
      3: ['exemplars[]', { 1: ['labels[]', LABEL], 2: ['value', 'double'], 3: ['time', 'varint'] }],
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

/** A series of either version. */
export interface DecodedSeries {
  /** As text: `name{label="value"}`, in the order in which the labels came, which is checked. */
  readonly key: string;
  /** 'stale' for a stale marker. */
  readonly value: number | 'stale';
  readonly time: number;
  readonly start?: number;
  readonly exemplar?: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly time: number;
  };
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
  const decoded = series.map(({ labels, samples, exemplars, metadata: about }: Decoded): DecodedSeries => {
    if (samples.length !== 1 || (exemplars?.length ?? 0) > 1) throw new RangeError('expected one sample');
    const [{ value, time, start }] = samples;
    const exemplar = exemplars?.[0];
    return {
      key: keyOf(pairsOf(labels)),
      value: value === STALE ? 'stale' : doubleOf(value),
      time: Number(time),
      ...(start === undefined ? {} : { start: Number(start) }),
      ...(exemplar === undefined
        ? {}
        : {
            exemplar: {
              labels: Object.fromEntries(pairsOf(exemplar.labels)),
              value: exemplar.value,
              time: Number(exemplar.time),
            },
          }),
      ...(about === undefined
        ? {}
        : { type: Number(about.type), help: symbols[Number(about.help)], unit: symbols[Number(about.unit)] }),
    };
  });
  return { series: decoded, metadata };
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
