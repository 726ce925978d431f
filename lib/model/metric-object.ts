import type {
  Aggregator,
  Exemplar,
  HistogramSeries,
  MetricType,
  NumberSeries,
  Ratio,
  Series,
  SummarySeries,
} from './family.ts';

/** An exemplar as prom-client shows it. */
export interface ExemplarObject {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp?: number | undefined;
}

/** One sample, as prom-client shows it. */
export interface MetricValue<L extends string = string> {
  value: number;
  /** Label values as they are exposed, so as text; of a bucket its bound `le`, of a quantile `quantile`, as a number. */
  labels: Partial<Record<L, string | number>>;
  /** Where there is one; of a bucket without one, null. */
  exemplar?: ExemplarObject | null;
  /** Numerator and denominator of a gauge that was set by `setRatio()`; the aggregator `ratio` merges them. */
  ratio?: Ratio;
}

/** One sample of a histogram or summary; its own name is there where it differs from the metric's. */
export interface MetricValueWithName<L extends string = string> extends MetricValue<L> {
  metricName?: string;
}

/** A metric's metadata. */
export interface MetricObject {
  name: string;
  help: string;
  type: MetricType;
  aggregator: Aggregator;
}

/** A metric and its values at one moment, as prom-client shows it: plain objects, for `JSON.stringify()`. */
export interface MetricObjectWithValues<V extends MetricValue = MetricValueWithName> extends MetricObject {
  values: V[];
}

/** The common part of a metric and a family. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly labelNames: readonly string[];
  readonly constantLabels?: readonly (readonly [name: string, value: string])[];
  readonly upperBounds?: readonly number[] | undefined;
  readonly quantiles?: readonly number[] | undefined;
  readonly hasExemplars?: boolean | undefined;
  readonly series: readonly Series[];
}

/** Returns a copy of a metric's or family's values, in the shape that prom-client gives them. */
export function metricObject(metric: Described, aggregator: Aggregator = 'sum'): MetricObjectWithValues {
  const { name, help, type } = metric;
  return { help, name, type, values: metric.series.flatMap((series) => samplesOf(metric, series)), aggregator };
}

function samplesOf(metric: Described, series: Series): MetricValueWithName[] {
  const { labelNames, constantLabels = [], hasExemplars = false } = metric;
  const { labelValues } = series;
  const labels = Object.fromEntries([
    ...labelNames.map((name, i) => [name, labelValues[i]!] as const),
    ...constantLabels,
  ]);
  switch (metric.type) {
    case 'histogram':
    case 'gaugehistogram':
      return histogramSamples(metric, series as HistogramSeries, labels, hasExemplars);
    case 'summary':
      return summarySamples(metric, series as SummarySeries, labels);
    default: {
      const { value, exemplar, ratio } = series as NumberSeries;
      return [
        {
          value,
          labels,
          ...withExemplar(hasExemplars ? exemplar : undefined),
          ...(ratio === undefined ? {} : { ratio }),
        },
      ];
    }
  }
}

function histogramSamples(
  { name, upperBounds = [] }: Described,
  { bucketCounts, sum, exemplars }: HistogramSeries,
  labels: Record<string, string>,
  hasExemplars: boolean,
): MetricValueWithName[] {
  const found = hasExemplars ? exemplars : undefined;
  let count = 0;
  const buckets = bucketCounts.map((inBucket, i) => {
    count += inBucket;
    const le = upperBounds[i] ?? '+Inf';
    return {
      labels: { le, ...labels },
      value: count,
      metricName: `${name}_bucket`,
      exemplar: null,
      ...withExemplar(found?.[i]),
    };
  });
  return [...buckets, ...sumAndCount(name, sum, count, labels)];
}

function summarySamples(
  { name, quantiles = [] }: Described,
  { quantileValues, sum, count }: SummarySeries,
  labels: Record<string, string>,
): MetricValueWithName[] {
  const values = quantileValues.map((value, i) => ({ labels: { quantile: quantiles[i]!, ...labels }, value }));
  return [...values, ...sumAndCount(name, sum, count, labels)];
}

function sumAndCount(name: string, sum: number, count: number, labels: Record<string, string>): MetricValueWithName[] {
  return [
    { labels: { ...labels }, value: sum, metricName: `${name}_sum` },
    { labels: { ...labels }, value: count, metricName: `${name}_count` },
  ];
}

function withExemplar(exemplar: Exemplar | undefined): { exemplar?: ExemplarObject } {
  if (exemplar === undefined) return {};
  const { labels, value, timestampSeconds } = exemplar;
  return { exemplar: { labelSet: labels, value, timestamp: timestampSeconds } };
}
