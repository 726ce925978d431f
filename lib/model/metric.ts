import { warn } from './error-text.ts';
import type {
  Aggregator,
  BucketOptions,
  Family,
  HistogramSeries,
  MetricType,
  NumberSeries,
  SummarySeries,
} from './family.ts';
import type { StoredMetric } from './metric-storage.ts';
import { refuse } from './names.ts';

/** The interface of a metric that a registry uses. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly labelNames: readonly string[];
  /** Upper bounds of a histogram's buckets, without `+Inf`. */
  readonly upperBounds?: readonly number[] | undefined;
  /** The options of a histogram's native buckets. */
  readonly bucketOptions?: BucketOptions | undefined;
  /** The quantiles of a summary. */
  readonly quantiles?: readonly number[] | undefined;
  /** The live series, under the promise of `NumberFamily.series`. */
  readonly series: readonly (NumberSeries | HistogramSeries | SummarySeries)[];
  /** As `Family.createdSeconds` says. */
  readonly createdSeconds?: number | undefined;
  /** As `Family.aggregator` says. */
  readonly aggregator?: Aggregator | undefined;
  /** As `Family.hasExemplars` says. */
  readonly hasExemplars?: boolean | undefined;
  /** Updates that went to the overflow series because the metric had reached its `maxSeries`. */
  readonly overflowedUpdates: number;
  /**
   * Instead of {@link series}, for a metric that is described only when it is read: returns copies for one scrape, with the
   * prefix and the constant labels of the registry. Their names are checked then.
   */
  read?(prefix: string, constantLabels: Family['constantLabels']): readonly Family[] | Promise<readonly Family[]>;
  /** Present if the numbers of its series are in a storage. */
  readonly stored?: StoredMetric | undefined;
  /** Brings the values up to date; called once at the start of each scrape. */
  collect?(): void | Promise<void>;
}

const AGGREGATORS: readonly unknown[] = [
  'sum',
  'min',
  'max',
  'average',
  'ratio',
  'first',
  'omit',
] satisfies readonly Aggregator[];

/** Whether a value is the name of an aggregator. */
export function isAggregator(aggregator: unknown): aggregator is Aggregator {
  return AGGREGATORS.includes(aggregator);
}

/**
 * Throws a RangeError unless `aggregator` is valid or undefined. Does not check whether it suits the type of the metric: code
 * written for prom-client gives counters any aggregator.
 */
export function checkAggregator(aggregator: unknown, metricName: string): asserts aggregator is Aggregator | undefined {
  if (aggregator === undefined || isAggregator(aggregator)) return;
  refuse(`create metric "${metricName}"`, `aggregator to be one of ${AGGREGATORS.join(', ')}`, aggregator, RangeError);
}

/** The default of `maxSeries`. */
export const DEFAULT_MAX_SERIES = 100_000;

/** Throws a RangeError unless `maxSeries` is a positive integer or `Infinity`. `owner` is named in the message. */
export function checkMaxSeries(maxSeries: unknown, owner: string): asserts maxSeries is number {
  if (maxSeries === Infinity || (Number.isInteger(maxSeries) && (maxSeries as number) > 0)) return;
  refuse(`create ${owner}`, 'maxSeries to be a positive integer or Infinity', maxSeries, RangeError);
}

/** Warns that a metric has reached its `maxSeries`, and names the label value of its overflow series. */
export function warnOfOverflow(metricName: string, maxSeries: number, overflow: string): void {
  warn(
    'METRICS_TOO_MANY_SERIES',
    `Metric "${metricName}" has reached its ${maxSeries} series; further label values are counted in one series whose ` +
      `labels are "${overflow}". Use label values of a bounded set, or raise maxSeries.`,
  );
}

/** Throws a RangeError unless `idleSeconds` is above 0. `owner` is named in the message. */
export function checkIdleSeconds(idleSeconds: unknown, owner: string): asserts idleSeconds is number {
  if (typeof idleSeconds === 'number' && idleSeconds > 0) return;
  refuse(`create ${owner}`, 'idleSeconds above 0, or Infinity for no expiry', idleSeconds, RangeError);
}
