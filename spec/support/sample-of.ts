import type { ParsedSample } from './parsed-family.ts';
import { seriesKey } from './series-key.ts';

/**
 * Returns the value of the one sample with this name and exactly these labels, in any order.
 *
 * Throws a RangeError that lists the samples of that name, or else the names there are, if there is none.
 *
 * @example
 * const families = parseExposition(await registry.metrics());
 * assert.equal(sampleOf(families, 'scans_total', { strategy: 'swing' }), 89);
 */
export function sampleOf(
  families: readonly { readonly samples: readonly ParsedSample[] }[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const samples = families.flatMap((family) => family.samples);
  const named = samples.filter((sample) => sample.name === name);
  const key = seriesKey(new Map(Object.entries(labels)));
  const found = named.find((sample) => seriesKey(sample.labels) === key);
  if (found !== undefined) return found.value;
  const candidates = named.length > 0 ? named.map(showSeries) : [...new Set(samples.map((sample) => sample.name))];
  throw new RangeError(`Cannot find the sample ${name} ${key}: expected one of ${listStart(candidates)}`);
}

function showSeries(sample: ParsedSample): string {
  return `${sample.name} ${seriesKey(sample.labels)}`;
}

/** The first ten, which is enough to see a slip in a name and keeps the message readable. */
function listStart(candidates: readonly string[]): string {
  if (candidates.length === 0) return 'none (the exposition is empty)';
  const more = candidates.length > 10 ? ` and ${candidates.length - 10} more` : '';
  return candidates.slice(0, 10).join(', ') + more;
}
