import type { MetricType } from '../../model/family.ts';

// The numbers of the messages in io/prometheus/client/metrics.proto.

/** `MetricFamily.metric`. */
export const METRIC_FIELD = 4;

/** The field of `Metric` that holds the value, by the type of the family. */
export const VALUE_FIELDS: Readonly<Record<MetricType, number>> = {
  gauge: 2,
  info: 2,
  stateset: 2,
  counter: 3,
  summary: 4,
  unknown: 5,
  histogram: 7,
  gaugehistogram: 7,
};

/** The number of `MetricType`, by the type of the family. */
export const TYPE_NUMBERS: Readonly<Record<MetricType, number>> = {
  counter: 0,
  gauge: 1,
  info: 1,
  stateset: 1,
  summary: 2,
  unknown: 3,
  histogram: 4,
  gaugehistogram: 5,
};

/** The start timestamp (`created_timestamp` in older versions) of a Counter, a Summary and a Histogram. */
export const COUNTER_START_FIELD = 3;
export const SUMMARY_START_FIELD = 4;
export const HISTOGRAM_START_FIELD = 15;
