import type { LabelValue } from './label-value.ts';

/** The metric types whose values encoders can write. */
export type MetricType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown';

/** All of them. */
export const METRIC_TYPES: readonly unknown[] = [
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
  'unknown',
] satisfies readonly MetricType[];

/** One series as an encoder reads it: live, so its numbers may differ at the next look. */
export interface Series {
  /** The label values, in the order of the family's `labelNames`. Computed at each look; not for a hot path. */
  readonly labelValues: readonly string[];
  /** Where it is known: the label values as they were passed, numbers and booleans included. Encoders ignore it. */
  readonly passedLabelValues?: readonly LabelValue[];
}

/** The parts from which a ratio is merged. The denominator is finite and at least 0. */
export type Ratio = readonly [numerator: number, denominator: number];

/** One of the events that a series has counted, with labels that identify it in another system. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  /** The amount that was added, or the value that was observed. */
  readonly value: number;
  /** Unix time of the event in seconds. */
  readonly timestampSeconds?: number | undefined;
}

/** A series with one number: a counter, a gauge, an unknown, an info or a state of a state set. */
export interface NumberSeries extends Series {
  readonly value: number;
  /** Of a counter, one of the increments that it has counted. Looked at only if the family `hasExemplars`. */
  readonly exemplar?: Exemplar | undefined;
  /** For a gauge whose aggregator is `ratio`: the numerator and denominator of `value`, if known. Encoders ignore it. */
  readonly ratio?: Ratio | undefined;
}

/** A series of a histogram. */
export interface HistogramSeries extends Series {
  /** Observations per bucket, not cumulative: one entry for each upper bound, and a last one for those above all. */
  readonly bucketCounts: readonly number[];
  /** Sum of all observations, in the metric's unit. */
  readonly sum: number;
  /** One of the observations of each bucket, as far as there is one. Looked at only if the family `hasExemplars`. */
  readonly exemplars?: readonly (Exemplar | undefined)[] | undefined;
  /**
   * The native buckets of this moment, of which {@link bucketCounts} are sums; undefined if its buckets are fixed. Arrays that
   * the next look at any series may overwrite.
   */
  readonly native?: NativeHistogram | undefined;
  /** For encoders that cache: changes with the first update after each look at it. */
  readonly revision?: number | undefined;
}

/**
 * The counts of a native (exponential) histogram at one moment. Bucket `i` counts the values above `base ** (i - 1)` and up to
 * `base ** i`, where `base` is `2 ** (2 ** -schema)`; a negative one counts them with the sign reversed.
 *
 * @see https://prometheus.io/docs/specs/native_histograms/
 */
export interface NativeHistogram {
  /** The resolution, from -4 to 8. */
  readonly schema: number;
  /** Values of at most this absolute value are in the zero bucket. */
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: NativeBucketCounts;
  readonly negative: NativeBucketCounts;
  /** Sum of all observations, in the metric's unit. */
  readonly sum: number;
  /** How many observations there were: the sum of all buckets. */
  readonly count: number;
  /** Unix time in seconds since when this series counts, if it was reset later than its family. */
  readonly createdSeconds?: number | undefined;
  /** Some of the observations, by increasing value. */
  readonly exemplars: readonly Exemplar[];
}

/** The populated native buckets of one sign. */
export interface NativeBucketCounts {
  /** Increasing. */
  readonly indexes: ArrayLike<number>;
  /** At least 1 each. */
  readonly counts: ArrayLike<number>;
}

/** A series of a summary. */
export interface SummarySeries extends Series {
  /** The value at each of the family's quantiles; `NaN` where nothing was observed. */
  readonly quantileValues: readonly number[];
  /** Sum of all observations, in the metric's unit. */
  readonly sum: number;
  /** How many observations there were. */
  readonly count: number;
}

interface FamilyHead {
  /** The name as exposed, with its registry's prefix: as text 0.0.4 has it, so that a counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
  /** Base unit such as `seconds`, which the name ends with; empty where there is none. */
  readonly unit: string;
  readonly labelNames: readonly string[];
  /** Labels that the registry adds to every series; none of them is in `labelNames`. */
  readonly constantLabels: readonly (readonly [name: string, value: string])[];
  /** Unix time in seconds since when the series count, every one having been 0 then; undefined where nobody knows. */
  readonly createdSeconds?: number | undefined;
  /** How the values of several processes become one; as the type has it unless given. Encoders do not look. */
  readonly aggregator?: Aggregator | undefined;
  /** Whether some series may have an exemplar: encoders need not look otherwise. */
  readonly hasExemplars?: boolean | undefined;
  /**
   * The cache of encoders between scrapes, each under its own key. It lives as long as the family, so all exporters of a
   * registry share it, and nothing has to be evicted.
   */
  readonly cache: Map<string, object>;
}

