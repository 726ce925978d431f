import type { Aggregator } from '../model/family.ts';
import type { MetricObjectWithValues, MetricValueWithName } from '../model/metric-object.ts';
import { describe, refuse } from '../model/names.ts';

/** Merges the metrics of one name from several processes; undefined leaves the metric out. */
export type AggregatorFunction = (metrics: readonly MetricObjectWithValues[]) => MetricObjectWithValues | undefined;

/**
 * The functions behind the option `aggregator`, for metrics as `getMetricsAsJSON()` returns them. Values of the same name and
 * labels are merged into one. Name, help and type are those of the first metric. Without metrics the result is undefined.
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

/** The sum of the numerators divided by the sum of the denominators; undefined if all denominators are 0. */
function ratioOf(all: readonly MetricValueWithName[]): number | undefined {
  const ratios = all.map(({ value, ratio }) => ratio ?? [value, 1]).filter(([, denominator]) => denominator > 0);
  return ratios.length === 0
    ? undefined
    : sum(ratios.map(([numerator]) => numerator)) / sum(ratios.map(([, denominator]) => denominator));
}

/** `merge` gets at least one number, and the values they come from. NaN, which JSON turns into null, is skipped. */
function aggregatorOf(
  merge: (numbers: readonly number[], values: readonly MetricValueWithName[]) => number,
): AggregatorFunction {
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
      const value =
        known.length === 0
          ? NaN
          : merge(
              known.map((one) => one.value),
              known,
            );
      return { value, labels, ...(metricName === undefined ? {} : { metricName }) };
    });
    const { help, name, type, aggregator } = first;
    return { help, name, type, values, aggregator };
  };
}

/** A key for the name and labels of a value, whatever their order. JSON keeps different label sets apart. */
function keyOf({ metricName, labels }: MetricValueWithName): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([metricName, ...sorted.map(([name, value]) => [name, String(value)])]);
}

/**
 * Merges the metrics that several registries returned as JSON, by name and by the aggregator of the first metric of that
 * name. Throws a TypeError on anything else, and a RangeError on an unknown aggregator.
 */
export function aggregateMetrics(metricsOfRegistries: readonly object[]): MetricObjectWithValues[] {
  const byName = new Map<string, MetricObjectWithValues[]>();
  for (const metric of (metricsOfRegistries as readonly (readonly MetricObjectWithValues[])[]).flat()) {
    if (!Array.isArray(metric?.values)) {
      refuse('aggregate metrics', 'lists of metrics as getMetricsAsJSON() returns them', metric);
    }
    const same = byName.get(metric.name);
    if (same === undefined) byName.set(metric.name, [metric]);
    else same.push(metric);
  }
  return [...byName.values()].flatMap(aggregate);
}

function aggregate(metrics: readonly MetricObjectWithValues[]): MetricObjectWithValues[] {
  const { name, aggregator = 'sum' } = metrics[0]!;
  const merge =
    typeof aggregator === 'string'
      ? (aggregators as Partial<Record<string, AggregatorFunction>>)[aggregator]
      : undefined;
  if (typeof merge !== 'function') {
    const got = typeof aggregator === 'string' ? aggregator : describe(aggregator);
    throw new RangeError(
      `Cannot aggregate metric ${describe(name)}: '${got}' is not a defined aggregator. Expected one of aggregators.`,
    );
  }
  const merged = merge(metrics);
  return merged === undefined ? [] : [merged];
}
