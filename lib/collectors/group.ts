import type { CollectedFamily } from '../model/collector.ts';
import type { Aggregator } from '../model/family.ts';

/** Metric families that are read together, so that their values agree, and left out together. */
export interface Group {
  /** Reads the families; `undefined` for one whose value is unavailable. */
  collect(): readonly (CollectedFamily | undefined)[];
  /** Releases what the group holds between scrapes; most hold nothing. */
  stop?(): void;
}

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