/** A metric family whose series are single numbers. */
export interface NumberFamily extends FamilyHead {
  /** An `info` has the value 1; a `stateset` a series for each state, 1 or 0, the state in the label of its name. */
  readonly type: 'counter' | 'gauge' | 'info' | 'stateset' | 'unknown';
  /**
   * In a stable order. While the same array comes back, series have only been added at its end; after a removal it is
   * another array.
   */
  readonly series: readonly NumberSeries[];
}

/** A metric family of fixed-bucket histograms; of a `gaugehistogram` the counts may fall. */
export interface HistogramFamily extends FamilyHead {
  readonly type: 'histogram' | 'gaugehistogram';
  /** Strictly increasing and finite: `+Inf` is not among them. */
  readonly upperBounds: readonly number[];
  /** Present if its series have native buckets. One that was merged from another process may lack them. */
  readonly bucketOptions?: BucketOptions | undefined;
  /** As in {@link NumberFamily.series}. */
  readonly series: readonly HistogramSeries[];
}

/** The options of native buckets, as far as encoders look at them. */
export interface BucketOptions {
  /** Whether the classic buckets at `upperBounds` are written beside native ones where a format need not have both. */
  readonly isAlsoClassic?: boolean | undefined;
}

/** A metric family of summaries. */
export interface SummaryFamily extends FamilyHead {
  readonly type: 'summary';
  /** Strictly increasing, from 0 to 1; empty for a summary of sum and count alone. */
  readonly quantiles: readonly number[];
  /** As in {@link NumberFamily.series}. */
  readonly series: readonly SummarySeries[];
}

/** One metric family, the input of encoders, as its registry exposes it. */
export type Family = NumberFamily | HistogramFamily | SummaryFamily;

/** Options of one scrape for its collectors. */
export interface GatherOptions {
  /** How long to wait for collectors; those not done by then have failed. The registry's own timeout unless given. */
  readonly timeoutSeconds?: number;
  /** The longest to wait where `timeoutSeconds` is not given; no limit beside the registry's own timeout unless given. */
  readonly limitSeconds?: number;
  /** Whether a failed collector costs its own families (`omit`, the default) or the scrape (`fail`). */
  readonly onCollectorError?: 'omit' | 'fail';
  /**
   * Whether the process stays alive until the families are there, even if all that collectors wait on is unref'd. True by
   * default, since the caller awaits them. A server passes false: its clients must not keep its process alive.
   */
  readonly keepAlive?: boolean;
}

/** Where an exporter gets the families of one scrape from. */
export interface Gatherer {
  /** Runs the collectors and returns the families in a stable order. */
  gather(options?: GatherOptions): Promise<readonly Family[]>;
  /** Loads whatever {@link gather} loads when it is first needed, so that no later scrape depends on a file. */
  prepare?(): Promise<void>;
}

/**
 * How the values that several processes or threads report for one series are merged. `NaN` means "nothing yet" and is
 * skipped.
 *
 * - `first`: the value of the worker that has had the series for longest.
 * - `ratio`: the sum of the numerators divided by the sum of the denominators, as given to `setRatio()`. A value without
 *   them counts as a numerator over 1.
 * - `omit`: the metric is left out.
 */
export type Aggregator = 'sum' | 'min' | 'max' | 'average' | 'ratio' | 'first' | 'omit';

/** The first second that google.protobuf.Timestamp cannot hold: that of the year 10000. */
const END_OF_TIME_SECONDS = 253_402_300_800;

/**
 * Whether every format can represent a time: from 1970 to the year 9999, where protobuf's Timestamp ends. A time before 1970
 * comes from a clock that was not set, or is a difference.
 */
export function isUnixTime(seconds: unknown): seconds is number {
  return typeof seconds === 'number' && seconds >= 0 && seconds < END_OF_TIME_SECONDS;
}

/** Generates the series that a family has now. A reader may pause: what is added meanwhile is not among them. */
export function* seriesNow<F extends { readonly series: readonly Series[] }>({
  series,
}: F): Generator<F['series'][number], void> {
  const { length } = series;
  for (let i = 0; i < length; i++) yield series[i]!;
}
