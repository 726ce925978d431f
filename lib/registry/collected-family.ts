import { checkBuckets } from '../model/buckets.ts';
import type { CollectedFamily, CollectedSeries } from '../model/collector.ts';
import { type Family, isUnixTime, METRIC_TYPES } from '../model/family.ts';
import { checkAggregator } from '../model/metric.ts';
import {
  checkHelp,
  checkLabelNames,
  checkMetricName,
  checkUnit,
  describe,
  type NameValidationScheme,
  refuse,
} from '../model/names.ts';
import { CollectedSeriesReader } from './collected-series.ts';
import { type ConstantLabels, withoutOwn } from './registered-family.ts';

/** The labels that a registry adds to a collector's families, and its rules for names. */
export interface CollectedContext {
  readonly prefix: string;
  readonly constantLabels: ConstantLabels;
  readonly nameValidationScheme: NameValidationScheme;
}

/**
 * Returns what encoders read for a family that a custom collector returned. Everything is checked, as for a metric's
 * constructor, since it comes from outside: throws a TypeError or RangeError on anything that could not be exposed.
 */
export function familyOfCollected(collected: CollectedFamily, context: CollectedContext): Family {
  const { name, help, type = 'unknown', unit = '', series: given, createdSeconds, aggregator } = collected;
  const { prefix, constantLabels, nameValidationScheme } = context;
  checkMetricName(name, nameValidationScheme);
  checkMetricName(prefix + name, nameValidationScheme);
  checkHelp(help, name);
  checkUnit(unit, name, type);
  checkAggregator(aggregator, name);
  const series = checkSeries(given, name);
  if (createdSeconds !== undefined && !isUnixTime(createdSeconds)) {
    const ErrorClass = typeof createdSeconds === 'number' ? RangeError : TypeError;
    throw new ErrorClass(
      `Cannot collect metric "${name}": expected createdSeconds as a time in seconds since 1970, before the year 10000, ` +
        `got ${describe(createdSeconds)}.`,
    );
  }
  const ownLabels = labelNamesOf(series);
  checkLabelNames(ownLabels, name, nameValidationScheme);
  const labelNames = type === 'stateset' ? [...ownLabels, prefix + name] : ownLabels;
  const head = {
    name: prefix + name,
    help,
    unit,
    labelNames,
    constantLabels: withoutOwn(constantLabels, labelNames),
    createdSeconds,
    aggregator,
    hasExemplars: series.some(
      (one: CollectedSeries & { exemplar?: unknown; exemplars?: unknown }) =>
        (one.exemplar ?? one.exemplars) !== undefined,
    ),
    cache: new Map<string, object>(),
  };
  const reader = new CollectedSeriesReader(name, type, ownLabels);
  switch (type) {
    case 'counter':
      return { ...head, type, series: series.map((one) => reader.counter(one)) };
    case 'gauge':
    case 'unknown':
      return { ...head, type, series: series.map((one) => reader.number(one)) };
    case 'info':
      if (!name.endsWith('_info')) {
        throw new RangeError(`Cannot collect info "${name}": expected a name that ends with "_info".`);
      }
      return { ...head, type, series: series.map((one) => reader.info(one)) };
    case 'stateset':
      if (name.includes(':')) {
        throw new RangeError(`Cannot collect stateset "${name}": expected a name that can be a label's, without ":".`);
      }
      checkLabelNames(labelNames, name, nameValidationScheme); // once more: the state is in a label too
      return { ...head, type, series: series.flatMap((one) => reader.states(one)) };
    case 'histogram':
    case 'gaugehistogram': {
      const upperBounds = checkBuckets(collected.upperBounds, name);
      return { ...head, type, upperBounds, series: series.map((one) => reader.histogram(one, upperBounds)) };
    }
    case 'summary': {
      const quantiles = checkQuantiles(collected.quantiles ?? [], name);
      return { ...head, type, quantiles, series: series.map((one) => reader.summary(one, quantiles)) };
    }
    default:
      refuse(`collect metric "${name}"`, `type ${METRIC_TYPES.join(', ')}`, type, RangeError);
  }
}

/** Returns a copy of the series, each of which is an object. A hole becomes undefined, and is refused. */
function checkSeries(given: unknown, name: string): CollectedSeries[] {
  if (!Array.isArray(given)) {
    refuse(`collect metric "${name}"`, 'series as an array', given);
  }
  const series = Array.from<unknown>(given);
  const wrong = series.findIndex((one) => typeof one !== 'object' || one === null);
  if (wrong === -1) return series as CollectedSeries[];
  refuse(`collect metric "${name}"`, 'each series to be an object', series[wrong]);
}

/** All label names of the family: a series that lacks one has it with an empty value. */
function labelNamesOf(series: readonly CollectedSeries[]): string[] {
  return [...new Set(series.flatMap((one) => Object.keys(one.labels ?? {})))];
}

function checkQuantiles(given: readonly number[], name: string): readonly number[] {
  const quantiles: readonly unknown[] = Array.isArray(given) ? [...given] : [NaN];
  const isGood = (quantile: unknown, i: number): boolean =>
    typeof quantile === 'number' &&
    quantile >= 0 &&
    quantile <= 1 &&
    (i === 0 || quantile > (quantiles[i - 1] as number));
  if (quantiles.every(isGood)) return quantiles as readonly number[];
  throw new RangeError(
    `Cannot collect summary "${name}": expected quantiles from 0 to 1 in strictly increasing order.`,
  );
}
