import type { Family } from '../model/family.ts';
import { FrozenHistogram, FrozenNumber, FrozenSummary } from '../model/frozen-series.ts';

/**
 * Returns a copy of a family with its current values.
 *
 * A metric with an asynchronous `collect` is copied when a run ends. The next run may begin, and empty the metric before it
 * fills it again, while a slow reader of this scrape is still being served. All other metrics are read live, without a copy.
 */
export function snapshotOf(family: Family): Family {
  const { name, help, unit, labelNames, constantLabels, createdSeconds, aggregator, hasExemplars } = family;
  const head = {
    name,
    help,
    unit,
    labelNames,
    constantLabels,
    createdSeconds,
    aggregator,
    hasExemplars,
    cache: new Map<string, object>(),
  };
  switch (family.type) {
    case 'histogram':
    case 'gaugehistogram':
      return {
        ...head,
        type: family.type,
        upperBounds: family.upperBounds,
        series: family.series.map((one) => new FrozenHistogram(one)),
      };
    case 'summary':
      return {
        ...head,
        type: family.type,
        quantiles: family.quantiles,
        series: family.series.map((one) => new FrozenSummary(one)),
      };
    default:
      return { ...head, type: family.type, series: family.series.map((one) => new FrozenNumber(one)) };
  }
}
