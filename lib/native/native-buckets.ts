import type { LabelBranch, LabelTree } from '../metrics/child.ts';
import { isExtended } from '../metrics/exemplars.ts';
import type { BucketStrategy } from '../metrics/histogram.ts';
import type { ExemplarLabels } from '../model/exemplar.ts';
import type { LabelValue } from '../model/label-value.ts';
import { refuse } from '../model/names.ts';
import type { NativeLimits } from './limits.ts';
import { mergeNative } from './merge.ts';
import { NativeHistogramChild } from './native-child.ts';
import { quantileOfNative } from './quantile.ts';
import { MAX_SCHEMA, MIN_SCHEMA, upperBoundOf } from './resolution.ts';
import { NativeSnapshot } from './snapshot.ts';

/** Options of native buckets: those of client_golang, whose durations are in seconds here. */
export interface NativeBucketsOptions {
  /**
   * How much wider a bucket is than the previous one, at most: above 1. The default, 1.1, becomes 1.0905 (schema 3): a quantile
   * is in the bucket of the exact one, so at most 9 % away from it.
   */
  readonly bucketFactor?: number;
  /** Values of at most this absolute value count in the zero bucket; at least 0, by default 2 ** -128. */
  readonly zeroThreshold?: number;
  /** How many buckets a series may have; `Infinity` for no limit. The default is 160. */
  readonly maxBuckets?: number;
  /**
   * The time between two resets of a series, in seconds. One with too many buckets is set to 0 if its last reset, or its creation, is
   * so long ago. 0, the default, for never: its zero bucket is widened, or its resolution halved, for good.
   */
  readonly minResetDuration?: number;
  /** How wide the zero bucket of a series with too many buckets may become. 0, the default, leaves it as it is. */
  readonly maxZeroThreshold?: number;
  /**
   * Upper bounds of the classic buckets: above 0, strictly increasing. Each is moved to the nearest bound of a native bucket.
   * If they are given, protobuf has both forms, and Prometheus stores what it is configured for. Without them it has native
   * buckets alone, and text scrapers get powers of two from 2 ** -8 (0.0039) to 2 ** 3 (8), for seconds.
   */
  readonly classicBounds?: readonly number[];
  /** Exemplars per series, by default 10; and the seconds after which one is replaced first, by default 300. */
  readonly maxExemplars?: number;
  readonly exemplarAgeSeconds?: number;
}

const OPTIONS = [
  'bucketFactor',
  'zeroThreshold',
  'maxBuckets',
  'minResetDuration',
  'maxZeroThreshold',
  'classicBounds',
  'maxExemplars',
  'exemplarAgeSeconds',
] as const satisfies readonly (keyof NativeBucketsOptions)[];

/**
 * Returns native (exponential) buckets for a histogram: a value's bucket follows from the value, so no bounds have to be
 * chosen, and any quantile is within a few per cent. Prometheus scrapes them by protobuf; all other scrapers, and all other
 * readers, get fixed buckets that are computed when they read. Throws a RangeError on an invalid option.
 */
export function nativeBuckets(options: NativeBucketsOptions = {}): BucketStrategy<NativeHistogramChild> {
  if (typeof options !== 'object' || options === null) {
    refuse('make native buckets', 'an object of options', options);
  }
  const unknown = Object.keys(options).find((name) => !(OPTIONS as readonly string[]).includes(name));
  check('the options', unknown, unknown === undefined, `among ${OPTIONS.join(', ')}`);
  return new NativeBuckets(options);
}

class NativeBuckets implements BucketStrategy<NativeHistogramChild> {
  readonly upperBounds: readonly number[];
  readonly options: NativeLimits;

