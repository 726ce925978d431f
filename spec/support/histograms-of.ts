import { parseFloatText } from './parse-float-text.ts';
import type { ParsedFamily, ParsedSample } from './parsed-family.ts';
import { seriesKey } from './series-key.ts';

/** One histogram, that is the samples of a family that differ in `le` only. */
export interface ParsedHistogram {
  /** Name and labels without `le`. */
  readonly key: string;
  /** The last is `Infinity`. */
  readonly upperBounds: readonly number[];
  /** Observations in each bucket, not cumulative. */
  readonly counts: readonly number[];
  /** NaN if there is no such sample. */
  readonly sum: number;
}

/** The histograms among the families, by their keys. Expects buckets with a number as `le`, in any order. */
export function histogramsOf(families: readonly ParsedFamily[]): Map<string, ParsedHistogram> {
  const histograms = families.filter(({ type }) => type === 'histogram').flatMap(histogramsOfFamily);
  return new Map(histograms.map((histogram) => [histogram.key, histogram]));
}

function histogramsOfFamily({ name, samples }: ParsedFamily): ParsedHistogram[] {
  const bySeries = new Map<string, ParsedSample[]>();
  for (const sample of samples) {
    const key = `${name} ${seriesKey(sample.labels, 'le')}`;
    const known = bySeries.get(key);
    if (known === undefined) bySeries.set(key, [sample]);
    else known.push(sample);
  }
  return [...bySeries].map(([key, ofSeries]) => {
    const buckets = ofSeries
      .filter((sample) => sample.name === `${name}_bucket`)
      .map(({ labels, value }) => ({ upperBound: parseFloatText(labels.get('le') ?? '') ?? NaN, value }))
      .sort((a, b) => (a.upperBound < b.upperBound ? -1 : 1));
    return {
      key,
      upperBounds: buckets.map(({ upperBound }) => upperBound),
      counts: buckets.map(({ value }, i) => value - (buckets[i - 1]?.value ?? 0)),
      sum: ofSeries.find((sample) => sample.name === `${name}_sum`)?.value ?? NaN,
    };
  });
}
