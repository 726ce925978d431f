import type { MetricType } from '../model/family.ts';
import type { TotalSuffixes } from './kept-family-lines.ts';

/** How a family is called in OpenMetrics. */
export interface OpenMetricsParts {
  readonly type: MetricType;
  /** Of the family, escaped. */
  readonly name: string;
  /** What its samples' names begin with, escaped; a histogram's add their own suffixes. */
  readonly sampleName: string;
  readonly totalSuffixes: TotalSuffixes;
}
