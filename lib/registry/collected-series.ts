import type { CollectedExemplar, CollectedSeries } from '../model/collector.ts';
import { checkExemplarLabels } from '../model/exemplar.ts';
import {
  type Exemplar,
  type HistogramSeries,
  isUnixTime,
  type MetricType,
  type NumberSeries,
  type Ratio,
  type SummarySeries,
} from '../model/family.ts';
import { labelValueText, wellFormed } from '../model/label-value.ts';
import { describe } from '../model/names.ts';

/**
 * Returns checked copies of a collected family's series. Throws a TypeError or RangeError on one that could not be exposed.
 *
 * Each property is read once, and the copy is what is checked: an accessor or a Proxy may return something else next time.
 */
export class CollectedSeriesReader {
  readonly #metricName: string;
  readonly #type: MetricType;
  readonly #labelNames: readonly string[];
  /** The label sets so far. */
  readonly #seen = new Set<string>();

  constructor(metricName: string, type: MetricType, labelNames: readonly string[]) {
    this.#metricName = metricName;
    this.#type = type;
    this.#labelNames = labelNames;
  }

  /** Of a gauge or unknown. */
  number(one: CollectedSeries): NumberSeries {
    const labelValues = this.#labelValues(one);
    const { value, exemplar, ratio } = one as Extract<CollectedSeries, { readonly value: number }>;
    if (typeof value !== 'number') throw this.#error(TypeError, 'each series to have a value that is a number');
    return { labelValues, value, exemplar: this.#exemplar(exemplar), ratio: this.#ratio(ratio) };
  }

  counter(one: CollectedSeries): NumberSeries {
    const series = this.number(one);
    if (series.value >= 0) return series;
    throw this.#error(RangeError, `values of at least 0, got ${series.value}`);
  }

  info(one: CollectedSeries): NumberSeries {
    const series = this.number(one);
    if (series.value === 1) return series;
    throw this.#error(RangeError, `each series to have the value 1, got ${series.value}`);
  }

  /** The states of one label set. */
  states(one: CollectedSeries): NumberSeries[] {
    const labelValues = this.#labelValues(one);
    const { states } = one as Extract<CollectedSeries, { readonly states: object }>;
    const entries = typeof states === 'object' && states !== null ? Object.entries(states) : undefined;
    if (entries?.every(([, isOn]) => typeof isOn === 'boolean')) {
      return entries.map(([state, isOn]) => ({
        labelValues: [...labelValues, wellFormed(state)],
        value: Number(isOn),
      }));
    }
    throw this.#error(TypeError, 'each series to have states that are true or false');
  }

  histogram(one: CollectedSeries, upperBounds: readonly number[]): HistogramSeries {
    const labelValues = this.#labelValues(one);
    const { sum, exemplars, ...rest } = one as Extract<CollectedSeries, { readonly bucketCounts: readonly number[] }>;
    const bucketCounts = countsOf(rest.bucketCounts, upperBounds.length + 1);
    if (bucketCounts !== undefined && typeof sum === 'number') {
      return { labelValues, bucketCounts, sum, exemplars: this.#bucketExemplars(exemplars, upperBounds) };
    }
    throw this.#error(
      TypeError,
      `each series to have a sum and ${upperBounds.length + 1} bucketCounts, whole numbers and one more than ` +
        'upperBounds, that together stay below 2^53',
    );
  }

  summary(one: CollectedSeries, quantiles: readonly number[]): SummarySeries {
    const labelValues = this.#labelValues(one);
    const { sum, ...rest } = one as Extract<CollectedSeries, { readonly count: number }>;
    const count = countsOf([rest.count], 1)?.[0];
    const quantileValues = arrayOf(rest.quantileValues ?? [], quantiles.length);
    if (count !== undefined && typeof sum === 'number' && quantileValues?.every((value) => typeof value === 'number')) {
      return { labelValues, quantileValues, sum, count };
    }
    throw this.#error(
      TypeError,
      `each series to have a sum, a count that is a whole number below 2^53, and ${quantiles.length} ` +
        'quantileValues, one for each of the quantiles',
    );
  }

  /** In the order of the label names. Each label set may appear once. */
  #labelValues({ labels = {} }: CollectedSeries): string[] {
    const values = this.#labelNames.map((name) => {
      // hasOwn: a missing label called `constructor` would find the one that objects inherit.
      const value: unknown = Object.hasOwn(labels, name) ? labels[name] : undefined;
      return value === undefined ? '' : wellFormed(labelValueText(value, name, this.#metricName));
    });
    const key = JSON.stringify(values);
    if (this.#seen.has(key)) throw this.#error(RangeError, `each label set once, got ${key} twice`);
    this.#seen.add(key);
    return values;
  }

  #ratio(ratio: unknown): Ratio | undefined {
    if (ratio === undefined) return undefined;
    const [numerator, denominator] = Array.isArray(ratio) ? (ratio as unknown[]) : [];
    if (typeof numerator === 'number' && typeof denominator === 'number') {
      if (denominator >= 0 && denominator < Infinity) return [numerator, denominator];
    }
    throw this.#error(TypeError, 'a ratio to be a numerator and a denominator that is finite and at least 0');
  }

  #bucketExemplars(given: unknown, upperBounds: readonly number[]): HistogramSeries['exemplars'] {
    if (given === undefined) return undefined;
    const bucketCount = upperBounds.length + 1;
    if (!Array.isArray(given) || given.length > bucketCount) {
      const got = Array.isArray(given) ? `${given.length} of them` : describe(given);
      throw this.#error(
        TypeError,
        `exemplars as an array with at most one for each of the ${bucketCount} buckets, got ${got}`,
      );
    }
    return Array.from(given, (collected: CollectedExemplar | undefined, bucket) => {
      const exemplar = this.#exemplar(collected);
      if (exemplar === undefined) return undefined;
      const expected = upperBounds.findIndex((bound) => exemplar.value <= bound);
      if ((expected === -1 ? upperBounds.length : expected) === bucket) return exemplar;
      throw this.#error(
        RangeError,
        `the value of each exemplar to lie in its bucket, got ${exemplar.value} in bucket ${bucket}`,
      );
    });
  }

  #exemplar(exemplar: CollectedExemplar | undefined): Exemplar | undefined {
    if (exemplar === undefined) return undefined;
    const { value, timestampSeconds, labels } = exemplar ?? {};
    if (typeof value !== 'number' || !['number', 'undefined'].includes(typeof timestampSeconds)) {
      throw this.#error(TypeError, "an exemplar's value and timestampSeconds to be numbers");
    }
    if (timestampSeconds !== undefined && !isUnixTime(timestampSeconds)) {
      throw this.#error(
        RangeError,
        `an exemplar's timestampSeconds as a time in seconds since 1970, before the year 10000, got ${timestampSeconds}`,
      );
    }
    return { labels: checkExemplarLabels(labels, this.#metricName), value, timestampSeconds };
  }

  #error(ErrorClass: ErrorConstructor, expected: string): Error {
    const kind = this.#type === 'unknown' ? 'metric' : this.#type;
    return new ErrorClass(`Cannot collect ${kind} "${this.#metricName}": expected ${expected}.`);
  }
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
