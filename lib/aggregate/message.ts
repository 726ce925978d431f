import type { Aggregator, MetricType } from '../model/family.ts';

/** Marks our messages, with their version. Other messages are ignored. */
export const PROTOCOL = '@finpilot/metrics aggregate 1';

/** A message from an aggregator to the reporters of a worker. */
export type ToWorker = {
  readonly protocol: typeof PROTOCOL;
  readonly aggregator: string;
} & (Ask | Taken | Leave);

/** Asks for a report. */
interface Ask {
  readonly kind: 'ask';
  readonly request: number;
  /** Whether the report may contain native buckets. Older versions do not say so, and cannot read them. */
  readonly acceptsNative?: boolean;
}

/** Confirms a whole report: the reporter may send the next one without a request. */
interface Taken {
  readonly kind: 'taken';
  readonly reporter: string;
}

/** The aggregator has dropped what was reported; the next report must be a full one. */
interface Leave {
  readonly kind: 'leave';
}

/** A message from a reporter to the aggregators of its worker. */
export type FromWorker =
  | { readonly protocol: typeof PROTOCOL; readonly kind: 'hello' | 'bye'; readonly reporter: string }
  | ReportPart;

/** The metadata of a family, sent once. */
export interface FamilyDescription {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly labelNames: readonly string[];
  readonly constantLabels: readonly (readonly [name: string, value: string])[];
  readonly upperBounds: readonly number[];
  /** Of a histogram whose series are reported in `PartContent.native`. */
  readonly isNative?: true | undefined;
  /** Of one with native buckets: as `BucketOptions` says. */
  readonly isAlsoClassic?: true | undefined;
  readonly quantiles: readonly number[];
  readonly aggregator?: Aggregator | undefined;
}

/** Changes to the series of a family. */
export interface SeriesChange {
  /** Identifies the family from now on. */
  readonly id: number;
  /** Present if the family is new. */
  readonly description?: FamilyDescription;
  readonly createdSeconds?: number;
  /** How many of its series stay; the rest are removed. */
  readonly keep: number;
  /** The label values of series to append. */
  readonly add: readonly (readonly string[])[];
}

/** An exemplar. Its value is a text, since JSON has no infinity. */
export type ExemplarChange = readonly [
  id: number,
  series: number,
  bucket: number,
  labels: Readonly<Record<string, string>>,
  value: string,
  timestampSeconds: number | null,
];

/** The changes since the last report. Names and labels are sent once, then only numbers. */
export interface PartContent {
  readonly changes: readonly SeriesChange[];
  /** Families that were removed. */
  readonly gone: readonly number[];
  /** Triples of family id, first series and number of series; their numbers follow each other in `numbers`. */
  readonly runs: readonly number[];
  /** Base64 if the transport has no typed arrays. `numbersPerSeries()` describes the layout. */
  readonly numbers: Float64Array | string;
  /**
   * Records of native histograms: see `NATIVE_RECORD`. Base64 as `numbers`. Present if the part describes a family of them, or
   * has a record.
   */
  readonly native?: Float64Array | string;
  readonly exemplars: readonly ExemplarChange[];
}

/** One of the messages of a report. A series is never split between two. */
export interface ReportPart extends PartContent {
  readonly protocol: typeof PROTOCOL;
  readonly kind: 'report';
  readonly reporter: string;
  readonly aggregator: string;
  /** The request that it answers; 0 for none. */
  readonly request: number;
  /** Whether it begins a full report, which replaces everything reported before. */
  readonly isFresh: boolean;
  readonly isLast: boolean;
}

/**
 * How many numbers a series has:
 *
 * - histogram, gaugehistogram: the bucket counts, not cumulative, and the sum; none if it is native;
 * - summary: the values at the quantiles, the count and the sum;
 * - gauge with the aggregator `ratio`: numerator and denominator; or its value and 0 if the denominator is 0; or its value
 *   and 1 if it was not set as a ratio;
 * - all others: the value.
 */
export function numbersPerSeries({ type, upperBounds, isNative, quantiles, aggregator }: FamilyDescription): number {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram':
      return isNative === true ? 0 : upperBounds.length + 2;
    case 'summary':
      return quantiles.length + 2;
    case 'gauge':
    case 'unknown':
      return aggregator === 'ratio' ? 2 : 1;
    default:
      return 1;
  }
}

