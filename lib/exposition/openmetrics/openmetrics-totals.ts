import type { HistogramFamily, HistogramSeries } from '../../model/family.ts';

/**
 * Whether OpenMetrics allows a series to have a sum, and with it a count. Observations below 0 make a sum that falls, which
 * is no counter: a histogram with a negative bound must not have it, and one whose sum is negative all the same had better
 * not (OpenMetrics 1.0, "Histogram" and "GaugeHistogram"). The count is in the last bucket as well.
 */
export function mayHaveTotals({ type, upperBounds }: HistogramFamily, { sum }: HistogramSeries): boolean {
  const hasNegativeBound = upperBounds.length > 0 && upperBounds[0]! < 0;
  if (type === 'histogram') return sum >= 0 && !hasNegativeBound;
  return sum >= 0 || (sum < 0 && hasNegativeBound);
}
