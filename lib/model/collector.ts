import type { ExemplarLabels } from './exemplar.ts';
import type { Aggregator, MetricType, Ratio } from './family.ts';
import type { LabelValue } from './label-value.ts';

/** An exemplar as a custom collector returns it. */
export interface CollectedExemplar {
  readonly labels: ExemplarLabels;
  /** The amount that was added, or the value that was observed. */
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestampSeconds?: number;
}

interface CollectedLabels {
  readonly labels?: Readonly<Record<string, LabelValue>>;
}

/** One series of a {@link CollectedFamily}, by the family's type. */
export type CollectedSeries =
  /** Of a counter, gauge, info (where the value is 1) or unknown. */
  | (CollectedLabels & {
      readonly value: number;
      readonly exemplar?: CollectedExemplar;
      /** What `value` is merged from if the family's aggregator is `ratio`. */
      readonly ratio?: Ratio;
    })
  /** Of a histogram or gaugehistogram. */
  | (CollectedLabels & {
      /** Observations per bucket, not cumulative; one more than `upperBounds` has. */
      readonly bucketCounts: readonly number[];
      readonly sum: number;
      /** By bucket. */
      readonly exemplars?: readonly (CollectedExemplar | undefined)[];
    })
  /** Of a summary. */
  | (CollectedLabels & {
      /** As many as the family has quantiles. */
      readonly quantileValues?: readonly number[];
      readonly sum: number;
      readonly count: number;
    })
  /** Of a stateset: each state, and whether it is on. */
  | (CollectedLabels & { readonly states: Readonly<Record<string, boolean>> });

/** A metric family as a custom collector returns it: plain objects, created for each scrape. */
export interface CollectedFamily {
  /** As text 0.0.4 has it: that of a counter ends in `_total`, that of an info in `_info`. */
  readonly name: string;
  readonly help: string;
  /** `unknown` unless given. */
  readonly type?: MetricType;
  /** Base unit, with which the name must end. */
  readonly unit?: string;
  /** For a histogram: strictly increasing and finite. */
  readonly upperBounds?: readonly number[];
  /** For a summary: strictly increasing, from 0 to 1. */
  readonly quantiles?: readonly number[];
  /** Unix time in seconds since when the series count, every one having been 0 then. */
  readonly createdSeconds?: number;
  /** How the values of several processes become one; as `MetricOptions.aggregator` says. */
  readonly aggregator?: Aggregator;
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
  /**
   * The families that it may return, as far as they are known beforehand: name and type. A metric or another collector with
   * a series of the same name is then refused when the second of the two is registered. Else a clash is found at a scrape,
   * and costs this collector its families.
   */
  readonly families?: readonly Pick<CollectedFamily, 'name' | 'type'>[];
  /** Called once at each scrape, however many scrapers ask at that moment. */
  collect(): Iterable<CollectedFamily> | Promise<Iterable<CollectedFamily>>;
}
