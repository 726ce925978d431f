import { histogramsOf } from './histograms-of.ts';
import type { ParsedFamily } from './parsed-family.ts';
import { seriesKey } from './series-key.ts';

/** Sums are added up in another order here than in the process that was scraped. */
const ROUNDING = 1e-9;

/**
 * What is wrong between two scrapes of one process, in words; nothing if all is well. `before` is empty for the first.
 *
 * - A counter, bucket, count or sum has fallen, or its series has gone.
 * - A histogram is torn: its sum has not grown by what the observations added to its buckets allow. Observations are
 *   taken to be 0 or more, as durations are. (That each scrape's buckets and count agree, `parseExposition` sees to.)
 */
export function scrapeFaults(before: readonly ParsedFamily[], after: readonly ParsedFamily[]): string[] {
  return [...fallen(before, after), ...torn(before, after)];
}

/** The values that only rise, those of counters and histograms, by sample name and labels. */
export function risingValues(families: readonly ParsedFamily[]): Map<string, number> {
  const rising = families.filter(({ type }) => type === 'counter' || type === 'histogram');
  const samples = rising.flatMap((family) => family.samples);
  return new Map(samples.map(({ name, labels, value }) => [`${name} ${seriesKey(labels)}`, value]));
}

function fallen(before: readonly ParsedFamily[], after: readonly ParsedFamily[]): string[] {
  const newValues = risingValues(after);
  return [...risingValues(before)].flatMap(([key, value]) => {
    const newValue = newValues.get(key);
    if (newValue === undefined) return [`${key} has gone`];
    return newValue < value ? [`${key} fell from ${value} to ${newValue}`] : [];
  });
}

function torn(before: readonly ParsedFamily[], after: readonly ParsedFamily[]): string[] {
  const old = histogramsOf(before);
  return [...histogramsOf(after).values()].flatMap(({ key, upperBounds, counts, sum }) => {
    const known = old.get(key);
    const added = counts.map((count, bucket) => count - (known?.counts[bucket] ?? 0));
    const least = sumOver(added, [0, ...upperBounds]);
    const most = sumOver(added, upperBounds);
    const grown = sum - (known?.sum ?? 0);
    const rounding = ROUNDING * Math.max(1, sum);
    if (grown >= least - rounding && grown <= most + rounding) return [];
    return [`${key} is torn: by its buckets, its sum grew by ${least} to ${most}, but it grew by ${grown}`];
  });
}

/** The sum of as many observations as were added to each bucket, if all of a bucket's were of one value. */
function sumOver(added: readonly number[], values: readonly number[]): number {
  return added.reduce((sum, count, bucket) => (count === 0 ? sum : sum + count * values[bucket]!), 0);
}
