import type { ParsedFamily, ParsedSample, ParsedType } from '../../parse/parsed-family.ts';

/** Label names and values of a series, in the order of the exposition; without `le`. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** One scraped value of a counter or gauge, or of a single sample of another type. */
export interface NumberReading {
  readonly kind: 'counter' | 'gauge';
  /** Identifies the series within its family: see {@link seriesKey}. */
  readonly key: string;
  /** The sample's name, which in a summary can differ from the family's. */
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** One scraped state of a histogram. */
export interface HistogramReading {
  readonly kind: 'histogram';
  /** As in {@link NumberReading}. */
  readonly key: string;
  readonly name: string;
  readonly labels: Labels;
  /** Increasing and finite, so without `+Inf`. */
  readonly upperBounds: readonly number[];
  /** Not cumulative; one more than `upperBounds`. */
  readonly bucketCounts: readonly number[];
  /** NaN if the exposition has none. */
  readonly sum: number;
}

/** The scraped state of one series. */
export type Reading = NumberReading | HistogramReading;

/** The scraped state of a metric family. */
export interface ScrapedFamily {
  readonly name: string;
  readonly type: ParsedType;
  /** Empty if the exposition has none. */
  readonly help: string;
  /** Empty if the exposition has none. */
  readonly unit: string;
  readonly readings: readonly Reading[];
}

/**
 * Returns a key that differs for different series of a family. Each value is prefixed with its length, so a value that
 * contains separators cannot collide with several labels.
 */
export function seriesKey(name: string, labels: Labels): string {
  let key = name;
  for (const [label, value] of labels) key += `,${label}=${value.length}:${value}`;
  return key;
}

/**
 * Returns one reading per series of a family. The samples of a histogram series become one reading. In a summary, the
 * quantiles are gauges; sum and count are counters. All other types can fall, so they are gauges.
 */
export function readingsOf(family: ParsedFamily): Reading[] {
  switch (family.type) {
    case 'histogram':
      return histogramsOf(family);
    case 'counter':
      return family.samples.map((sample) => numberOf(sample, 'counter'));
    case 'summary':
      return family.samples.map((sample) => numberOf(sample, sample.labels.has('quantile') ? 'gauge' : 'counter'));
    case 'gauge':
    case 'info':
    case 'stateset':
    case 'gaugehistogram':
    case 'unknown':
      return family.samples.map((sample) => numberOf(sample, 'gauge'));
  }
}

function numberOf(sample: ParsedSample, kind: NumberReading['kind']): NumberReading {
  const { name, value } = sample;
  const labels = [...sample.labels];
  return { kind, key: seriesKey(name, labels), name, labels, value };
}

/** A histogram while its samples are read. */
interface OpenHistogram {
  readonly labels: Labels;
  readonly bounds: number[];
  readonly cumulativeCounts: number[];
  sum: number;
}

// The parser guarantees that the buckets of each series are complete and in order. The text formats allow samples of
// several series to be interleaved.
function histogramsOf({ name, samples }: ParsedFamily): HistogramReading[] {
  const open = new Map<string, OpenHistogram>();
  for (const sample of samples) {
    const labels = [...sample.labels].filter(([label]) => label !== 'le');
    const key = seriesKey(name, labels);
    let histogram = open.get(key);
    if (histogram === undefined) open.set(key, (histogram = { labels, bounds: [], cumulativeCounts: [], sum: NaN }));
    const le = sample.labels.get('le');
    if (sample.name === `${name}_sum`) {
      histogram.sum = sample.value;
    } else if (le !== undefined) {
      histogram.bounds.push(boundOf(le));
      histogram.cumulativeCounts.push(sample.value);
    }
  }
  return [...open].map(([key, { labels, bounds, cumulativeCounts, sum }]) => {
    const bucketCounts = cumulativeCounts.map((count, i) => count - (cumulativeCounts[i - 1] ?? 0));
    return { kind: 'histogram', key, name, labels, upperBounds: bounds.slice(0, -1), bucketCounts, sum };
  });
}

function boundOf(le: string): number {
  return /^[+]?inf/i.test(le) ? Infinity : Number(le);
}
