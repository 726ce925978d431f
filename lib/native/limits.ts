import type { BucketOptions } from '../model/family.ts';

/** The options of native buckets, checked. */
export interface NativeLimits extends BucketOptions {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly maxBuckets: number;
  readonly minResetDuration: number;
  readonly maxZeroThreshold: number;
  /** Of the classic buckets: bounds of buckets of {@link schema}. */
  readonly upperBounds: readonly number[];
  /** Whether {@link upperBounds} were given. */
  readonly isAlsoClassic: boolean;
  readonly maxExemplars: number;
  readonly exemplarAgeSeconds: number;
}
