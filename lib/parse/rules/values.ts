import type { SampleLine } from '../sample-line.ts';

/** Holds a value to what counters may have: OpenMetrics 1.0 says "non-NaN", and begins to count at 0. */
export function requireTotal(line: SampleLine): void {
  if (!(line.value >= 0)) line.failValue(`${line.name} of 0 or more`);
}

/** Holds a value to what a number of observations can be. */
export function requireCount(line: SampleLine): void {
  if (!Number.isInteger(line.value) || line.value < 0) line.failValue(`a whole number of observations in ${line.name}`);
}

/** Holds the value of `_created` to what a timestamp can be. */
export function requireTime(line: SampleLine): void {
  if (!Number.isFinite(line.value)) line.failValue(`a time in seconds in ${line.name}`);
}

/** Throws unless the sample is the first of its kind in its metric point. */
export function requireFirst(line: SampleLine, isSecond: boolean): void {
  if (isSecond) line.failSample('each series once', `${line.name} with the same labels again`);
}

/**
 * As {@link requireFirst}, but a second one with a timestamp is let pass: two points nanoseconds apart have the same
 * timestamp as doubles, and the OpenMetrics project's parser cases ask for it.
 */
export function requireFirstOfTime(line: SampleLine, isSecond: boolean): void {
  requireFirst(line, isSecond && line.timestampSeconds === undefined);
}
