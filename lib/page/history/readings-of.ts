import type { ParsedFamily, ParsedSample } from '../../parse/parsed-family.ts';
import type { HistogramReading, Labels, NumberReading, Reading } from './reading.ts';
import { seriesKey } from './series-key.ts';

/**
 * Returns what a scraped family says of each of its series. The lines of a histogram's series become one reading. Of a
 * summary, the quantiles are gauges, sum and count are counters. What may fall, or has no type, is a gauge.
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

/** A histogram while its lines are read; the counts are cumulative, as the lines are. */
interface OpenHistogram {
  readonly labels: Labels;
  readonly bounds: number[];
  readonly cumulative: number[];
  sum: number;
}

// The parser has made sure that each series has its buckets in order and complete; but the text formats let the lines
// of several series come mixed.
function histogramsOf({ name, samples }: ParsedFamily): HistogramReading[] {
  const open = new Map<string, OpenHistogram>();
  for (const sample of samples) {
    const labels = [...sample.labels].filter(([label]) => label !== 'le');
    const key = seriesKey(name, labels);
    let histogram = open.get(key);
    if (histogram === undefined) open.set(key, (histogram = { labels, bounds: [], cumulative: [], sum: NaN }));
    const le = sample.labels.get('le');
    if (sample.name === `${name}_sum`) {
      histogram.sum = sample.value;
    } else if (le !== undefined) {
      histogram.bounds.push(boundOf(le));
      histogram.cumulative.push(sample.value);
    }
  }
  return [...open].map(([key, histogram]) => readingOf(key, name, histogram));
}

function boundOf(le: string): number {
  return /^[+]?inf/i.test(le) ? Infinity : Number(le);
}

function readingOf(key: string, name: string, { labels, bounds, cumulative, sum }: OpenHistogram): HistogramReading {
  const bucketCounts = cumulative.map((count, i) => count - (cumulative[i - 1] ?? 0));
  return { kind: 'histogram', key, name, labels, upperBounds: bounds.slice(0, -1), bucketCounts, sum };
}
