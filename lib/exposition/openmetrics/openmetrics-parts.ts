import type { Family, MetricType } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { SUM_AND_COUNT, type TotalSuffixes } from '../text/kept-family-lines.ts';
import { withoutSuffix } from './without-suffix.ts';

/** How a family is called in OpenMetrics. */
export interface OpenMetricsParts {
  readonly type: MetricType;
  /** Of the family, escaped. */
  readonly name: string;
  /** What its samples' names begin with, escaped; a histogram's add their own suffixes. */
  readonly sampleName: string;
  readonly totalSuffixes: TotalSuffixes;
}

/** Returns how a family is called in OpenMetrics; `isFree` says whether a counter or an info can have its name there. */
export function openMetricsParts(family: Family, isFree: boolean, names: NameScheme): OpenMetricsParts {
  const name = names.metric(family.name);
  const { type } = family;
  switch (type) {
    case 'counter':
      if (!isFree) return { type: 'unknown', name, sampleName: name, totalSuffixes: SUM_AND_COUNT };
      return { type, name: withoutSuffix(name, '_total'), sampleName: `${withoutSuffix(name, '_total')}_total`, totalSuffixes: SUM_AND_COUNT };
    case 'info':
      if (!isFree) return { type: 'gauge', name, sampleName: name, totalSuffixes: SUM_AND_COUNT };
      return { type, name: withoutSuffix(name, '_info'), sampleName: name, totalSuffixes: SUM_AND_COUNT };
    case 'gaugehistogram':
      return { type, name, sampleName: name, totalSuffixes: ['_gsum', '_gcount'] };
    default:
      return { type, name, sampleName: name, totalSuffixes: SUM_AND_COUNT };
  }
}
