import type { NativeHistogram } from '../model/family.ts';
import type { BoundedBucket } from './quantile.ts';

/** Lines until the distance to 100 % has halved. */
const TICKS_PER_HALF = 5;

/** Nearer to 100 %, the twelve decimals of a line show no difference; much nearer, a step would be lost to rounding. */
const LAST_TICK = 100 - 1e-11;

/**
 * Returns the text that HdrHistogram's `outputPercentileDistribution()` prints, which its plotters read: for ever more
 * percentiles towards 100 % the upper bound of their bucket, and how many observations are not above it.
 */
export function percentileDistribution(
  { count, sum, schema }: NativeHistogram,
  buckets: readonly BoundedBucket[],
  unit: number,
): string {
  const lines = ['       Value     Percentile TotalCount 1/(1-Percentile)', ''];
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  let upTo = 0;
  let percentile = 0;
  let max = 0;
  for (const [i, { lower, upper, count: inBucket }] of buckets.entries()) {
    const isLast = i === buckets.length - 1;
    const middle = (lower + upper) / 2;
    squares += inBucket * (middle - mean) ** 2;
    upTo += inBucket;
    max = upper;
    while (!isLast && percentile <= LAST_TICK && percentile <= (100 * upTo) / count) {
      lines.push(lineOf(upper / unit, percentile, upTo));
      const halvings = Math.floor(Math.log2(100 / (100 - percentile))) + 1;
      percentile += 100 / (TICKS_PER_HALF * 2 ** halvings);
    }
    if (isLast) lines.push(lineOf(upper / unit, 100, upTo));
  }
  const deviation = count === 0 ? 0 : Math.sqrt(squares / count);
  return [
    ...lines,
    `#[Mean    = ${padded(mean / unit)}, StdDeviation   = ${padded(deviation / unit)}]`,
    `#[Max     = ${padded(max / unit)}, Total count    = ${String(count).padStart(12)}]`,
    `#[Buckets = ${String(buckets.length).padStart(12)}, SubBuckets     = ${String(2 ** schema).padStart(12)}]`,
    '',
  ].join('\n');
}

function lineOf(value: number, percentile: number, upTo: number): string {
  const start = `${padded(value)} ${(percentile / 100).toFixed(12)} ${String(upTo).padStart(10)}`;
  return percentile === 100 ? start : `${start} ${(100 / (100 - percentile)).toFixed(2).padStart(14)}`;
}

function padded(value: number): string {
  return value.toFixed(3).padStart(12);
}
