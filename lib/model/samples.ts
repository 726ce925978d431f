import {
  type Exemplar,
  type HistogramSeries,
  type MetricType,
  type NumberSeries,
  type Ratio,
  type Series,
  type SummarySeries,
  seriesNow,
} from './family.ts';

/** The parts of a family, or of a metric, that its samples are made of. */
export interface Sampled {
  readonly type: MetricType;
  readonly labelNames: readonly string[];
  readonly constantLabels?: readonly (readonly [name: string, value: string])[];
  readonly upperBounds?: readonly number[] | undefined;
  readonly quantiles?: readonly number[] | undefined;
  readonly hasExemplars?: boolean | undefined;
  readonly series: readonly Series[];
}

/** One sample of a family, as the text format writes it. */
export interface Sample {
  /** Follows the name of the family; empty for a plain number and for a quantile. */
  readonly suffix: '' | '_bucket' | '_sum' | '_count';
  readonly series: Series;
  /** The labels of the series, constant ones last, without `le` and `quantile`. Samples of one series share the object. */
  readonly labels: Readonly<Record<string, string>>;
  /** The upper bound of a bucket, of the last one `Infinity`. */
  readonly le?: number;
  readonly quantile?: number;
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
  /** Of a gauge that was set by `setRatio()`. */
  readonly ratio?: Ratio | undefined;
}

/**
 * Generates the samples of a family, as the text format writes them: buckets are cumulative. For code that is not hot: it
 * allocates for each sample. Encoders read the series themselves.
 */
export function* samplesOf(family: Sampled): Generator<Sample, void> {
  const { type, labelNames, constantLabels = [], upperBounds = [], quantiles = [], hasExemplars = false } = family;
  for (const series of seriesNow(family)) {
    const { labelValues } = series;
    const labels: Record<string, string> = {};
    for (let i = 0; i < labelNames.length; i++) labels[labelNames[i]!] = labelValues[i]!;
    for (const [name, value] of constantLabels) labels[name] = value;
    switch (type) {
      case 'histogram':
      case 'gaugehistogram': {
        const { bucketCounts, sum, exemplars } = series as HistogramSeries;
        let count = 0;
        for (let i = 0; i < bucketCounts.length; i++) {
          count += bucketCounts[i]!;
          const exemplar = hasExemplars ? exemplars?.[i] : undefined;
          yield { suffix: '_bucket', series, labels, le: upperBounds[i] ?? Infinity, value: count, exemplar };
        }
        yield { suffix: '_sum', series, labels, value: sum };
        yield { suffix: '_count', series, labels, value: count };
        break;
      }
      case 'summary': {
        const { quantileValues, sum, count } = series as SummarySeries;
        for (let i = 0; i < quantiles.length; i++)
          yield { suffix: '', series, labels, quantile: quantiles[i]!, value: quantileValues[i]! };
        yield { suffix: '_sum', series, labels, value: sum };
        yield { suffix: '_count', series, labels, value: count };
        break;
      }
      default: {
        const { value, exemplar, ratio } = series as NumberSeries;
        yield { suffix: '', series, labels, value, exemplar: hasExemplars ? exemplar : undefined, ratio };
      }
    }
  }
}
