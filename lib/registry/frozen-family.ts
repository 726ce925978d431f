import type { Exemplar } from '../model/exemplar.ts';
import type { Family, HistogramSeries, NumberSeries, Ratio, Series, SummarySeries } from '../model/family.ts';

/**
 * Returns a family with the values of this moment, its own from now on.
 *
 * A metric whose `collect` is asynchronous is read like this when a run ends: the next run may begin, and empty the
 * metric before it fills it again, while a slow reader of this scrape is still being served. Every other metric is read
 * live, which costs no copy.
 */
export function frozenFamily(family: Family): Family {
  const { name, help, unit, labelNames, constantLabels, createdSeconds, aggregator, hasExemplars } = family;
  const head = { name, help, unit, labelNames, constantLabels, createdSeconds, aggregator, hasExemplars, memo: new Map<string, object>() };
  switch (family.type) {
    case 'histogram':
    case 'gaugehistogram':
      return { ...head, type: family.type, upperBounds: family.upperBounds, series: family.series.map((one) => new FrozenHistogram(one)) };
    case 'summary':
      return { ...head, type: family.type, quantiles: family.quantiles, series: family.series.map((one) => new FrozenSummary(one)) };
    default:
      return { ...head, type: family.type, series: family.series.map((one) => new FrozenNumber(one)) };
  }
}

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
