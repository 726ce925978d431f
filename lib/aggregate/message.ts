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
