import type { ParsedBucket, ParsedExemplar, ParsedType } from '../parsed-family.ts';
import { requireTotal } from '../rules/points.ts';
import type { SampleLine } from '../sample-line.ts';
import type { CompositeValue } from './composite-value.ts';
import type { NativeParts } from './native-fields.ts';

/** The parts of a sample behind its labels. */
export interface SampleParts {
  readonly value: number | CompositeValue;
  readonly startSeconds: number | undefined;
  readonly startAt: number;
  readonly exemplars: readonly ParsedExemplar[];
  readonly exemplarsAt: number;
}

/** Checks a single number: the types that have one, and what it may be. */
export function checkNumber(line: SampleLine, type: ParsedType): void {
  switch (type) {
    case 'counter':
      requireTotal(line);
      break;
    case 'info':
      if (line.value !== 1) line.failValue(`1 in ${line.name}, which is of type info`);
      break;
    case 'stateset':
      if (line.value !== 0 && line.value !== 1) line.failValue(`0 or 1 in ${line.name}, which is of type stateset`);
      break;
    case 'histogram':
    case 'gaugehistogram':
    case 'summary':
      line.failValue(`a value in braces in ${line.name}, which is of type ${type}`);
  }
}

/** Checks a composite value: the types that have one, and what its numbers may be. */
export function checkComposite(line: SampleLine, type: ParsedType, value: CompositeValue): void {
  const { kind, quantiles, buckets, native } = value;
  if (type !== kind && type !== 'unknown') {
    const isComposite = type === 'histogram' || type === 'gaugehistogram' || type === 'summary';
    line.failValue(
      `${isComposite ? 'the fields of its type' : 'one number'} in ${line.name}, which is of type ${type}`,
    );
  }
  if (quantiles !== undefined) checkQuantiles(line, value.count, quantiles);
  const isCounting = kind === 'histogram';
  if (isCounting && value.count < 0) fail(line, 'a count of 0 or more', value.count);
  if (buckets !== undefined) checkBuckets(line, value.count, buckets, isCounting);
  if (native !== undefined) checkNative(line, value, native, isCounting);
}

/** Checks which types may have a start time and exemplars. */
export function checkParts(line: SampleLine, type: ParsedType, parts: SampleParts): void {
  const { startSeconds, startAt, exemplars, exemplarsAt } = parts;
  const isPlain = type === 'gauge' || type === 'info' || type === 'stateset';
  if (startSeconds !== undefined && (isPlain || type === 'gaugehistogram')) {
    line.scanner.fail(startAt, `no start timestamp on ${line.name}, which is of type ${type}`);
  }
  if (exemplars.length > 0 && isPlain) {
    line.scanner.fail(exemplarsAt, `no exemplar on ${line.name}, which is of type ${type}`);
  }
}

/** OpenMetrics 2.0, "Summary". A sum below 0 is accepted: there has to be one, and the grammar allows it. */
function checkQuantiles(line: SampleLine, count: number, quantiles: NonNullable<CompositeValue['quantiles']>): void {
  requireNoLabel(line, 'quantile');
  if (!Number.isInteger(count) || count < 0) fail(line, 'a whole count of 0 or more', count);
  for (const { quantile, value } of quantiles) {
    if (quantile < 0 || quantile > 1) fail(line, 'quantiles from 0 to 1', quantile);
    if (value < 0) fail(line, 'values of quantiles of 0 or more, or NaN', value);
  }
}

/** OpenMetrics 2.0, "Classic Buckets". Counts of a gauge histogram may fall and be negative. */
function checkBuckets(line: SampleLine, count: number, buckets: readonly ParsedBucket[], isCounting: boolean): void {
  requireNoLabel(line, 'le');
  let before = isCounting ? 0 : -Infinity;
  for (const bucket of buckets) {
    if (isCounting && bucket.count < before) fail(line, `a cumulative bucket of ${before} or more`, bucket.count);
    before = bucket.count;
  }
  if (!Object.is(before, count)) fail(line, `the count, ${count}, in the +Inf bucket`, before);
}

/** OpenMetrics 2.0, "Native Buckets". The count also has the observations that are `NaN`, which only a sum of `NaN` has. */
function checkNative(line: SampleLine, { count, sum }: CompositeValue, native: NativeParts, isCounting: boolean): void {
  const counts = [native.zeroCount, ...Array.from(native.negative.counts), ...Array.from(native.positive.counts)];
  const negative = counts.find((one) => one < 0);
  if (isCounting && negative !== undefined) fail(line, 'native buckets of 0 or more', negative);
  const total = counts.reduce((all, one) => all + one, 0);
  if (!Number.isFinite(total)) return;
  const isSum = Number.isNaN(sum) ? !(count < total) : Math.abs(count - total) <= roundingOf(counts) * Math.abs(total);
  if (!isSum) fail(line, `the sum of the native buckets, ${total}, as the count`, count);
}

/** Whole numbers are added up exactly. */
function roundingOf(counts: readonly number[]): number {
  return counts.every(Number.isSafeInteger) ? 0 : 1e-12 * counts.length;
}

function fail(line: SampleLine, expected: string, got: number): never {
  line.scanner.fail(line.valueStart, expected, String(got));
}

/** The samples of the classic form would have the label. */
function requireNoLabel(line: SampleLine, name: string): void {
  const label = line.labels.find(name);
  if (label !== undefined) line.scanner.fail(label.start, `no label ${name} on ${line.name}`);
}
