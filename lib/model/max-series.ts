import { describe } from './names.ts';
import { warn } from './warning.ts';

/** Series that a metric may hold unless its own option or its registry's says otherwise. */
export const DEFAULT_MAX_SERIES = 100_000;

/** Throws a RangeError unless `maxSeries` is a positive integer or `Infinity`. `owner` says what cannot be created. */
export function checkMaxSeries(maxSeries: unknown, owner: string): asserts maxSeries is number {
  if (maxSeries === Infinity || (Number.isInteger(maxSeries) && (maxSeries as number) > 0)) return;
  throw new RangeError(
    `Cannot create ${owner}: expected maxSeries to be a positive integer or Infinity, got ${describe(maxSeries)}.`,
  );
}

/** Tells the operator that a metric has reached its `maxSeries`, and what the labels of its overflow series are. */
export function warnOfOverflow(metricName: string, maxSeries: number, overflow: string): void {
  warn(
    'METRICS_TOO_MANY_SERIES',
    `Metric "${metricName}" has reached its ${maxSeries} series; further label values are counted in one series whose ` +
      `labels are "${overflow}". Use label values of a bounded set, or raise maxSeries.`,
  );
}
