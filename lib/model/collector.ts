import type { MetricType } from './family.ts';
import type { LabelValue } from './label-value.ts';

/** One series of a {@link CollectedFamily}: a number, or a histogram's counts. */
export type CollectedSeries =
  | { readonly labels?: Readonly<Record<string, LabelValue>>; readonly value: number }
  | {
      readonly labels?: Readonly<Record<string, LabelValue>>;
      /** Observations per bucket, not cumulative; one more than `upperBounds` has. */
      readonly bucketCounts: readonly number[];
      readonly sum: number;
    };

/** A metric family as a custom collector returns it: plain objects, made anew at each scrape. */
export interface CollectedFamily {
  readonly name: string;
  readonly help: string;
  /** `unknown` unless given. */
  readonly type?: MetricType;
  readonly unit?: string;
  /** For a histogram: strictly increasing and finite. */
  readonly upperBounds?: readonly number[];
  readonly series: readonly CollectedSeries[];
}

/**
 * A source of metric families that are read when a scrape asks for them.
 *
 * @example
 * ```ts
 * registry.registerCollector({
 *   name: 'disk',
 *   async collect() {
 *     const { bavail, bsize } = await statfs('/');
 *     return [{ name: 'disk_free_bytes', help: 'Free space.', type: 'gauge', series: [{ value: bavail * bsize }] }];
 *   },
 * });
 * ```
 */
export interface Collector {
  /** Names the collector in errors and in `metrics_client_collector_failures_total`. */
  readonly name: string;
  /** Called once at each scrape, however many scrapers ask at that moment. */
  collect(): Iterable<CollectedFamily> | Promise<Iterable<CollectedFamily>>;
}
