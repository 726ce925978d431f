import type { Family, MetricType } from '../model/family.ts';
import { underscoredLabelName, underscoredMetricName } from '../model/names.ts';

/** A family as promlint reads it from the text format 0.0.4, which has fewer types, and no names beyond ASCII. */
export interface LintedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';
  /** Constant labels too, but not the `le` of a histogram's buckets nor the `quantile` of a summary. */
  readonly labelNames: readonly string[];
  /** Whether two series have the same labels. */
  readonly hasDuplicates: boolean;
}

/** Returns the parts of a family that are linted. */
export function lintedFamily(family: Family): LintedFamily {
  const { name, help, labelNames, constantLabels, series } = family;
  return {
    name: underscoredMetricName(name),
    help,
    type: TYPES[family.type],
    labelNames: [...labelNames, ...constantLabels.map(([label]) => label)].map(underscoredLabelName),
    hasDuplicates: new Set(series.map(({ labelValues }) => JSON.stringify(labelValues))).size < series.length,
  };
}

/** The text encoder has the same; to share it would cut the bundle of the first scrape in two. */
const TYPES: Readonly<Record<MetricType, LintedFamily['type']>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  gaugehistogram: 'histogram',
  unknown: 'untyped',
};
