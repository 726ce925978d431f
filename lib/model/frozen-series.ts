import type { Exemplar } from './exemplar.ts';
import type { HistogramSeries, MetricType, NumberSeries, Ratio, Series, SummarySeries } from './family.ts';

/** Returns a copy of a series of this type, with the numbers of this moment. */
export function frozenSeries(type: MetricType, series: Series): Series {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram':
      return new FrozenHistogram(series as HistogramSeries);
    case 'summary':
      return new FrozenSummary(series as SummarySeries);
    default:
      return new FrozenNumber(series as NumberSeries);
  }
}

/** A series with the numbers of one moment. */
class FrozenSeries implements Series {
  readonly #series: Series;

  constructor(series: Series) {
    this.#series = series;
  }

  // Left to the live series, which never changes them: building the array now would cost more than the copy itself.
  get labelValues(): readonly string[] {
    return this.#series.labelValues;
  }
}

/** A copy of a series with one number. */
class FrozenNumber extends FrozenSeries implements NumberSeries {
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
class FrozenHistogram extends FrozenSeries implements HistogramSeries {
  readonly bucketCounts: readonly number[];
  readonly sum: number;
  readonly exemplars: readonly (Exemplar | undefined)[] | undefined;

  constructor(series: HistogramSeries) {
    super(series);
    this.bucketCounts = [...series.bucketCounts];
    this.sum = series.sum;
    this.exemplars = series.exemplars && [...series.exemplars];
  }
}

/** A copy of a series of a summary. */
class FrozenSummary extends FrozenSeries implements SummarySeries {
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
