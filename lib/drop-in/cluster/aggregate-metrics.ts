import { describe } from '../../model/names.ts';
import type { MetricObjectWithValues } from '../metric-object.ts';
import { AggregatedMetric } from './aggregated-metric.ts';
import { type AggregatorFunction, aggregators } from './aggregators.ts';

/**
 * Makes one metric of each name of what several registries gave as JSON, by the aggregator that the first of that name
 * has. Throws a TypeError on what is no such JSON, a RangeError on an aggregator that there is none of.
 */
export function aggregateMetrics(metricsOfRegistries: readonly object[]): AggregatedMetric[] {
  const byName = new Map<string, MetricObjectWithValues[]>();
  for (const metric of (metricsOfRegistries as readonly (readonly MetricObjectWithValues[])[]).flat()) {
    if (!Array.isArray(metric?.values)) {
      throw new TypeError(`Cannot aggregate metrics: expected lists of metrics as getMetricsAsJSON() gives them, got ${describe(metric)}.`);
    }
    const same = byName.get(metric.name);
    if (same === undefined) byName.set(metric.name, [metric]);
    else same.push(metric);
  }
  return [...byName.values()].flatMap(aggregate);
}

function aggregate(metrics: readonly MetricObjectWithValues[]): AggregatedMetric[] {
  const { name, aggregator = 'sum' } = metrics[0]!;
  const merge = typeof aggregator === 'string' ? (aggregators as Partial<Record<string, AggregatorFunction>>)[aggregator] : undefined;
  if (typeof merge !== 'function') {
    throw new RangeError(`Cannot aggregate metric ${describe(name)}: '${typeof aggregator === 'string' ? aggregator : describe(aggregator)}' is not a defined aggregator. Expected one of aggregators.`);
  }
  const merged = merge(metrics);
  return merged === undefined ? [] : [new AggregatedMetric(merged)];
}
