import type { CollectedExemplar, CollectedSeries } from '../model/collector.ts';
import { checkExemplarLabels, type Exemplar } from '../model/exemplar.ts';
import type { HistogramSeries, NumberSeries, Ratio, SummarySeries } from '../model/family.ts';
import { wellFormed } from '../model/label-value.ts';
import { describe } from '../model/names.ts';
import { isUnixTime } from '../model/unix-time.ts';
import type { CollectedLabelSets } from './collected-label-sets.ts';

// Each property is read once, and what is checked is the copy: an accessor or a Proxy may give something else the next time.

/** Returns a checked copy of a series with one number. */
export function numberSeries(one: CollectedSeries, labelSets: CollectedLabelSets): NumberSeries {
  const labelValues = labelSets.take(one.labels);
  const { value, exemplar, ratio } = one as Extract<CollectedSeries, { readonly value: number }>;
  if (typeof value === 'number') {
    return { labelValues, value, exemplar: exemplarOf(exemplar, labelSets), ratio: ratioOf(ratio, labelSets) };
  }
  throw new TypeError(
    `Cannot collect metric "${labelSets.metricName}": expected each series to have a value that is a number.`,
  );
}

/** Returns a checked copy of the series of a counter. */
export function counterSeries(one: CollectedSeries, labelSets: CollectedLabelSets): NumberSeries {
  const series = numberSeries(one, labelSets);
  if (series.value >= 0) return series;
  throw new RangeError(
    `Cannot collect counter "${labelSets.metricName}": expected values of at least 0, got ${series.value}.`,
  );
}

/** Returns a checked copy of the series of an info. */
export function infoSeries(one: CollectedSeries, labelSets: CollectedLabelSets): NumberSeries {
  const series = numberSeries(one, labelSets);
  if (series.value === 1) return series;
  throw new RangeError(
    `Cannot collect info "${labelSets.metricName}": expected each series to have the value 1, got ${series.value}.`,
  );
}

/** Returns the series of the states of one label set. */
export function stateSeries(one: CollectedSeries, labelSets: CollectedLabelSets): NumberSeries[] {
  const labelValues = labelSets.take(one.labels);
  const { states } = one as Extract<CollectedSeries, { readonly states: object }>;
  const entries = typeof states === 'object' && states !== null ? Object.entries(states) : undefined;
  if (entries?.every(([, isOn]) => typeof isOn === 'boolean')) {
    return entries.map(([state, isOn]) => ({ labelValues: [...labelValues, wellFormed(state)], value: Number(isOn) }));
  }
  throw new TypeError(
    `Cannot collect state set "${labelSets.metricName}": expected each series to have states that are true or false.`,
  );
}

/** Returns a checked copy of the series of a histogram. */
export function histogramSeries(
  one: CollectedSeries,
  labelSets: CollectedLabelSets,
  upperBounds: readonly number[],
): HistogramSeries {
  const labelValues = labelSets.take(one.labels);
  const { sum, exemplars, ...rest } = one as Extract<CollectedSeries, { readonly bucketCounts: readonly number[] }>;
  const bucketCounts = countsOf(rest.bucketCounts, upperBounds.length + 1);
  if (bucketCounts !== undefined && typeof sum === 'number') {
    return { labelValues, bucketCounts, sum, exemplars: bucketExemplarsOf(exemplars, upperBounds, labelSets) };
  }
  throw new TypeError(
    `Cannot collect histogram "${labelSets.metricName}": expected each series to have a sum and ` +
      `${upperBounds.length + 1} bucketCounts, whole numbers and one more than upperBounds, that together stay below 2^53.`,
  );
}

/** Returns a checked copy of the series of a summary. */
export function summarySeries(
  one: CollectedSeries,
  labelSets: CollectedLabelSets,
  quantiles: readonly number[],
): SummarySeries {
  const labelValues = labelSets.take(one.labels);
  const { sum, ...rest } = one as Extract<CollectedSeries, { readonly count: number }>;
  const count = countsOf([rest.count], 1)?.[0];
  const quantileValues = arrayOf(rest.quantileValues ?? [], quantiles.length);
  if (count !== undefined && typeof sum === 'number' && quantileValues?.every((value) => typeof value === 'number')) {
    return { labelValues, quantileValues, sum, count };
  }
  throw new TypeError(
    `Cannot collect summary "${labelSets.metricName}": expected each series to have a sum, a count that is a whole number below 2^53, ` +
      `and ${quantiles.length} quantileValues, one for each of the quantiles.`,
  );
}

function bucketExemplarsOf(
  given: unknown,
  upperBounds: readonly number[],
  labelSets: CollectedLabelSets,
): HistogramSeries['exemplars'] {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length > upperBounds.length + 1) {
    throw new TypeError(
      `Cannot collect histogram "${labelSets.metricName}": expected exemplars as an array with at most one for each of the ` +
        `${upperBounds.length + 1} buckets, got ${Array.isArray(given) ? `${given.length} of them` : describe(given)}.`,
    );
  }
  return Array.from(given, (exemplar: CollectedExemplar | undefined, bucket) =>
    bucketExemplarOf(exemplar, bucket, upperBounds, labelSets),
  );
}

function bucketExemplarOf(
  collected: CollectedExemplar | undefined,
  bucket: number,
  upperBounds: readonly number[],
  labelSets: CollectedLabelSets,
): Exemplar | undefined {
  const exemplar = exemplarOf(collected, labelSets);
  if (
    exemplar === undefined ||
    upperBounds.findIndex((bound) => exemplar.value <= bound) === (bucket < upperBounds.length ? bucket : -1)
  ) {
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
  const { value, timestampSeconds, labels } = exemplar ?? {};
  if (typeof value !== 'number' || !['number', 'undefined'].includes(typeof timestampSeconds)) {
    throw new TypeError(
      `Cannot collect metric "${metricName}": expected an exemplar's value and timestampSeconds to be numbers.`,
    );
  }
  if (timestampSeconds !== undefined && !isUnixTime(timestampSeconds)) {
    throw new RangeError(
      `Cannot collect metric "${metricName}": expected an exemplar's timestampSeconds as a time in seconds since 1970, before ` +
        `the year 10000, got ${timestampSeconds}.`,
    );
  }
  return { labels: checkExemplarLabels(labels, metricName), value, timestampSeconds };
}

/**
 * Returns a copy of counts, if they are whole numbers whose sum is exact: at and above 2^53 the cumulative counts of text
 * would be rounded, and protobuf's unsigned integers end at 2^64.
 */
function countsOf(given: unknown, length: number): number[] | undefined {
  const counts = arrayOf(given, length);
  let total = 0;
  for (const count of counts ?? []) {
    if (!Number.isSafeInteger(count) || count < 0) return undefined;
    total += count;
  }
  return Number.isSafeInteger(total) ? counts : undefined;
}

/** Returns a copy of an array of this length. A hole becomes undefined. */
function arrayOf(given: unknown, length: number): number[] | undefined {
  return Array.isArray(given) && given.length === length ? Array.from<number>(given) : undefined;
}
