import { canonicalFloat } from './canonical-float.ts';
import { parseFloatText } from './parse-float-text.ts';
import type { ParsedFamily, ParsedSample } from './parsed-family.ts';
import { refusal } from './refusal.ts';
import { seriesKey } from './series-key.ts';

/** What has been read of one histogram or summary, that is of the samples that differ in `le` or `quantile` only. */
interface Composite {
  readonly firstLine: number;
  /** Name and labels, for messages. */
  readonly title: string;
  /** The last `le` or `quantile`. */
  lastPoint: number;
  /** The value of the last bucket, cumulated as the text has it. */
  lastBucket: number;
  count: number | undefined;
  hasSum: boolean;
}

/**
 * Holds a complete family to the rules of its type, and throws a SyntaxError naming the line that breaks one.
 *
 * A fault that is an absence (no `+Inf` bucket, no `_sum`) is reported at the first line of its series.
 *
 * @param sampleLines the line of each sample, at the same index
 */
export function checkFamily(family: ParsedFamily, sampleLines: readonly number[]): void {
  switch (family.type) {
    case 'gauge':
    case 'untyped':
      return;
    case 'counter':
      for (const [index, sample] of family.samples.entries()) checkCounter(sample, sampleLines[index] ?? 0);
      return;
    case 'histogram':
      for (const histogram of readComposites(family, sampleLines, 'le', readBucket)) checkHistogram(histogram);
      return;
    case 'summary':
      for (const summary of readComposites(family, sampleLines, 'quantile', readQuantile)) checkSums(summary);
      return;
  }
}

function checkCounter(sample: ParsedSample, line: number): void {
  if (!(sample.value >= 0)) throw refusal(line, `a counter ${sample.name} of 0 or more`, sample.value);
}

function readComposites(
  family: ParsedFamily,
  sampleLines: readonly number[],
  pointLabel: 'le' | 'quantile',
  readPoint: (composite: Composite, sample: ParsedSample, line: number) => void,
): Iterable<Composite> {
  const composites = new Map<string, Composite>();
  const pointName = pointLabel === 'le' ? `${family.name}_bucket` : family.name;
  for (const [index, sample] of family.samples.entries()) {
    const line = sampleLines[index] ?? 0;
    const composite = compositeOf(composites, family, sample, pointLabel, line);
    if (sample.name === pointName) {
      readPoint(composite, sample, line);
      continue;
    }
    if (sample.labels.has(pointLabel)) throw refusal(line, `no ${pointLabel} on ${sample.name}`, pointLabel);
    if (sample.name === `${family.name}_sum`) composite.hasSum = true;
    else if (sample.name === `${family.name}_count`) composite.count = requireCount(sample, line);
    else throw refusal(line, `${family.name} with the suffix _bucket, _sum or _count`, sample.name);
  }
  return composites.values();
}

function compositeOf(
  composites: Map<string, Composite>,
  family: ParsedFamily,
  sample: ParsedSample,
  pointLabel: string,
  firstLine: number,
): Composite {
  const key = seriesKey(sample.labels, pointLabel);
  const known = composites.get(key);
  if (known !== undefined) return known;
  const title = `${family.name} ${key}`;
  const opened = { firstLine, title, lastPoint: -Infinity, lastBucket: 0, count: undefined, hasSum: false };
  composites.set(key, opened);
  return opened;
}

function readBucket(histogram: Composite, sample: ParsedSample, line: number): void {
  const upperBound = readPointLabel(histogram, sample, 'le', line);
  const cumulated = requireCount(sample, line);
  if (cumulated < histogram.lastBucket) {
    throw refusal(line, `a cumulated bucket of ${histogram.lastBucket} or more`, cumulated);
  }
  histogram.lastPoint = upperBound;
  histogram.lastBucket = cumulated;
}

function readQuantile(summary: Composite, sample: ParsedSample, line: number): void {
  const quantile = readPointLabel(summary, sample, 'quantile', line);
  if (quantile < 0 || quantile > 1) throw refusal(line, 'a quantile from 0 to 1', quantile);
  summary.lastPoint = quantile;
}

/** Reads the `le` or `quantile` label: present, in canonical form, and above the one before it. */
function readPointLabel(composite: Composite, sample: ParsedSample, label: string, line: number): number {
  const text = sample.labels.get(label);
  if (text === undefined) throw refusal(line, `the label ${label} on ${sample.name}`, undefined);
  const point = parseFloatText(text);
  if (point === undefined || Number.isNaN(point)) throw refusal(line, `a number as ${label}`, text);
  const canonical = canonicalFloat(point);
  if (text !== canonical) throw refusal(line, `${label} in canonical float form, "${canonical}"`, text);
  if (point === -Infinity) throw refusal(line, `a finite ${label} or +Inf`, text);
  if (point <= composite.lastPoint) {
    throw refusal(line, `${label} in increasing order, above "${canonicalFloat(composite.lastPoint)}"`, text);
  }
  return point;
}

function requireCount(sample: ParsedSample, line: number): number {
  const { name, value } = sample;
  if (!Number.isInteger(value) || value < 0) throw refusal(line, `a whole number of observations in ${name}`, value);
  return value;
}

function checkHistogram(histogram: Composite): void {
  const { firstLine, title, lastPoint, lastBucket, count } = histogram;
  if (lastPoint !== Infinity) throw refusal(firstLine, `a +Inf bucket of ${title}`, undefined);
  checkSums(histogram);
  if (count !== lastBucket) {
    throw refusal(firstLine, `_count of ${title} equal to its +Inf bucket, ${lastBucket}`, count);
  }
}

function checkSums(composite: Composite): void {
  const { firstLine, title, count, hasSum } = composite;
  if (!hasSum) throw refusal(firstLine, `a _sum of ${title}`, undefined);
  if (count === undefined) throw refusal(firstLine, `a _count of ${title}`, undefined);
}
