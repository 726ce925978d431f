import type { Exemplar, NativeBucketCounts, NativeHistogram } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { mergeNative, totalOf } from './merge.ts';
import { percentileDistribution } from './percentile-distribution.ts';
import { bucketsOf, quantileOfNative } from './quantile.ts';
import { isBucketIndex, isSchema } from './resolution.ts';

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
    const exemplars = [...this.exemplars, ...other.exemplars].sort((a, b) => a.value - b.value);
    return new NativeSnapshot({ ...mergeNative([this, other]), exemplars });
  }

  /**
   * Returns the observations since an earlier snapshot of the same series. Throws a RangeError if that has more in some bucket:
   * then it is of another series, or the series was reset.
   */
  subtract(earlier: NativeHistogram): NativeSnapshot {
    const difference = new NativeSnapshot({ ...mergeNative([this, earlier], -1), exemplars: [] });
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
}

function countsOf(byIndex: ReadonlyMap<number, number>): NativeBucketCounts {
  const sorted = [...byIndex].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b);
  return { indexes: sorted.map(([index]) => index), counts: sorted.map(([, count]) => count) };
}

function pairsOf({ indexes, counts }: NativeBucketCounts): [number, number][] {
  return Array.from(indexes, (index, i) => [index, counts[i]!]);
}

function checkDump(dump: NativeDump): void {
  const isCount = (count: unknown): boolean => Number.isSafeInteger(count) && (count as number) >= 0;
  const areBuckets = (buckets: unknown): boolean =>
    Array.isArray(buckets) &&
    buckets.every((pair) => Array.isArray(pair) && isBucketIndex(pair[0], dump.schema) && isCount(pair[1])) &&
    new Set(buckets.map(([index]) => index)).size === buckets.length;
  const isValid =
    typeof dump === 'object' &&
    dump !== null &&
    isSchema(dump.schema) &&
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
