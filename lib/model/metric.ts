import type { Aggregator } from './aggregator.ts';
import type { HistogramSeries, MetricType, NumberSeries, SummarySeries } from './family.ts';

/** The interface of a metric that a registry uses. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly labelNames: readonly string[];
  /** Upper bounds of a histogram's buckets, without `+Inf`. */
  readonly upperBounds?: readonly number[] | undefined;
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
  /** Brings the values up to date; called once at the start of each scrape. */
  collect?(): void | Promise<void>;
}
