import type { Exemplar, NativeBucketCounts, NativeHistogram } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { percentileDistribution } from './percentile-distribution.ts';
import { bucketsOf, quantileOfNative } from './quantile.ts';
import { MAX_SCHEMA, MIN_SCHEMA, upperBoundOf } from './resolution.ts';

/** A snapshot as JSON: the field names of Prometheus' `Histogram` message. A bucket is its index and its count. */
export interface NativeDump {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly sum: number;
  readonly positive: readonly (readonly [index: number, count: number])[];
  readonly negative: readonly (readonly [index: number, count: number])[];
}

/** The counts of a native histogram at one moment; they do not change. */
export class NativeSnapshot implements NativeHistogram {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: NativeBucketCounts;
  readonly negative: NativeBucketCounts;
  readonly sum: number;
  readonly count: number;
  readonly createdSeconds: number | undefined;
  readonly exemplars: readonly Exemplar[];

  /** @internal */
  constructor(parts: Omit<NativeHistogram, 'count'>) {
    this.schema = parts.schema;
    this.zeroThreshold = parts.zeroThreshold;
    this.zeroCount = parts.zeroCount;
    this.positive = parts.positive;
    this.negative = parts.negative;
    this.sum = parts.sum;
    this.count = parts.zeroCount + totalOf(parts.positive) + totalOf(parts.negative);
    this.createdSeconds = parts.createdSeconds;
    this.exemplars = parts.exemplars;
  }

  /** Returns the snapshot that {@link toJSON} dumped. Throws a TypeError unless it is one. */
  static from(dump: NativeDump): NativeSnapshot {
    checkDump(dump);
    const { schema, zeroThreshold, zeroCount, sum, positive, negative } = dump;
    return new NativeSnapshot({
      ...{ schema, zeroThreshold, zeroCount, sum, exemplars: [] },
      positive: countsOf(new Map(positive)),
      negative: countsOf(new Map(negative)),
    });
  }

  /** Estimates a quantile: see `NativeHistogramChild.quantile()`. */
  quantile(q: number): number {
    return quantileOfNative(q, this);
  }

  /** The average of the observations; `NaN` without any. */
  get average(): number {
    return this.sum / this.count;
  }

  /**
   * Returns the observations of both. The result has the lower of the two resolutions and the wider zero bucket, widened
   * until it cuts no bucket: what Prometheus does when it adds histograms.
   */
  merge(other: NativeHistogram): NativeSnapshot {
    return this.#combine(other, 1);
  }

  /**
   * Returns the observations since an earlier snapshot of the same series. Throws a RangeError if that has more in some bucket:
   * then it is of another series, or the series was reset.
   */
  subtract(earlier: NativeHistogram): NativeSnapshot {
    const difference = this.#combine(earlier, -1);
    for (const count of [difference.zeroCount, ...difference.#counts()]) {
      if (count >= 0) continue;
      throw new RangeError(
        `Cannot subtract a snapshot: expected an earlier one of the same series, got one with ${-count} more observations ` +
          'in a bucket. If the series was reset meanwhile, use the later snapshot alone.',
      );
    }
    return difference;
  }

  /** The snapshot as plain data; `NativeSnapshot.from()` reads it. */
  toJSON(): NativeDump {
    const { schema, zeroThreshold, zeroCount, sum } = this;
    const [positive, negative] = [pairsOf(this.positive), pairsOf(this.negative)];
    return { schema, zeroThreshold, zeroCount, sum, positive, negative };
  }

  /**
   * Returns the percentile distribution as HdrHistogram prints it: for each percentile the value that it is at most. Values are
   * divided by `unit`: 0.001 shows seconds as milliseconds.
   */
  percentileDistribution(unit = 1): string {
    return percentileDistribution(this, [...bucketsOf(this)], unit);
  }

  *#counts(): Generator<number, void> {
    yield* Array.from(this.positive.counts);
    yield* Array.from(this.negative.counts);
  }

