/** What a native histogram counts, in plain numbers. */
export interface NativeRecount {
  readonly zeroCount: number;
  /** By index, in increasing order. */
  readonly positive: readonly (readonly [index: number, count: number])[];
  readonly negative: readonly (readonly [index: number, count: number])[];
}

/**
 * Counts values by the definition of the buckets: the zero bucket has those of at most `zeroThreshold`, without their sign; bucket `i`
 * those above `base ** (i - 1)` and up to `base ** i`, where `base` is `2 ** (2 ** -schema)`.
 */
export function recountNative(values: readonly number[], schema: number, zeroThreshold: number): NativeRecount {
  const [positive, negative] = [new Map<number, number>(), new Map<number, number>()];
  let zeroCount = 0;
  for (const value of values) {
    if (Math.abs(value) <= zeroThreshold) zeroCount++;
    else {
      const buckets = value > 0 ? positive : negative;
      const index = Math.ceil(Math.log2(Math.abs(value)) * 2 ** schema) + 0; // not -0
      buckets.set(index, (buckets.get(index) ?? 0) + 1);
    }
  }
  return { zeroCount, positive: sorted(positive), negative: sorted(negative) };
}

function sorted(buckets: ReadonlyMap<number, number>): [number, number][] {
  return [...buckets].sort(([a], [b]) => a - b);
}
