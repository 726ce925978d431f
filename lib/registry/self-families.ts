import type { Family, NumberSeries } from '../model/family.ts';
import type { CollectorRun } from './collector-run.ts';
import type { ConstantLabels } from './constant-labels.ts';
import type { RegisteredFamily } from './registered-family.ts';

const OVERFLOWED_UPDATES = 'metrics_client_overflowed_updates_total';
const COLLECTOR_FAILURES = 'metrics_client_collector_failures_total';

/** The names that a registry keeps for itself. */
export const SELF_FAMILY_NAMES: readonly string[] = [OVERFLOWED_UPDATES, COLLECTOR_FAILURES];

/**
 * Returns a registry's metrics about itself: updates lost to overflow series by metric, failed runs by collector. Empty
 * until there is such an event, so that a registry exposes only its user's metrics.
 */
export function selfFamilies(
  families: Iterable<RegisteredFamily>,
  runs: Iterable<CollectorRun<unknown>>,
  constantLabels: ConstantLabels,
): Family[] {
  const overflowed = new Map<string, number>();
  for (const { name, overflowedUpdates } of families)
    if (overflowedUpdates > 0) overflowed.set(name, overflowedUpdates);
  const failures = new Map<string, number>();
  for (const { name, failures: count } of runs) if (count > 0) failures.set(name, (failures.get(name) ?? 0) + count);
  if (overflowed.size === 0 && failures.size === 0) return [];
  return [
    counterFamily(
      OVERFLOWED_UPDATES,
      'Updates that went to the overflow series of a metric, because it had reached its maxSeries.',
      'metric',
      overflowed,
      constantLabels,
    ),
    counterFamily(
      COLLECTOR_FAILURES,
      'Runs of a collector that failed or took too long, so that its metrics were missing from the scrape.',
      'collector',
      failures,
      constantLabels,
    ),
  ].filter((family) => family.series.length > 0);
}

function counterFamily(
  name: string,
  help: string,
  labelName: string,
  counts: ReadonlyMap<string, number>,
  allConstantLabels: ConstantLabels,
): Family {
  const constantLabels = allConstantLabels.filter(([constant]) => constant !== labelName);
  const series: NumberSeries[] = Array.from(counts, ([labelValue, value]) => ({ labelValues: [labelValue], value }));
  return { name, help, type: 'counter', unit: '', labelNames: [labelName], constantLabels, series, cache: new Map() };
}
