import type { Family, HistogramFamily, Series, SummaryFamily } from '../model/family.ts';
import { refuse } from '../model/names.ts';
import { isThenable } from '../model/promises.ts';
import { seriesSnapshot } from '../model/snapshot.ts';
import { CollectorRun, type Outcome } from './collector-run.ts';
import type { RegisteredFamily } from './registered-family.ts';

/** The run that brings a metric with a `collect` up to date and reads it, or lets a metric with a `read` do both. */
export function runOf(family: RegisteredFamily): CollectorRun<Family | readonly Family[]> {
  family.run ??= new CollectorRun<Family | readonly Family[]>(family.name, () => {
    const { metric, prefix, constantLabels } = family;
    if (metric.read !== undefined) return metric.read(prefix, constantLabels);
    const running = metric.collect?.();
    return isThenable(running)
      ? Promise.resolve(running).then(() => snapshotOf(liveFamily(family)))
      : liveFamily(family);
  });
  return family.run;
}

/**
 * Returns a metric without a run, live. A metric of another class than ours may have accessors that throw: that costs only
 * its own family, and is counted and reported as the failure of a collector.
 */
export function readFamily(family: RegisteredFamily): Outcome<Family> {
  try {
    return { ok: true, result: liveFamily(family) };
  } catch (error) {
    return runOf(family).fail(error);
  }
}

/** Returns the family as encoders read it, live. Throws if what they read of it cannot be read. */
function liveFamily(family: RegisteredFamily): Family {
  const { name, series } = family;
  void family.createdSeconds;
  void family.hasExemplars;
  void family.aggregator;
  if (Array.isArray(series)) return family.live;
  refuse(`read metric "${name}"`, 'series as an array', series);
}

/**
 * Returns a copy of a family with its current values.
 *
 * A metric with an asynchronous `collect` is copied when a run ends. The next run may begin, and empty the metric before it
 * fills it again, while a slow reader of this scrape is still being served. All other metrics are read live, without a copy.
 */
function snapshotOf(family: Family): Family {
  const { name, help, type, unit, labelNames, constantLabels, createdSeconds, aggregator, hasExemplars } = family;
  const { upperBounds, bucketOptions, quantiles } = family as Partial<HistogramFamily & SummaryFamily>;
  const series = Array.from<Series, Series>(family.series, (one) => seriesSnapshot(type, one));
  return {
    name,
    help,
    type,
    unit,
    labelNames,
    constantLabels,
    createdSeconds,
    aggregator,
    hasExemplars,
    upperBounds,
    bucketOptions,
    quantiles,
    series,
    cache: new Map<string, object>(),
  } as unknown as Family; // which of the three types it is depends on `type`
}