  #combine(other: NativeHistogram, sign: 1 | -1): NativeSnapshot {
    const schema = Math.min(this.schema, other.schema);
    const sides = [this, other].map((histogram) => ({
      histogram,
      positive: atSchema(histogram.positive, histogram.schema - schema),
      negative: atSchema(histogram.negative, histogram.schema - schema),
    }));
    let zeroThreshold = Math.max(this.zeroThreshold, other.zeroThreshold);
    for (let before = -1; before !== zeroThreshold; ) {
      before = zeroThreshold;
      for (const { histogram, positive, negative } of sides) {
        // Its buckets begin where its own zero bucket ends, which need not be a bound.
        if (histogram.zeroThreshold >= zeroThreshold) continue;
        for (const index of [...positive.keys(), ...negative.keys()])
          if (upperBoundOf(index - 1, schema) < zeroThreshold)
            zeroThreshold = Math.max(zeroThreshold, upperBoundOf(index, schema));
      }
    }
    let zeroCount = 0;
    const sum = { positive: new Map<number, number>(), negative: new Map<number, number>() };
    sides.forEach(({ histogram, ...buckets }, i) => {
      const times = i === 0 ? 1 : sign;
      zeroCount += times * histogram.zeroCount;
      for (const which of ['positive', 'negative'] as const) {
        for (const [index, count] of buckets[which]) {
          if (upperBoundOf(index, schema) <= zeroThreshold) zeroCount += times * count;
          else sum[which].set(index, (sum[which].get(index) ?? 0) + times * count);
        }
      }
    });
    return new NativeSnapshot({
      schema,
      zeroThreshold,
      zeroCount,
      sum: this.sum + sign * other.sum,
      positive: countsOf(sum.positive),
      negative: countsOf(sum.negative),
      exemplars: sign === 1 ? [...this.exemplars, ...other.exemplars].sort((a, b) => a.value - b.value) : [],
    });
  }
}

/** Returns counts by the index of buckets that are `2 ** halvings` times as wide. */
function atSchema({ indexes, counts }: NativeBucketCounts, halvings: number): Map<number, number> {
  const merged = new Map<number, number>();
  for (let i = 0; i < indexes.length; i++) {
    const index = Math.ceil(indexes[i]! / 2 ** halvings) + 0; // not -0
    merged.set(index, (merged.get(index) ?? 0) + counts[i]!);
  }
  return merged;
}

function countsOf(byIndex: ReadonlyMap<number, number>): NativeBucketCounts {
  const sorted = [...byIndex].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b);
  return { indexes: sorted.map(([index]) => index), counts: sorted.map(([, count]) => count) };
}

function pairsOf({ indexes, counts }: NativeBucketCounts): [number, number][] {
  return Array.from(indexes, (index, i) => [index, counts[i]!]);
}

/** Returns how many observations there are in these buckets. */
export function totalOf({ counts }: NativeBucketCounts): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i]!;
  return total;
}

function checkDump(dump: NativeDump): void {
  const isCount = (count: unknown): boolean => Number.isSafeInteger(count) && (count as number) >= 0;
  // From the smallest number, 2 ** -1074, to the largest.
  const isIndex = (index: unknown): boolean =>
    Number.isInteger(index) &&
    (index as number) >= -1074 * 2 ** dump.schema &&
    (index as number) <= 1024 * 2 ** dump.schema;
  const areBuckets = (buckets: unknown): boolean =>
    Array.isArray(buckets) &&
    buckets.every((pair) => Array.isArray(pair) && isIndex(pair[0]) && isCount(pair[1])) &&
    new Set(buckets.map(([index]) => index)).size === buckets.length;
  const isValid =
    typeof dump === 'object' &&
    dump !== null &&
    Number.isInteger(dump.schema) &&
    dump.schema >= MIN_SCHEMA &&
    dump.schema <= MAX_SCHEMA &&
    Number.isFinite(dump.zeroThreshold) &&
    dump.zeroThreshold >= 0 &&
    isCount(dump.zeroCount) &&
    typeof dump.sum === 'number' &&
    areBuckets(dump.positive) &&
    areBuckets(dump.negative);
  if (isValid) return;
  throw new TypeError(
    `Cannot read a dump: expected what NativeSnapshot.toJSON() returned, got ${describe(dump)}. Dump the histogram again.`,
  );
}
