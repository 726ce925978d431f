import type { Counter, CounterOptions } from '../metrics/counter.ts';
import type { Gauge, GaugeOptions } from '../metrics/gauge.ts';
import type { Histogram, HistogramOptions } from '../metrics/histogram.ts';
import type { CollectOption, ExemplarOption, MetricOptions } from '../metrics/options.ts';
import type { Summary, SummaryOptions } from '../metrics/summary.ts';

/** The instruments that prom-client has too; `type` says which one it is. */
export type Metric<L extends string = string> = Counter<L> | Gauge<L> | Histogram<L> | Summary<L>;

/** prom-client's name for the options of a metric of any type. */
export interface MetricConfiguration<L extends string> extends MetricOptions<L>, CollectOption<never>, ExemplarOption {}
/** prom-client's name for {@link CounterOptions}. */
export type CounterConfiguration<L extends string> = CounterOptions<L>;
/** prom-client's name for {@link GaugeOptions}. */
export type GaugeConfiguration<L extends string> = GaugeOptions<L>;
/** prom-client's name for {@link HistogramOptions}. */
export type HistogramConfiguration<L extends string> = HistogramOptions<L>;
/** prom-client's name for {@link SummaryOptions}. */
export type SummaryConfiguration<L extends string> = SummaryOptions<L>;

/** Brings a metric, its `this`, up to date at the start of each scrape. */
export type CollectFunction<M> = (this: M) => void | Promise<void>;
