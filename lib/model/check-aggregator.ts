import type { Aggregator } from './aggregator.ts';
import { describe } from './names.ts';

const AGGREGATORS: readonly unknown[] = [
  'sum',
  'min',
  'max',
  'average',
  'ratio',
  'first',
  'omit',
] satisfies readonly Aggregator[];

/**
 * Throws a RangeError unless `aggregator` is one, or undefined. Which of them mean something for a type is not checked:
 * code that comes from prom-client gives counters any of them.
 */
export function checkAggregator(aggregator: unknown, metricName: string): asserts aggregator is Aggregator | undefined {
  if (aggregator === undefined || AGGREGATORS.includes(aggregator)) return;
  throw new RangeError(
    `Cannot create metric "${metricName}": expected aggregator "sum", "min", "max", "average", "ratio", "first" or "omit", ` +
      `got ${describe(aggregator)}.`,
  );
}
