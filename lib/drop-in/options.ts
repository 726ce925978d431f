import type { CollectOption, MetricOptions } from '../metrics/options.ts';
import type { Aggregator } from '../model/aggregator.ts';
import type { LabelValue } from '../model/label-value.ts';

/** prom-client's options in addition to those of every metric. */
export interface DropInOptions {
  /** How the values of several processes are made into one; `sum` unless given. */
  readonly aggregator?: Aggregator;
}

/** Whether a counter or histogram is updated with exemplars. */
export interface ExemplarOption {
  /** If true, `inc()` and `observe()` take one object: `{ labels, value, exemplarLabels }`. */
  readonly enableExemplars?: boolean;
}

/** prom-client's options for a metric of any type. */
export interface MetricConfiguration<L extends string>
  extends MetricOptions<L>,
    CollectOption<never>,
    DropInOptions,
    ExemplarOption {}

/** Brings a metric, its `this`, up to date at the start of each scrape. */
export type CollectFunction<M> = (this: M) => void | Promise<void>;

/** Labels, of which the compiler does not ask that all be there. */
export type LabelValues<L extends string = string> = { readonly [name in L]?: LabelValue | undefined };