  constructor({
    bucketFactor = 1.1,
    zeroThreshold = 2 ** -128,
    maxBuckets = 160,
    minResetDuration = 0,
    maxZeroThreshold = 0,
    classicBounds,
    maxExemplars = 10,
    exemplarAgeSeconds = 300,
  }: NativeBucketsOptions) {
    check('bucketFactor', bucketFactor, Number.isFinite(bucketFactor) && bucketFactor > 1, 'a finite number above 1');
    checkSize('zeroThreshold', zeroThreshold);
    checkSize('maxZeroThreshold', maxZeroThreshold);
    checkSize('minResetDuration', minResetDuration);
    checkSize('exemplarAgeSeconds', exemplarAgeSeconds);
    check('maxBuckets', maxBuckets, isCount(maxBuckets, 1), 'a positive integer or Infinity');
    check('maxExemplars', maxExemplars, isCount(maxExemplars, 0), 'an integer of at least 0');
    const schema = schemaOf(bucketFactor);
    const isAlsoClassic = classicBounds !== undefined;
    this.upperBounds = Object.freeze(nearestBounds(isAlsoClassic ? classicBounds : DEFAULT_BOUNDS, schema));
    this.options = {
      schema,
      zeroThreshold,
      maxBuckets,
      minResetDuration,
      maxZeroThreshold,
      upperBounds: this.upperBounds,
      isAlsoClassic,
      maxExemplars,
      exemplarAgeSeconds,
    };
  }

  createChild(parent: LabelBranch, lastValue: LabelValue | undefined, tree: LabelTree): NativeHistogramChild {
    const Class = isExtended(tree) ? ExtendedNativeChild : NativeHistogramChild;
    return new Class(parent, lastValue, this.options);
  }

  quantile(q: number, series: readonly NativeHistogramChild[]): number {
    if (series.length === 0) return NaN;
    return quantileOfNative(
      q,
      new NativeSnapshot({ ...mergeNative(series.map((child) => child.snapshot())), exemplars: [] }),
    );
  }
}

/** One series of a histogram with `idleSeconds`, or of a registry with `exemplars`: see `ExtendedHistogramChild`. */
export class ExtendedNativeChild extends NativeHistogramChild {
  #updatedAt = performance.now();

  override observe(value: number, exemplar?: ExemplarLabels): void {
    const { tree } = this;
    super.observe(value, (exemplar ?? tree.exemplarSource) as ExemplarLabels | undefined);
    if (tree.expires) this.#updatedAt = performance.now();
  }

  override get updatedAt(): number {
    return this.#updatedAt;
  }

  override touch(): void {
    this.#updatedAt = performance.now();
  }
}

/** In seconds: from 3.9 ms to 8 s. They are bounds of every schema from 0. */
const DEFAULT_BOUNDS = Array.from({ length: 12 }, (_, i) => 2 ** (i - 8));

/**
 * Returns the lowest resolution whose buckets grow by at most this factor. Computed from the bounds: `Math.log2` may be off by a
 * last digit, differently in each engine, and would then pick the next one for `2 ** (1 / 32)`.
 */
function schemaOf(bucketFactor: number): number {
  let schema = MIN_SCHEMA;
  while (schema < MAX_SCHEMA && upperBoundOf(1, schema) > bucketFactor * (1 + Number.EPSILON)) schema++;
  return schema;
}

/** Returns the bounds of native buckets that are nearest to these. */
function nearestBounds(bounds: readonly number[], schema: number): readonly number[] {
  const isList =
    Array.isArray(bounds) &&
    Array.from(bounds).every((bound, i) => Number.isFinite(bound) && bound > (bounds[i - 1] ?? 0));
  check('classicBounds', bounds, isList, 'finite numbers above 0 in strictly increasing order');
  const indexes = new Set(bounds.map((bound) => Math.round(Math.log2(bound) * 2 ** schema)));
  return [...indexes].map((index) => upperBoundOf(index, schema));
}

function isCount(value: number, least: number): boolean {
  return (Number.isInteger(value) || value === Infinity) && value >= least;
}

function checkSize(option: string, value: number): void {
  check(option, value, Number.isFinite(value) && value >= 0, 'a finite number of at least 0');
}

function check(option: string, value: unknown, isValid: boolean, expected: string): void {
  if (isValid) return;
  refuse('make native buckets', `${option} to be ${expected}`, value, RangeError);
}
