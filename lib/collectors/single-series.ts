import type { CollectedFamily } from '../model/collector.ts';
import type { Aggregator } from '../model/family.ts';

/** Returns a family of one series without labels; `undefined` if there is no value, or it is not a number. */
export function singleSeries(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  value: number | undefined,
  aggregator: Aggregator = 'sum',
): CollectedFamily | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : { name, help, type, aggregator, series: [{ value }] };
}
