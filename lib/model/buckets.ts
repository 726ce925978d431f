import { describe, refuse } from './names.ts';

/**
 * The default upper bounds of histograms: those of every official client, made for the latency
 * of a network service in seconds.
 */
export const DEFAULT_BUCKETS: readonly number[] = Object.freeze([
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]);

/**
 * Returns `count` upper bounds, `width` apart, the first at `start`. Throws a RangeError unless `width` is above 0,
 * `count` an integer from 1 to 1,000,000, and the bounds finite and strictly increasing: at 1e16, a `width` of 1 is lost to
 * rounding.
 *
 * @example
 * ```ts
 * linearBuckets(0, 5, 4); // [0, 5, 10, 15]
 * ```
 */
export function linearBuckets(start: number, width: number, count: number): number[] {
  checkFinite('linearBuckets', 'start', start);
  checkFinite('linearBuckets', 'width', width, 0);
  return boundsOf('linearBuckets', count, 1, (i) => start + i * width);
}

/**
 * Returns `count` upper bounds, each `factor` times the one before, the first at `start`. Throws a RangeError unless
 * `start` is above 0, `factor` above 1, `count` an integer from 1 to 1,000,000, and the bounds finite and strictly increasing.
 *
 * @example
 * ```ts
 * exponentialBuckets(1, 2, 4); // [1, 2, 4, 8]
 * ```
 */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  checkFinite('exponentialBuckets', 'start', start, 0);
  checkFinite('exponentialBuckets', 'factor', factor, 1);
  // Multiplied step by step, as prom-client does: `start * factor ** i` differs in the last digits, and so in the text of `le`.
  let next = start;
  return boundsOf('exponentialBuckets', count, 1, () => {
    const bound = next;
    next *= factor;
    return bound;
  });
}

/**
 * Returns `count` upper bounds from `min` to `max`, both included, each the same multiple of the one before. Throws a
 * RangeError unless `0 < min < max`, `count` is an integer from 2 to 1,000,000, and the bounds are finite and strictly
 * increasing.
 *
 * @example
 * ```ts
 * exponentialBucketsRange(1, 100, 3); // [1, 10, 100]
 * ```
 */
export function exponentialBucketsRange(min: number, max: number, count: number): number[] {
  checkFinite('exponentialBucketsRange', 'min', min, 0);
  checkFinite('exponentialBucketsRange', 'max', max, min);
  const root = 1 / (count - 1);
  const growth = (max / min) ** root;
  return boundsOf('exponentialBucketsRange', count, 2, (i) => {
    // The last bound is set, not computed: rounding must not move it off `max`.
    if (i === count - 1) return max;
    return growth < Infinity ? min * growth ** i : min ** (1 - i * root) * max ** (i * root);
  });
}

/**
 * Returns a frozen copy of a histogram's upper bounds without a final `+Inf`, which every histogram has. Throws unless
 * they are finite numbers in strictly increasing order.
 */
export function checkBuckets(buckets: unknown, metricName: unknown): readonly number[] {
  const action = `create histogram ${describe(metricName)}`;
  if (!Array.isArray(buckets)) refuse(action, 'buckets as an array of numbers', buckets);
  const bounds: unknown[] = [...buckets]; // a hole becomes undefined, which forEach() does not skip
  if (bounds.at(-1) === Infinity) bounds.pop();
  bounds.forEach((_, i) => checkBound(bounds, i, action, 'buckets as finite numbers'));
  return Object.freeze(bounds as number[]);
}

/** More would hold the loop for seconds, and then not fit into memory. */
const MAX_COUNT = 1_000_000;

/** Stops at the first bound that a histogram would refuse, so at the latest where the numbers end. */
function boundsOf(name: string, count: number, least: number, boundAt: (i: number) => number): number[] {
  if (!Number.isInteger(count) || count < least || count > MAX_COUNT)
    refuseArgument(name, 'count', `an integer from ${least} to ${MAX_COUNT}`, count);
  const bounds: number[] = [];
  for (let i = 0; i < count; i++) {
    bounds.push(boundAt(i));
    const action = `make buckets by ${name}()`;
    checkBound(bounds, i, action, 'finite bounds', ' Ask for fewer bounds, or for ones further apart.');
  }
  return bounds;
}

/** Throws unless a bound is a finite number above the one before. */
function checkBound(bounds: readonly unknown[], i: number, action: string, expected: string, remedy = ''): void {
  const bound = bounds[i];
  const before = bounds[i - 1] as number;
  if (Number.isFinite(bound) && (i === 0 || (bound as number) > before)) return;
  throw new RangeError(
    `Cannot ${action}: expected ${expected} in strictly increasing order, ` +
      `got ${describe(bound)}${i === 0 ? '' : ` after ${before}`}.${remedy}`,
  );
}

function checkFinite(name: string, argument: string, value: number, above = -Infinity): void {
  if (Number.isFinite(value) && value > above) return;
  refuseArgument(name, argument, above === -Infinity ? 'a finite number' : `a finite number above ${above}`, value);
}

function refuseArgument(name: string, argument: string, expected: string, got: unknown): never {
  refuse(`make buckets by ${name}()`, `${argument} to be ${expected}`, got, RangeError);
}

/**
 * Estimates the `q`-quantile of observations counted in buckets, as PromQL's `histogram_quantile` does: it assumes that the
 * observations of a bucket are spread evenly between its bounds.
 *
 * - `-Infinity` for a `q` below 0, `+Infinity` above 1, `NaN` for NaN; `NaN` without observations, and for `q` = 0 if
 *   the lowest bucket is empty.
 * - In the lowest bucket the lower bound is 0, unless the upper bound is not above 0: then that bound.
 * - Above all bounds: the highest bound.
 *
 * `bucketCounts` are not cumulative and one more than `upperBounds`.
 */
export function quantileOfBuckets(q: number, upperBounds: readonly number[], bucketCounts: readonly number[]): number {
  if (Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const total = bucketCounts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || upperBounds.length === 0) return NaN;
  const rank = q * total;
  let below = 0;
  let bucket = 0;
  while (bucket < upperBounds.length && below + bucketCounts[bucket]! < rank) below += bucketCounts[bucket++]!;
  if (bucket === upperBounds.length) return upperBounds.at(-1)!;
  const upper = upperBounds[bucket]!;
  if (bucket === 0 && upper <= 0) return upper;
  const lower = bucket === 0 ? 0 : upperBounds[bucket - 1]!;
  return lower + (upper - lower) * ((rank - below) / bucketCounts[bucket]!);
}
