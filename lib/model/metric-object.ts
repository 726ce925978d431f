import type { Aggregator, Exemplar, MetricType, Ratio } from './family.ts';
import { type Sample, type Sampled, samplesOf } from './samples.ts';

/** An exemplar as prom-client shows it. */
export interface ExemplarObject {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp?: number | undefined;
}

/** One sample, as prom-client shows it. */
export interface MetricValue<L extends string = string> {
  value: number;
  /** Label values as they are exposed, so as text; of a bucket its bound `le`, of a quantile `quantile`, as a number. */
  labels: Partial<Record<L, string | number>>;
  /** Where there is one; of a bucket without one, null. */
  exemplar?: ExemplarObject | null;
  /** Numerator and denominator of a gauge that was set by `setRatio()`; the aggregator `ratio` merges them. */
  ratio?: Ratio;
}

/** One sample of a histogram or summary; its own name is there where it differs from the metric's. */
export interface MetricValueWithName<L extends string = string> extends MetricValue<L> {
  metricName?: string;
}

/** A metric's metadata. */
export interface MetricObject {
  name: string;
  help: string;
  type: MetricType;
  aggregator: Aggregator;
}

/** A metric and its values at one moment, as prom-client shows it: plain objects, for `JSON.stringify()`. */
export interface MetricObjectWithValues<V extends MetricValue = MetricValueWithName> extends MetricObject {
  values: V[];
}

/** Returns a copy of a metric's or family's values, in the shape that prom-client gives them. */
export function metricObject(
  metric: Sampled & { readonly name: string; readonly help: string },
  aggregator: Aggregator = 'sum',
): MetricObjectWithValues {
  const { name, help, type } = metric;
  return { help, name, type, values: Array.from(samplesOf(metric), (sample) => metricValue(name, sample)), aggregator };
}

function metricValue(name: string, sample: Sample): MetricValueWithName {
  const { suffix, value, le, quantile, exemplar, ratio } = sample;
  const labels: Record<string, string | number> = { ...sample.labels };
  if (le !== undefined) labels['le'] = le === Infinity ? '+Inf' : le;
  if (quantile !== undefined) labels['quantile'] = quantile;
  const metricValue: MetricValueWithName = { value, labels };
  if (suffix !== '') metricValue.metricName = name + suffix;
  if (exemplar !== undefined) metricValue.exemplar = exemplarObject(exemplar);
  else if (suffix === '_bucket') metricValue.exemplar = null;
  if (ratio !== undefined) metricValue.ratio = ratio;
  return metricValue;
}

function exemplarObject({ labels, value, timestampSeconds }: Exemplar): ExemplarObject {
  return { labelSet: labels, value, timestamp: timestampSeconds };
}
