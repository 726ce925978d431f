import type { Gatherer } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { register } from '../registry/register.ts';

/** What a worker reports. */
export interface ReportOptions {
  /** The registry whose metrics are reported; the default registry unless given. */
  readonly registry?: Gatherer;
  /**
   * Seconds between reports that nobody asks for; 5 unless given, `Infinity` for none. What was counted since the last
   * report is lost when the worker crashes.
   */
  readonly intervalSeconds?: number;
}

/** Returns the options with what is left out filled in. Throws a TypeError or RangeError on one that is none. */
export function checkReportOptions({ registry = register, intervalSeconds = 5 }: ReportOptions): Required<ReportOptions> {
  if (typeof registry?.gather !== 'function') {
    throw new TypeError(`Cannot report metrics: expected registry to be a registry, got ${describe(registry)}.`);
  }
  if (typeof intervalSeconds !== 'number' || !(intervalSeconds > 0)) {
    throw new RangeError(`Cannot report metrics: expected intervalSeconds above 0, got ${describe(intervalSeconds)}.`);
  }
  return { registry, intervalSeconds };
}
