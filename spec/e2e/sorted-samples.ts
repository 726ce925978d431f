import type { ParsedSample } from '../support/parsed-family.ts';
import { seriesKey } from '../support/series-key.ts';

/** Returns series and values in a form that can be compared, whatever the order of series and labels. */
export function sortedSamples(samples: readonly ParsedSample[]): (readonly [series: string, value: number])[] {
  const keyed = samples.map(({ name, labels, value }) => [`${name} ${seriesKey(labels)}`, value] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : 1));
}