/**
 * The places of a record of a native histogram. Behind them are pairs of index and count, by increasing index: of positive
 * buckets, then of negative ones. They are absolute counts: of the buckets that have changed, or of all if the record is `WHOLE`.
 */
export const NATIVE_RECORD = {
  FAMILY: 0,
  SERIES: 1,
  /** 1 or 0. */
  WHOLE: 2,
  SCHEMA: 3,
  ZERO_THRESHOLD: 4,
  ZERO_COUNT: 5,
  SUM: 6,
  /** Unix time in seconds of the series' own start; `NaN` for that of the family. */
  CREATED: 7,
  /** How many pairs there are of each sign. */
  POSITIVES: 8,
  NEGATIVES: 9,
  /** Where the pairs begin. */
  BUCKETS: 10,
} as const;

/**
 * Returns a reporter's message, or undefined if it is foreign, of another version or malformed. The contents of a report's
 * arrays are checked by `Source`.
 */
export function readFromWorker(message: unknown): FromWorker | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { protocol, kind, reporter, ...rest } = message as Readonly<Record<string, unknown>>;
  if (protocol !== PROTOCOL || typeof reporter !== 'string') return undefined;
  switch (kind) {
    case 'hello':
    case 'bye':
      return { protocol, kind, reporter };
    case 'report':
      return isReport(rest) ? { protocol, kind, reporter, ...rest } : undefined;
    default:
      return undefined;
  }
}

function isReport(
  fields: Readonly<Record<string, unknown>>,
): fields is Omit<ReportPart, 'protocol' | 'kind' | 'reporter'> & typeof fields {
  const { aggregator, request, isFresh, isLast, numbers, native } = fields;
  return (
    typeof aggregator === 'string' &&
    Number.isSafeInteger(request) &&
    typeof isFresh === 'boolean' &&
    typeof isLast === 'boolean' &&
    areNumbers(numbers) &&
    (native === undefined || areNumbers(native)) &&
    ['changes', 'gone', 'runs', 'exemplars'].every((name) => Array.isArray(fields[name]))
  );
}

function areNumbers(value: unknown): boolean {
  return typeof value === 'string' || value instanceof Float64Array;
}

/** Returns an aggregator's message, or undefined if it is foreign, of another version or malformed. */
export function readToWorker(message: unknown): ToWorker | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { protocol, aggregator, kind, request, acceptsNative, reporter } = message as Readonly<Record<string, unknown>>;
  if (protocol !== PROTOCOL || typeof aggregator !== 'string') return undefined;
  switch (kind) {
    case 'ask':
      return Number.isSafeInteger(request)
        ? { protocol, aggregator, kind, request: request as number, acceptsNative: acceptsNative === true }
        : undefined;
    case 'taken':
      return typeof reporter === 'string' ? { protocol, aggregator, kind, reporter } : undefined;
    case 'leave':
      return { protocol, aggregator, kind };
    default:
      return undefined;
  }
}

/** Returns a message for a transport that carries only text: JSON would be many times slower for numbers, and has no NaN. */
export function withNumbersAsText(message: FromWorker): FromWorker {
  if (message.kind !== 'report') return message;
  const { numbers, native } = message;
  const asText = { ...message, numbers: base64Numbers.encode(numbers as Float64Array) };
  return native === undefined ? asText : { ...asText, native: base64Numbers.encode(native as Float64Array) };
}

/** Numbers as base64. */
export const base64Numbers = {
  /** Returns the numbers as text. */
  encode(numbers: Float64Array): string {
    return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
  },

  /** Returns the numbers of a text, or those that came without one. Throws a RangeError if its length is not a multiple of 8 bytes. */
  decode(text: string | Float64Array): Float64Array {
    if (typeof text !== 'string') return text;
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length % 8 !== 0)
      throw new RangeError(`Cannot read numbers: expected 8 bytes for each, got ${bytes.length} bytes.`);
    // Copied, since a Float64Array must be aligned to 8 bytes, and a pooled Buffer may not be.
    return new Float64Array(new Uint8Array(bytes).buffer);
  },
};

/** Returns an id that is unique among the reporters and aggregators of a program. It is not a secret. */
export function randomId(): string {
  return Math.random().toString(36).slice(2) + Date.now().toString(36);
}
