import type { Aggregator } from '../model/aggregator.ts';
import type { Metric } from '../model/metric.ts';
import { type MetricObjectWithValues, metricObject } from './metric-object.ts';

/** Brings a metric up to date by its `collect`, and returns its values; rejects as `collect` does. */
export async function currentValues(metric: Metric, aggregator: Aggregator): Promise<MetricObjectWithValues> {
  await metric.collect?.();
  return metricObject(metric, aggregator);
}
