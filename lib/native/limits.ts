/** The options of native buckets, checked. */
export interface NativeLimits {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly maxBuckets: number;
  readonly minResetDuration: number;
  readonly maxZeroThreshold: number;
  /** Of the classic buckets: bounds of buckets of {@link schema}. */
  readonly upperBounds: readonly number[];
  readonly maxExemplars: number;
  readonly exemplarAgeSeconds: number;
}
