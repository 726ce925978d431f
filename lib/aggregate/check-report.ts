import { checkBuckets } from '../model/buckets.ts';
import { checkExemplarLabels } from '../model/exemplar.ts';
import { type Exemplar, isUnixTime, METRIC_TYPES } from '../model/family.ts';
import { checkAggregator } from '../model/metric.ts';
import { checkHelp, checkLabelNames, checkMetricName, checkUnit, describe } from '../model/names.ts';
import { type ExemplarChange, type FamilyDescription, numbersPerSeries } from './message.ts';

// Reports are checked here before they are merged. A name, label, bound or number that a format cannot carry would make
// scrapers reject the metrics of all workers. Workers are not trusted: one may run another version, and any code in it can
// call `process.send()`.

/** More label names, bounds or quantiles than any real metric has. Each costs memory in every series. */
const MAX_PARTS = 10_000;

/** Throws a TypeError or RangeError unless every format can carry a family of this description. */
export function checkDescription(description: FamilyDescription): void {
  const { name, help, type, unit, labelNames, constantLabels, upperBounds, quantiles, aggregator } = description;
  const { isNative, isAlsoClassic } = description;
  checkMetricName(name, 'utf8');
  checkHelp(help, name);
  if (!METRIC_TYPES.includes(type)) refuse(name, 'a type of metric', describe(type));
  checkUnit(unit, name, type);
  checkAggregator(aggregator, name);
  if (checkBuckets(upperBounds, name).length < upperBounds.length) refuse(name, 'upper bounds without +Inf');
  if (isNative !== undefined && (isNative !== true || type !== 'histogram' || upperBounds[0]! <= 0))
    refuse(name, 'native buckets in a histogram with upper bounds above 0');
  if (isAlsoClassic !== undefined && (isAlsoClassic !== true || isNative !== true))
    refuse(name, 'classic buckets beside native ones');
  const isOrdered = (quantile: unknown, i: number): boolean =>
    typeof quantile === 'number' && quantile >= 0 && quantile <= 1 && (i === 0 || quantile > quantiles[i - 1]!);
  if (!Array.isArray(quantiles) || !quantiles.every(isOrdered))
    refuse(name, 'quantiles from 0 to 1 in strictly increasing order');
  if (!Array.isArray(labelNames) || !Array.isArray(constantLabels))
    refuse(name, 'label names and constant labels as arrays');
  checkLabelNames(labelNames, name, 'utf8');
  for (const label of constantLabels) {
    if (Array.isArray(label) && label.length === 2 && isText(label[1])) checkLabelNames([label[0]], name, 'utf8');
    else refuse(name, 'constant labels as pairs of name and value');
  }
  if (Math.max(upperBounds.length, quantiles.length, labelNames.length, constantLabels.length) > MAX_PARTS) {
    refuse(name, `at most ${MAX_PARTS} label names, bounds or quantiles`);
  }
  if (type === 'info' && !name.endsWith('_info')) refuse(name, 'an info to have a name that ends with "_info"');
  // The metric's name is the label of the states, so it must be a valid label name in every format.
  if (type === 'stateset' && (labelNames.at(-1) !== name || name.includes(':')))
    refuse(name, 'a state set with a label of its own name');
}

/** Throws a RangeError unless there are `count` label values, all of them well-formed strings. */
export function checkLabelValues(labelValues: readonly unknown[], count: number, metricName: string): void {
  // UTF-8 turns a lone surrogate into U+FFFD, which could make two series one. Reporters escape them, see `wellFormed()`.
  if (Array.isArray(labelValues) && labelValues.length === count && labelValues.every(isText)) return;
  refuse(metricName, `${count} label values as well-formed texts`);
}

/**
 * Throws a RangeError unless every format can carry the numbers from `start` to `end`, those of whole series; see
 * `numbersPerSeries()` for the layout. Called once per run of series: a call per series made gathers measurably slower.
 */
