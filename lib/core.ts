import { PrometheusExporter } from './exposition/prometheus-exporter.ts';
import { Counter } from './metrics/counter.ts';
import { Gauge } from './metrics/gauge.ts';
import { Histogram } from './metrics/histogram.ts';
import { Info } from './metrics/info.ts';
import { StateSet } from './metrics/state-set.ts';
import { exponentialBuckets, exponentialBucketsRange, linearBuckets } from './model/buckets.ts';
import { MetricsRegistry } from './registry/metrics-registry.ts';
import { register } from './registry/register.ts';

// The core: instruments, registry and exporter, without anything that needs Node. Runs in a browser or an edge worker.

export type { ScrapeOptions } from './exposition/exposition-writer.ts';
export type { PrometheusExporterOptions } from './exposition/prometheus-exporter.ts';
export type {
  CounterChild,
  CounterOptions,
  CounterWithExemplars,
  IncreaseDataWithExemplar,
} from './metrics/counter.ts';
export type { GaugeChild, GaugeOptions } from './metrics/gauge.ts';
export type {
  BucketStrategy,
  HistogramOptions,
  HistogramWithExemplars,
  ObserveDataWithExemplar,
  ObservingChild,
} from './metrics/histogram.ts';
export type { HistogramChild } from './metrics/histogram-child.ts';
export type { InfoOptions } from './metrics/info.ts';
export type { LabelValues } from './metrics/options.ts';
export type { StateSetOptions } from './metrics/state-set.ts';
export type { CollectedExemplar, CollectedFamily, CollectedSeries, Collector } from './model/collector.ts';
export type { ExemplarLabels, ExemplarSource, StoredExemplar } from './model/exemplar.ts';
export type {
  Aggregator,
  Exemplar,
  Family,
  Gatherer,
  GatherOptions,
  HistogramFamily,
  MetricType,
  NativeBucketCounts,
  NativeHistogram,
  NumberFamily,
  SummaryFamily,
} from './model/family.ts';
export type { Labels, LabelValue } from './model/label-value.ts';
export type { Metric } from './model/metric.ts';
export type {
  ExemplarObject,
  MetricObject,
  MetricObjectWithValues,
  MetricValue,
  MetricValueWithName,
} from './model/metric-object.ts';
export type { NameValidationScheme } from './model/names.ts';
export type { RegistryOptions } from './registry/metrics-registry.ts';

export {
  Counter,
  exponentialBuckets,
  exponentialBucketsRange,
  Gauge,
  Histogram,
  Info,
  linearBuckets,
  MetricsRegistry,
  PrometheusExporter,
  register,
  StateSet,
};

export default {
  Counter,
  Gauge,
  Histogram,
  Info,
  MetricsRegistry,
  PrometheusExporter,
  StateSet,
  exponentialBuckets,
  exponentialBucketsRange,
  linearBuckets,
  register,
};
