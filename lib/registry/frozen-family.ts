import type { Family } from '../model/family.ts';
import { FrozenHistogram, FrozenNumber, FrozenSummary } from '../model/frozen-series.ts';

/**
 * Returns a family with the values of this moment, its own from now on.
 *
 * A metric whose `collect` is asynchronous is read like this when a run ends: the next run may begin, and empty the
 * metric before it fills it again, while a slow reader of this scrape is still being served. Every other metric is read
 * live, which costs no copy.
 */
export function frozenFamily(family: Family): Family {
  const { name, help, unit, labelNames, constantLabels, createdSeconds, aggregator, hasExemplars } = family;
  const head = { name, help, unit, labelNames, constantLabels, createdSeconds, aggregator, hasExemplars, memo: new Map<string, object>() };
  switch (family.type) {
    case 'histogram':
    case 'gaugehistogram':
      return { ...head, type: family.type, upperBounds: family.upperBounds, series: family.series.map((one) => new FrozenHistogram(one)) };
    case 'summary':
      return { ...head, type: family.type, quantiles: family.quantiles, series: family.series.map((one) => new FrozenSummary(one)) };
    default:
      return { ...head, type: family.type, series: family.series.map((one) => new FrozenNumber(one)) };
  }
}