export function checkNumbers(description: FamilyDescription, numbers: Float64Array, start: number, end: number): void {
  const { type, name, aggregator } = description;
  const width = numbersPerSeries(description);
  switch (type) {
    case 'counter':
      for (let at = start; at < end; at++) {
        if (!(numbers[at]! >= 0)) refuse(name, 'a counter of at least 0', String(numbers[at]));
      }
      return;
    case 'histogram':
    case 'gaugehistogram':
      for (let at = start; at < end; at += width) checkCounts(name, numbers, at, at + width - 1);
      return;
    case 'summary':
      for (let at = start; at < end; at += width) checkCounts(name, numbers, at + width - 2, at + width - 1);
      return;
    case 'info':
      for (let at = start; at < end; at++) {
        if (numbers[at] !== 1) refuse(name, 'an info to be 1', String(numbers[at]));
      }
      return;
    case 'stateset':
      for (let at = start; at < end; at++) {
        if (numbers[at] !== 0 && numbers[at] !== 1) refuse(name, 'a state to be 0 or 1', String(numbers[at]));
      }
      return;
    case 'gauge':
    case 'unknown':
      if (aggregator !== 'ratio') return;
      for (let at = start + 1; at < end; at += width) {
        const denominator = numbers[at]!;
        if (denominator >= 0 && denominator < Infinity) continue;
        refuse(name, 'a denominator that is finite and at least 0', String(denominator));
      }
  }
}

/** Throws a RangeError unless `seconds` is a Unix time that every format can carry. */
export function checkSeconds(seconds: unknown, metricName: string): asserts seconds is number {
  if (isUnixTime(seconds)) return;
  refuse(metricName, 'a time as seconds from 1970 to 9999', describe(seconds));
}

/** Returns a reported exemplar. Throws a TypeError or RangeError unless its metric can have it. */
export function checkExemplar(change: ExemplarChange, description: FamilyDescription): Exemplar {
  const [, , bucket, labels, text, timestampSeconds] = change;
  const { name, type, upperBounds } = description;
  const value = typeof text === 'string' && text !== '' ? Number(text) : NaN;
  if (Number.isNaN(value) && text !== 'NaN')
    refuse(name, 'the value of an exemplar as the text of a number', describe(text));
  const hasBuckets = type === 'histogram' || type === 'gaugehistogram';
  if (!hasBuckets && type !== 'counter') refuse(name, 'exemplars on counters and histograms only');
  const first = hasBuckets ? upperBounds.findIndex((bound) => value <= bound) : 0;
  if (bucket !== (first < 0 ? upperBounds.length : first))
    refuse(name, 'an exemplar whose value lies in its bucket', describe(bucket));
  if (timestampSeconds === null || timestampSeconds === undefined)
    return { labels: checkExemplarLabels(labels, name), value };
  checkSeconds(timestampSeconds, name);
  return { labels: checkExemplarLabels(labels, name), value, timestampSeconds };
}

/** Returns the numbers per series of an invalid description, to skip them; undefined if that is unknown. */
export function widthOfRefused(description: unknown): number | undefined {
  const { upperBounds, quantiles } = (description ?? {}) as Partial<FamilyDescription>;
  return Array.isArray(upperBounds) && Array.isArray(quantiles)
    ? numbersPerSeries(description as FamilyDescription)
    : undefined;
}

function checkCounts(name: string, numbers: Float64Array, start: number, end: number): void {
  let total = 0;
  for (let i = start; i < end; i++) {
    const count = numbers[i]!;
    if (!(count >= 0 && Number.isInteger(count))) refuse(name, 'counts that are whole numbers', String(count));
    total += count;
  }
  if (total > Number.MAX_SAFE_INTEGER) refuse(name, 'a count below 2^53', String(total));
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed();
}

/** Throws the RangeError of a metric that cannot be merged. */
export function refuse(metricName: string, expected: string, got = 'something else'): never {
  throw new RangeError(`Cannot merge metric ${describe(metricName)} from a worker: expected ${expected}, got ${got}.`);
}
