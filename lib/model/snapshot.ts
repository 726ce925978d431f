import type {
  Exemplar,
  HistogramSeries,
  MetricType,
  NativeBucketCounts,
  NativeHistogram,
  NumberSeries,
  Ratio,
  Series,
  SummarySeries,
} from './family.ts';
import type { LabelValue } from './label-value.ts';

/** Returns a copy of a series of this type, with the numbers of this moment. */
export function seriesSnapshot(type: MetricType, series: Series): Series {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram':
      return new HistogramSnapshot(series as HistogramSeries);
    case 'summary':
      return new SummarySnapshot(series as SummarySeries);
    default:
      return new NumberSnapshot(series as NumberSeries);
  }
}

/** A series with the numbers of one moment. */
class SeriesSnapshot implements Series {
  readonly #series: Series;

  constructor(series: Series) {
    this.#series = series;
  }

  // Left to the live series, which never changes them: building the array now would cost more than the copy itself.
  get labelValues(): readonly string[] {
    return this.#series.labelValues;
  }

  get passedLabelValues(): readonly LabelValue[] {
    return this.#series.passedLabelValues ?? this.#series.labelValues;
  }
}

/** A copy of a series with one number. */
class NumberSnapshot extends SeriesSnapshot implements NumberSeries {
  readonly value: number;
  readonly exemplar: Exemplar | undefined;
  readonly ratio: Ratio | undefined;

  constructor(series: NumberSeries) {
    super(series);
    this.value = series.value;
    this.exemplar = series.exemplar;
    this.ratio = series.ratio;
  }
}

/** A copy of a series of a histogram. */
class HistogramSnapshot extends SeriesSnapshot implements HistogramSeries {
  readonly bucketCounts: readonly number[];
  readonly sum: number;
  readonly exemplars: readonly (Exemplar | undefined)[] | undefined;
  readonly native: NativeHistogram | undefined;

  constructor(series: HistogramSeries) {
    super(series);
    this.bucketCounts = [...series.bucketCounts];
    this.sum = series.sum;
    this.exemplars = series.exemplars && [...series.exemplars];
    this.native = series.native && copyNative(series.native);
  }
}

/** Returns a copy of native buckets that no later look at a series changes. */
export function copyNative(native: NativeHistogram): NativeHistogram {
  return { ...native, positive: copyCounts(native.positive), negative: copyCounts(native.negative) };
}

function copyCounts({ indexes, counts }: NativeBucketCounts): NativeBucketCounts {
  return { indexes: Array.from(indexes), counts: Array.from(counts) };
}

/** A copy of a series of a summary. */
class SummarySnapshot extends SeriesSnapshot implements SummarySeries {
  readonly quantileValues: readonly number[];
  readonly sum: number;
  readonly count: number;

  constructor(series: SummarySeries) {
    super(series);
    this.quantileValues = [...series.quantileValues];
    this.sum = series.sum;
    this.count = series.count;
  }
}
