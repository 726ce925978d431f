import type { Family, HistogramSeries, NumberSeries } from '../model/family.ts';

/**
 * Returns a family with the values of this moment, its own from now on.
 *
 * A metric whose `collect` is asynchronous is read like this when a run ends: the next run may begin, and empty the
 * metric before it fills it again, while a slow reader of this scrape is still being served. Every other metric is read
 * live, which costs no copy.
 */
export function frozenFamily(family: Family): Family {
  const { name, help, unit, labelNames, constantLabels } = family;
  const head = { name, help, unit, labelNames, constantLabels, memo: new Map<string, object>() };
  if (family.type !== 'histogram') return { ...head, type: family.type, series: family.series.map((one) => new FrozenNumber(one)) };
  const { type, upperBounds } = family;
  return { ...head, type, upperBounds, series: family.series.map((one) => new FrozenHistogram(one)) };
}

class FrozenNumber implements NumberSeries {
  readonly value: number;
  readonly #series: NumberSeries;

  constructor(series: NumberSeries) {
    this.value = series.value;
    this.#series = series;
  }

  // Left to the live series, which never changes them: building the array now would cost more than the copy itself.
  get labelValues(): readonly string[] {
    return this.#series.labelValues;
  }
}

class FrozenHistogram implements HistogramSeries {
  readonly bucketCounts: readonly number[];
  readonly sum: number;
  readonly #series: HistogramSeries;

  constructor(series: HistogramSeries) {
    this.bucketCounts = [...series.bucketCounts];
    this.sum = series.sum;
    this.#series = series;
  }

  get labelValues(): readonly string[] {
    return this.#series.labelValues;
  }
}
