import { Buffer } from 'node:buffer';
import type { Aggregator } from '../model/aggregator.ts';
import type { MetricType } from '../model/family.ts';

/** What stands in every message: whoever gets one that begins otherwise has got somebody else's. */
export const PROTOCOL = '@finpilot/metrics aggregate 1';

/** What an aggregator says to the reporters of a worker. */
export type ToWorker = {
  readonly protocol: typeof PROTOCOL;
  readonly aggregator: string;
} & (
  | { readonly kind: 'ask'; readonly request: number }
  /** A report has come whole: the next one that nobody asked for may be sent. */
  | { readonly kind: 'taken'; readonly reporter: string }
  /** The aggregator keeps nothing of what it was told. */
  | { readonly kind: 'leave' }
);

/** What a reporter says to the aggregators that listen to its worker. */
export type FromWorker =
  | { readonly protocol: typeof PROTOCOL; readonly kind: 'hello' | 'bye'; readonly reporter: string }
  | ReportPart;

/** What a family is, which is told once. */
export interface FamilyDescription {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly labelNames: readonly string[];
  readonly constantLabels: readonly (readonly [name: string, value: string])[];
  readonly upperBounds: readonly number[];
  readonly quantiles: readonly number[];
  readonly aggregator?: Aggregator | undefined;
}

/** What has changed in the series of a family. */
export interface SeriesChange {
  /** Stands for the family from now on. */
  readonly id: number;
  /** For a new family. */
  readonly description?: FamilyDescription;
  readonly createdSeconds?: number;
  /** So many of its series stay, the others go. */
  readonly keep: number;
  /** The label values of series that come after those. */
  readonly add: readonly (readonly string[])[];
}

/** An exemplar; its value as text, since JSON has no infinity. */
export type ExemplarChange = readonly [
  id: number,
  series: number,
  bucket: number,
  labels: Readonly<Record<string, string>>,
  value: string,
  timestampSeconds: number | null,
];

/** What a part says: the changes since the last report, names and labels once, then numbers. */
export interface PartContent {
  readonly changes: readonly SeriesChange[];
  /** Families that are no longer there. */
  readonly gone: readonly number[];
  /** Triples of family, first series and number of series: whose numbers follow each other in `numbers`. */
  readonly runs: readonly number[];
  /** In base64 where the transport has no typed arrays; see `numbersPerSeries()` for what is in it. */
  readonly numbers: Float64Array | string;
  readonly exemplars: readonly ExemplarChange[];
}

/** One of the messages that make a report. A series is whole in one of them. */
export interface ReportPart extends PartContent {
  readonly protocol: typeof PROTOCOL;
  readonly kind: 'report';
  readonly reporter: string;
  readonly aggregator: string;
  /** Which request it answers; 0 for none. */
  readonly request: number;
  /** Whether all that this reporter has told the aggregator before is void. */
  readonly isFresh: boolean;
  readonly isLast: boolean;
}

/**
 * How many numbers a series has: most types one, their value; histograms the bucket counts, not cumulative, and the sum;
 * summaries the values at the quantiles, the count and the sum; a gauge whose aggregator is `ratio` numerator and
 * denominator (or its value and 1; or, if the denominator is 0, its value and 0).
 */
export function numbersPerSeries({ type, upperBounds, quantiles, aggregator }: FamilyDescription): number {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram':
      return upperBounds.length + 2;
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
 * Returns the message of a reporter, or undefined if it is somebody else's, of another version, or not what a message
 * has to be. What is in the arrays of a report is checked where it is used.
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

function isReport(fields: Readonly<Record<string, unknown>>): fields is Omit<ReportPart, 'protocol' | 'kind' | 'reporter'> & typeof fields {
  const { aggregator, request, isFresh, isLast, numbers } = fields;
  return (
    typeof aggregator === 'string' &&
    Number.isSafeInteger(request) &&
    typeof isFresh === 'boolean' &&
    typeof isLast === 'boolean' &&
    (typeof numbers === 'string' || numbers instanceof Float64Array) &&
    ['changes', 'gone', 'runs', 'exemplars'].every((name) => Array.isArray(fields[name]))
  );
}

/**
 * Returns the message of an aggregator, or undefined: of the messages that a process gets, most are not ours, some are
 * of another version, and any may be malformed.
 */
export function readToWorker(message: unknown): ToWorker | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { protocol, aggregator, kind, request, reporter } = message as Readonly<Record<string, unknown>>;
  if (protocol !== PROTOCOL || typeof aggregator !== 'string') return undefined;
  switch (kind) {
    case 'ask':
      return Number.isSafeInteger(request) ? { protocol, aggregator, kind, request: request as number } : undefined;
    case 'taken':
      return typeof reporter === 'string' ? { protocol, aggregator, kind, reporter } : undefined;
    case 'leave':
      return { protocol, aggregator, kind };
    default:
      return undefined;
  }
}

/** Numbers as base64 of their bytes, for transports that carry text only: a thousand take 10 µs each way, as JSON 300. */
export const numberText = {
  /** The text of the numbers. */
  encode(numbers: Float64Array): string {
    return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
  },

  /** The numbers of a text. Throws a RangeError unless it holds whole numbers. */
  decode(text: string): Float64Array {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length % 8 !== 0) throw new RangeError(`Cannot read numbers: expected 8 bytes for each, got ${bytes.length} bytes.`);
    // Copied: in Node's pool of small buffers they may begin anywhere, and a Float64Array must begin at a multiple of 8.
    return new Float64Array(new Uint8Array(bytes).buffer);
  },
};

/** Returns a text that no other reporter or aggregator of this program has. Not a secret. */
export function randomId(): string {
  return Math.random().toString(36).slice(2) + Date.now().toString(36);
}
