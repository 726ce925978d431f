import type { Family, NumberSeries } from '../model/family.ts';
import { wellFormed } from '../model/label-value.ts';
import type { CollectorRun } from './collector-run.ts';
import { COLLECTOR_FAILURES, OVERFLOWED_UPDATES } from './name-owners.ts';
import type { ConstantLabels, RegisteredFamily } from './registered-family.ts';

/**
 * Returns a registry's metrics about itself: updates lost to overflow series by metric, failed runs by collector. Empty
 * until there is such an event, so that a registry exposes only its user's metrics.
 */
export function selfFamilies(
  families: readonly RegisteredFamily[],
  collectors: readonly { readonly run: CollectorRun<unknown> | undefined }[],
  constantLabels: ConstantLabels,
): Family[] {
  const overflowed = new Map<string, number>();
  const failures = new Map<string, number>();
  const count = (run: CollectorRun<unknown> | undefined): void => {
    if (run !== undefined && run.failures > 0) failures.set(run.name, (failures.get(run.name) ?? 0) + run.failures);
  };
  for (const family of families) {
    const updates = overflowedUpdatesOf(family);
    if (updates > 0) overflowed.set(family.name, updates);
    count(family.run);
  }
  for (const { run } of collectors) count(run);
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

/** As the metric counts them; 0 if it does not, or cannot be asked. */
function overflowedUpdatesOf({ metric }: RegisteredFamily): number {
  try {
    return Number(metric.overflowedUpdates);
  } catch {
    return 0;
  }
}

function counterFamily(
  name: string,
  help: string,
  labelName: string,
  counts: ReadonlyMap<string, number>,
  allConstantLabels: ConstantLabels,
): Family {
  const constantLabels = allConstantLabels.filter(([constant]) => constant !== labelName);
  const series: NumberSeries[] = Array.from(counts, ([labelValue, value]) => ({
    labelValues: [wellFormed(labelValue)], // a collector's name may be any text
    value,
  }));
  return { name, help, type: 'counter', unit: '', labelNames: [labelName], constantLabels, series, cache: new Map() };
}
