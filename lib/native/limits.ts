/** The options of native buckets, checked. */
export interface NativeLimits {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly maxBuckets: number;
  readonly minResetDuration: number;
  readonly maxZeroThreshold: number;
  /** The buckets of {@link schema} at whose upper bounds the classic buckets end, and these bounds. */
  readonly classicIndexes: readonly number[];
  readonly upperBounds: readonly number[];
  readonly maxExemplars: number;
  readonly exemplarAgeSeconds: number;
}
