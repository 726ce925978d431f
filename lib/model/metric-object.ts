import type { Aggregator, Exemplar, MetricType, Ratio } from './family.ts';
import type { LabelValue } from './label-value.ts';
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
  /**
   * Label values, numbers and booleans as they were passed; of a bucket its bound `le`, of a quantile `quantile`, as a number.
   */
  labels: Partial<Record<L, string | number>>;
  /** Where there is one; null of a bucket without one, but undefined of `+Inf` of a histogram with `enableExemplars`. */
  exemplar?: ExemplarObject | null | undefined;
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

/** Returns the value that was passed for a constant label whose exposed value is `text`. */
export type PassedLabelValue = (labelName: string, text: string) => LabelValue;

/**
 * Returns a copy of a metric's or family's values, in the shape that prom-client gives them, to the order of the fields.
 * Its types are those that prom-client has: where its programs aggregate the object, they write the type as it is.
 * `enableExemplars` is the option of the metric.
 */
export function metricObject(
  metric: Sampled & { readonly name: string; readonly help: string; readonly aggregator?: Aggregator | undefined },
  enableExemplars: boolean,
  passedConstant: PassedLabelValue = (_, text) => text,
): MetricObjectWithValues {
  const { name, help } = metric;
  const type = TYPES[metric.type] ?? metric.type;
  const noneAbove = enableExemplars ? undefined : null;
  const values = Array.from(samplesOf(metric), (sample) =>
    metricValue(name, type, sample, labelsOf(metric, sample, passedConstant), noneAbove),
  );
  const aggregator = aggregatorOf(metric);
  return HAS_HELP_FIRST.has(type) ? { help, name, type, values, aggregator } : { name, help, type, values, aggregator };
}

const TYPES: Readonly<Partial<Record<MetricType, MetricType>>> = { info: 'gauge', stateset: 'gauge' };
const HAS_HELP_FIRST: ReadonlySet<MetricType> = new Set(['counter', 'gauge']);

/** Returns the aggregator that keeps an info at 1, and a state at 0 or 1. */
function aggregatorOf({
  type,
  aggregator = 'sum',
}: {
  type: MetricType;
  aggregator?: Aggregator | undefined;
}): Aggregator {
  if (aggregator === 'omit') return aggregator;
  switch (type) {
    case 'info':
      return 'first';
    case 'stateset':
      return aggregator === 'min' || aggregator === 'first' ? aggregator : 'max';
    default:
      return aggregator;
  }
}

/** Returns the labels with the values that were passed, `le` or `quantile` first. */
function labelsOf(
  { labelNames }: Sampled,
  { series, labels: texts, le, quantile }: Sample,
  passedConstant: PassedLabelValue,
): Record<string, string | number> {
  const labels: Record<string, LabelValue> = {};
  if (le !== undefined) labels['le'] = le === Infinity ? '+Inf' : le;
  if (quantile !== undefined) labels['quantile'] = quantile;
  const passed = series.passedLabelValues ?? series.labelValues;
  for (let i = 0; i < labelNames.length; i++) labels[labelNames[i]!] = passed[i]!;
  for (const [name, text] of Object.entries(texts)) {
    if (!Object.hasOwn(labels, name)) labels[name] = passedConstant(name, text);
  }
  return labels as Record<string, string | number>; // booleans too, of which prom-client's types do not tell
}

function metricValue(
  name: string,
  type: MetricType,
  sample: Sample,
  labels: Record<string, string | number>,
  noneAbove: null | undefined,
): MetricValueWithName {
  const { suffix, value, le, quantile, ratio } = sample;
  const metricName = name + suffix;
  const exemplar = sample.exemplar && exemplarObject(sample.exemplar);
  if (suffix === '_bucket') {
    return { value, metricName, exemplar: exemplar ?? (le === Infinity ? noneAbove : null), labels };
  }
  if (quantile !== undefined) return { labels, value };
  if (suffix !== '') return type === 'histogram' ? { value, metricName, labels } : { metricName, labels, value };
  return { value, labels, ...(exemplar && { exemplar }), ...(ratio && { ratio }) };
}

function exemplarObject({ labels, value, timestampSeconds }: Exemplar): ExemplarObject {
  return { labelSet: labels, value, timestamp: timestampSeconds };
}
