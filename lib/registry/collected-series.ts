import type { CollectedExemplar, CollectedSeries } from '../model/collector.ts';
import { checkExemplarLabels, type Exemplar } from '../model/exemplar.ts';
import type { HistogramSeries, NumberSeries, Ratio, SummarySeries } from '../model/family.ts';
import { wellFormed } from '../model/label-value.ts';
import type { CollectedLabelSets } from './collected-label-sets.ts';

/** Returns a checked copy of a series with one number. */
export function numberSeries(one: CollectedSeries, labelSets: CollectedLabelSets): NumberSeries {
  const labelValues = labelSets.take(one?.labels);
  if ('value' in one && typeof one.value === 'number') {
    return { labelValues, value: one.value, exemplar: exemplarOf(one.exemplar, labelSets), ratio: ratioOf(one.ratio, labelSets) };
  }
  throw new TypeError(`Cannot collect metric "${labelSets.metricName}": expected each series to have a value that is a number.`);
}

/** Returns a checked copy of the series of a counter. */
export function counterSeries(one: CollectedSeries, labelSets: CollectedLabelSets): NumberSeries {
  const series = numberSeries(one, labelSets);
  if (series.value >= 0) return series;
  throw new RangeError(`Cannot collect counter "${labelSets.metricName}": expected values of at least 0, got ${series.value}.`);
}

/** Returns a checked copy of the series of an info. */
export function infoSeries(one: CollectedSeries, labelSets: CollectedLabelSets): NumberSeries {
  const series = numberSeries(one, labelSets);
  if (series.value === 1) return series;
  throw new RangeError(`Cannot collect info "${labelSets.metricName}": expected each series to have the value 1, got ${series.value}.`);
}

/** Returns the series of the states of one label set. */
export function stateSeries(one: CollectedSeries, labelSets: CollectedLabelSets): NumberSeries[] {
  const labelValues = labelSets.take(one?.labels);
  if ('states' in one && typeof one.states === 'object' && Object.values(one.states).every((isOn) => typeof isOn === 'boolean')) {
    return Object.entries(one.states).map(([state, isOn]) => ({ labelValues: [...labelValues, wellFormed(state)], value: Number(isOn) }));
  }
  throw new TypeError(`Cannot collect state set "${labelSets.metricName}": expected each series to have states that are true or false.`);
}

/** Returns a checked copy of the series of a histogram. */
export function histogramSeries(one: CollectedSeries, labelSets: CollectedLabelSets, upperBounds: readonly number[]): HistogramSeries {
  const labelValues = labelSets.take(one?.labels);
  if ('bucketCounts' in one && areCounts(one.bucketCounts, upperBounds.length + 1) && typeof one.sum === 'number') {
    const exemplars = one.exemplars?.map((exemplar, bucket) => bucketExemplarOf(exemplar, bucket, upperBounds, labelSets));
    return { labelValues, bucketCounts: [...one.bucketCounts], sum: one.sum, exemplars };
  }
  throw new TypeError(
    `Cannot collect histogram "${labelSets.metricName}": expected each series to have a sum and ` +
      `${upperBounds.length + 1} bucketCounts, whole numbers and one more than upperBounds.`,
  );
}

/** Returns a checked copy of the series of a summary. */
export function summarySeries(one: CollectedSeries, labelSets: CollectedLabelSets, quantiles: readonly number[]): SummarySeries {
  const labelValues = labelSets.take(one?.labels);
  if ('count' in one && areCounts([one.count], 1) && typeof one.sum === 'number') {
    const { quantileValues = [], sum, count } = one;
    if (quantileValues.length === quantiles.length && quantileValues.every((value) => typeof value === 'number')) {
      return { labelValues, quantileValues: [...quantileValues], sum, count };
    }
  }
  throw new TypeError(
    `Cannot collect summary "${labelSets.metricName}": expected each series to have a sum, a count that is a whole number, ` +
      `and ${quantiles.length} quantileValues, one for each of the quantiles.`,
  );
}

function bucketExemplarOf(
  collected: CollectedExemplar | undefined,
  bucket: number,
  upperBounds: readonly number[],
  labelSets: CollectedLabelSets,
): Exemplar | undefined {
  const exemplar = exemplarOf(collected, labelSets);
  if (exemplar === undefined || upperBounds.findIndex((bound) => exemplar.value <= bound) === (bucket < upperBounds.length ? bucket : -1)) {
    return exemplar;
  }
  throw new RangeError(
    `Cannot collect histogram "${labelSets.metricName}": expected the value of each exemplar to lie in its bucket, ` +
      `got ${exemplar.value} in bucket ${bucket}.`,
  );
}

function ratioOf(ratio: unknown, { metricName }: CollectedLabelSets): Ratio | undefined {
  if (ratio === undefined) return undefined;
  const [numerator, denominator] = Array.isArray(ratio) ? (ratio as unknown[]) : [];
  if (typeof numerator === 'number' && typeof denominator === 'number' && denominator >= 0 && denominator < Infinity) {
    return [numerator, denominator];
  }
  throw new TypeError(
    `Cannot collect metric "${metricName}": expected a ratio to be a numerator and a denominator that is finite and at least 0.`,
  );
}

function exemplarOf(exemplar: CollectedExemplar | undefined, { metricName }: CollectedLabelSets): Exemplar | undefined {
  if (exemplar === undefined) return undefined;
  const { value, timestampSeconds } = exemplar;
  if (typeof value === 'number' && (timestampSeconds === undefined || Number.isFinite(timestampSeconds))) {
    return { labels: checkExemplarLabels(exemplar.labels, metricName), value, timestampSeconds };
  }
  throw new TypeError(`Cannot collect metric "${metricName}": expected an exemplar's value and timestampSeconds to be numbers.`);
}

function areCounts(counts: unknown, length: number): boolean {
  if (!Array.isArray(counts) || counts.length !== length) return false;
  for (const count of counts) if (!Number.isInteger(count) || count < 0) return false; // every() would skip holes
  return true;
}
