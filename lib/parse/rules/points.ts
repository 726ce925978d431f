import type { ParsedType } from '../parsed-family.ts';
import type { SampleLine } from '../sample-line.ts';
import type { Scanner } from '../scanner.ts';

/**
 * The rules between the samples of one metric point: the samples of one metric (the same labels, apart from `le` and
 * the like) at one time.
 */
export interface MetricPoint {
  /** Checks the next sample; throws a SyntaxError. */
  add(line: SampleLine): void;
  /** Called when the point is complete. */
  close(scanner: Scanner): void;
}

/** Creates the rules of a metric point that begins in this line. */
export type PointFactory = (firstLine: number) => MetricPoint;

/** Requires a value that a counter can have: not `NaN` and not negative (OpenMetrics 1.0, "Counter"). */
export function requireTotal(line: SampleLine): void {
  if (!(line.value >= 0)) line.failValue(`${line.name} of 0 or more`);
}

/** Requires a value that counts observations. */
export function requireCount(line: SampleLine): void {
  if (!Number.isInteger(line.value) || line.value < 0) line.failValue(`a whole number of observations in ${line.name}`);
}

/** Requires the value of `_created` to be a time. */
export function requireTime(line: SampleLine): void {
  if (!Number.isFinite(line.value)) line.failValue(`a time in seconds in ${line.name}`);
}

/** Requires the sample to be the first of its kind in its metric point. */
export function requireFirst(line: SampleLine, isSecond: boolean): void {
  if (isSecond) line.failSample('each series once', `${line.name} with the same labels again`);
}

/**
 * Like {@link requireFirst}, but accepts a second sample with a timestamp: the timestamps of two points that are
 * nanoseconds apart are equal as doubles. A parser case of the OpenMetrics project requires this.
 */
export function requireFirstOfTime(line: SampleLine, isSecond: boolean): void {
  requireFirst(line, isSecond && line.timestampSeconds === undefined);
}

/** Checks that the buckets of one histogram increase in `le` and do not decrease in their counts. */
export class Buckets {
  /** The last upper bound; undefined before the first bucket. */
  lastBound: number | undefined;
  lastCount = 0;
  hasNegativeBound = false;

  /** Checks the next bucket. */
  add(line: SampleLine): void {
    const bound = line.pointNumber();
    if (Number.isNaN(bound)) line.failPoint('a number as le');
    if (this.lastBound !== undefined && bound <= this.lastBound) line.failPoint(`le above ${this.lastBound}`);
    if (!(line.value >= this.lastCount)) line.failValue(`a cumulative count of ${this.lastCount} or more`);
    this.lastBound = bound;
    this.lastCount = line.value;
    if (bound < 0) this.hasNegativeBound = true;
  }

  /** Whether the `+Inf` bucket has come. */
  get isComplete(): boolean {
    return this.lastBound === Infinity;
  }
}

/** The maximum length of all names and values together, in code points (OpenMetrics 1.0, "Exemplars"). */
const MAX_CODE_POINTS = 128;

/** Checks the place and the length of an exemplar. */
export function checkExemplar(line: SampleLine, type: ParsedType): void {
  const { exemplar, suffix } = line;
  if (exemplar === undefined) return;
  const isBucket = suffix === '_bucket' && (type === 'histogram' || type === 'gaugehistogram');
  if (!isBucket && suffix !== '_total') {
    line.scanner.fail(line.exemplarStart, `an exemplar only on a counter's _total or a bucket`, `one on ${line.name}`);
  }
  let length = 0;
  for (const [name, value] of exemplar.labels) length += codePoints(name) + codePoints(value);
  if (length > MAX_CODE_POINTS) {
    const expected = `at most ${MAX_CODE_POINTS} characters of names and values in an exemplar`;
    line.scanner.fail(line.exemplarStart, expected, String(length));
  }
}

/** Requires a bucket's exemplar to be within the bucket. `NaN` belongs to the last bucket. */
export function requireExemplarInBucket(line: SampleLine, upperBound: number | undefined): void {
  if (line.exemplar === undefined || upperBound === undefined || upperBound === Infinity) return;
  if (!(line.exemplar.value <= upperBound)) {
    const got = String(line.exemplar.value);
    line.scanner.fail(line.exemplarStart, `an exemplar of at most ${upperBound}, as the bucket`, got);
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
