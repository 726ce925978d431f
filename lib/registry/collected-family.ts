import { checkBuckets } from '../model/buckets.ts';
import type { CollectedFamily, CollectedSeries } from '../model/collector.ts';
import type { Family, HistogramSeries, NumberSeries } from '../model/family.ts';
import { labelValueText, wellFormed } from '../model/label-value.ts';
import { checkHelp, checkLabelNames, checkMetricName, describe } from '../model/names.ts';
import type { ConstantLabels } from './registered-family.ts';

/**
 * Returns what encoders read for a family that a custom collector returned. Everything is checked, as for a metric's
 * constructor, since it comes from outside: throws a TypeError or RangeError on anything that could not be exposed.
 */
export function familyOfCollected(collected: CollectedFamily, prefix: string, constantLabels: ConstantLabels): Family {
  const { name, help, type = 'unknown', unit = '', series } = collected;
  checkMetricName(name);
  checkHelp(help, name);
  if (!Array.isArray(series)) {
    throw new TypeError(`Cannot collect metric "${name}": expected series as an array, got ${describe(series)}.`);
  }
  const labelNames = labelNamesOf(series);
  checkLabelNames(labelNames, name);
  const head = {
    name: prefix + name,
    help,
    unit,
    labelNames,
    constantLabels: constantLabels.filter(([constant]) => !labelNames.includes(constant)),
    memo: new Map<string, object>(),
  };
  const labelSets = new LabelSets(name, labelNames);
  switch (type) {
    case 'counter':
    case 'gauge':
    case 'unknown':
      return { ...head, type, series: series.map((one) => numberSeries(one, labelSets)) };
    case 'histogram': {
      const upperBounds = checkBuckets(collected.upperBounds, name);
      return { ...head, type, upperBounds, series: series.map((one) => histogramSeries(one, labelSets, upperBounds)) };
    }
    default:
      throw new RangeError(
        `Cannot collect metric "${name}": expected type counter, gauge, histogram or unknown, got ${describe(type)}.`,
      );
  }
}

/** All label names of the family: a series that lacks one has it with an empty value. */
function labelNamesOf(series: readonly CollectedSeries[]): string[] {
  return [...new Set(series.flatMap((one) => Object.keys(one?.labels ?? {})))];
}

/** The label values of a family's series, each set of them once. */
class LabelSets {
  readonly metricName: string;
  readonly #labelNames: readonly string[];
  readonly #seen = new Set<string>();

  constructor(metricName: string, labelNames: readonly string[]) {
    this.metricName = metricName;
    this.#labelNames = labelNames;
  }

  take(labels: CollectedSeries['labels'] = {}): string[] {
    const values = this.#labelNames.map((name) => {
      // hasOwn: a missing label called `constructor` would find the one that objects inherit.
      const value: unknown = Object.hasOwn(labels, name) ? labels[name] : undefined;
      return value === undefined ? '' : wellFormed(labelValueText(value, name, this.metricName));
    });
    const key = JSON.stringify(values);
    if (this.#seen.has(key)) {
      throw new RangeError(`Cannot collect metric "${this.metricName}": expected each label set once, got ${key} twice.`);
    }
    this.#seen.add(key);
    return values;
  }
}

function numberSeries(one: CollectedSeries, labelSets: LabelSets): NumberSeries {
  const labelValues = labelSets.take(one?.labels);
  if ('value' in one && typeof one.value === 'number') return { labelValues, value: one.value };
  throw new TypeError(`Cannot collect metric "${labelSets.metricName}": expected each series to have a value that is a number.`);
}

function histogramSeries(one: CollectedSeries, labelSets: LabelSets, upperBounds: readonly number[]): HistogramSeries {
  const labelValues = labelSets.take(one?.labels);
  if ('bucketCounts' in one && areCounts(one.bucketCounts, upperBounds.length + 1) && typeof one.sum === 'number') {
    return { labelValues, bucketCounts: [...one.bucketCounts], sum: one.sum };
  }
  throw new TypeError(
    `Cannot collect histogram "${labelSets.metricName}": expected each series to have a sum and ` +
      `${upperBounds.length + 1} bucketCounts, whole numbers and one more than upperBounds.`,
  );
}

function areCounts(counts: unknown, length: number): boolean {
  if (!Array.isArray(counts) || counts.length !== length) return false;
  for (const count of counts) if (!Number.isInteger(count) || count < 0) return false; // every() would skip holes
  return true;
}
