import type { Aggregator } from '../../model/aggregator.ts';
import type { MetricObjectWithValues, MetricValueWithName } from '../metric-object.ts';

/** Makes one metric of several processes' metrics of one name; undefined leaves it out. */
export type AggregatorFunction = (metrics: readonly MetricObjectWithValues[]) => MetricObjectWithValues | undefined;

/**
 * What the option `aggregator` of a metric names, for metrics as `getMetricsAsJSON()` gives them: values of the same name and
 * labels become one. Name, help and type are those of the first metric. Of none there is none: undefined.
 *
 * @example
 * ```ts
 * const metric = (value: number) => ({
 *   name: 'jobs', help: 'Jobs.', type: 'gauge' as const, aggregator: 'max' as const, values: [{ value, labels: {} }],
 * });
 * aggregators.max([metric(1), metric(3)])?.values; // [{ value: 3, labels: {} }]
 * ```
 */
export const aggregators: Record<Aggregator, AggregatorFunction> = {
  sum: aggregatorOf(sum),
  first: aggregatorOf(([first]) => first!),
  omit: () => undefined,
  average: aggregatorOf(average),
  ratio: aggregatorOf((values, all) => ratioOf(all) ?? average(values)),
  min: aggregatorOf((values) => values.reduce((least, value) => Math.min(least, value))),
  max: aggregatorOf((values) => values.reduce((most, value) => Math.max(most, value))),
};

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value);
}

function average(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** The sum of the numerators by that of the denominators; undefined if all of these are 0. */
function ratioOf(all: readonly MetricValueWithName[]): number | undefined {
  const ratios = all.map(({ value, ratio }) => ratio ?? [value, 1]).filter(([, denominator]) => denominator > 0);
  return ratios.length === 0 ? undefined : sum(ratios.map(([numerator]) => numerator)) / sum(ratios.map(([, denominator]) => denominator));
}

/** `merge` gets the numbers, at least one, and the values that they are of. NaN, which JSON turns into null, is skipped. */
function aggregatorOf(merge: (numbers: readonly number[], values: readonly MetricValueWithName[]) => number): AggregatorFunction {
  return (metrics) => {
    const [first] = metrics;
    if (first === undefined) return undefined;
    const byLabels = new Map<string, MetricValueWithName[]>();
    for (const value of metrics.flatMap(({ values }) => values)) {
      const key = keyOf(value);
      const same = byLabels.get(key);
      if (same === undefined) byLabels.set(key, [value]);
      else same.push(value);
    }
    const values = Array.from(byLabels.values(), (same) => {
      const { labels, metricName } = same[0]!;
      const known = same.filter(({ value }) => value !== null && !Number.isNaN(value));
      const value = known.length === 0 ? NaN : merge(known.map((one) => one.value), known);
      return { value, labels, ...(metricName === undefined ? {} : { metricName }) };
    });
    const { help, name, type, aggregator } = first;
    return { help, name, type, values, aggregator };
  };
}

/** Stands for the name and labels of a value, in whatever order they are; as JSON, no two sets have the same. */
function keyOf({ metricName, labels }: MetricValueWithName): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([metricName, ...sorted.map(([name, value]) => [name, String(value)])]);
}
