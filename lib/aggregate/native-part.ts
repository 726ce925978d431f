import type { Exemplar, NativeBucketCounts, NativeHistogram } from '../model/family.ts';
import { addToClassic, endsOf } from '../native/classic-counts.ts';
import { mergeNative, type NativeCounts, NO_BUCKETS, totalOf } from '../native/merge.ts';
import { checkNativeRecord } from './check-native-record.ts';
import { refuse } from './check-report.ts';
import { NATIVE_RECORD } from './message.ts';

// Loaded when the first worker reports native buckets: see `Aggregation`.

const { WHOLE, SCHEMA, ZERO_THRESHOLD, ZERO_COUNT, SUM, CREATED, POSITIVES, NEGATIVES, BUCKETS } = NATIVE_RECORD;

/** The native buckets that one place reports for one series: the counterpart of the numbers of a `Part`. */
export class NativePart {
  /** As last reported; undefined before the first record, and of a place whose next worker has not reported yet. */
  #current: NativeCounts | undefined;
  /** The observations from before the counts restarted from 0. */
  #before: NativeCounts | undefined;
  /** Since when the series counts, if it did later than its family: Unix times in seconds. */
  #createdSeconds = -Infinity;
  #firstCreatedSeconds: number | undefined;

  /**
   * Returns the observations of several parts in one histogram; undefined if there are no counts, since the first record was refused.
   * As in `MergedSeries`, the order of the sum is fixed, so that it never falls by its last bit.
   */
  static merge(parts: readonly NativePart[], exemplars: readonly Exemplar[]): NativeHistogram | undefined {
    const all: NativeCounts[] = [];
    let [sum, earliest] = [0, Infinity];
    for (const part of parts) {
      part.#addTo(all);
      sum += part.sum;
      earliest = Math.min(earliest, part.#firstCreatedSeconds ?? -Infinity);
    }
    if (all.length === 0) return undefined;
    const { schema, zeroThreshold, zeroCount, positive, negative } = upTo(Number.MAX_SAFE_INTEGER, mergeNative(all));
    const count = zeroCount + totalOf(positive) + totalOf(negative);
    const createdSeconds = Number.isFinite(earliest) ? earliest : undefined;
    return { schema, zeroThreshold, zeroCount, positive, negative, sum, count, createdSeconds, exemplars };
  }

  /** The sum of all observations, also of those from before restarts. */
  get sum(): number {
    const { sum = 0 } = this.#current ?? {};
    return this.#before === undefined ? sum : this.#before.sum + sum;
  }

  /** Adds the observations to the counts of classic buckets, not cumulative, of these upper bounds. */
  addToClassic(counted: number[], upperBounds: readonly number[]): void {
    for (const counts of this.#addTo([])) addToClassic(counted, counts, endsOf(upperBounds, counts.schema));
  }

  /**
   * Takes a record of the metric of this name. Counts that have fallen have restarted from 0, and so has a series that was created
   * later. Throws a RangeError, and changes nothing, if the record is invalid, or has the changes of a histogram that is not known.
   */
  take(record: Float64Array, metricName: string): void {
    checkNativeRecord(record, metricName);
    if (record[WHOLE] !== 1 && !isOfLayout(record, this.#current))
      refuse(metricName, 'all native buckets first, then those that have changed');
    const createdSeconds = Number.isNaN(record[CREATED]) ? -Infinity : record[CREATED]!;
    const now = countsOf(record, record[WHOLE] === 1 ? undefined : this.#current);
    if (this.#current !== undefined && (createdSeconds > this.#createdSeconds || hasFallen(now, this.#current)))
      this.beginAgain();
    this.#current = now;
    this.#createdSeconds = createdSeconds;
    this.#firstCreatedSeconds ??= createdSeconds;
  }

  /** Keeps the totals so far, since the counts restart from 0. */
  beginAgain(): void {
    const counts = this.#addTo([]);
    this.#before = counts.length > 0 ? mergeNative(counts) : undefined;
    this.#current = undefined;
  }

  /** Adds its counts to a list, and returns that. */
  #addTo(all: NativeCounts[]): NativeCounts[] {
    if (this.#before !== undefined) all.push(this.#before);
    if (this.#current !== undefined) all.push(this.#current);
    return all;
  }
}

/** Whether a record can be the changes of these counts. */
function isOfLayout(record: Float64Array, counts: NativeCounts | undefined): boolean {
  return counts?.schema === record[SCHEMA] && counts?.zeroThreshold === record[ZERO_THRESHOLD];
}

/** Returns the counts of a record; with `changed`, those counts with the changes of the record. */
function countsOf(record: Float64Array, changed: NativeCounts | undefined): NativeCounts {
  const { positive = NO_BUCKETS, negative = NO_BUCKETS } = changed ?? {};
  const afterPositives = BUCKETS + 2 * record[POSITIVES]!;
  return {
    schema: record[SCHEMA]!,
    zeroThreshold: record[ZERO_THRESHOLD]!,
    zeroCount: record[ZERO_COUNT]!,
    sum: record[SUM]!,
    positive: withPairs(positive, record, BUCKETS, afterPositives),
    negative: withPairs(negative, record, afterPositives, afterPositives + 2 * record[NEGATIVES]!),
  };
}

/** Returns buckets with the counts of the pairs from `start` to `end`, which may be of new ones. */
function withPairs(buckets: NativeBucketCounts, record: Float64Array, start: number, end: number): NativeBucketCounts {
  if (start === end) return buckets;
  const indexes: number[] = [];
  const counts: number[] = [];
  let at = 0;
  const copyBelow = (index: number): void => {
    for (; at < buckets.indexes.length && buckets.indexes[at]! < index; at++) {
      indexes.push(buckets.indexes[at]!);
      counts.push(buckets.counts[at]!);
    }
  };
  for (let place = start; place < end; place += 2) {
    copyBelow(record[place]!);
    if (buckets.indexes[at] === record[place]) at++;
    indexes.push(record[place]!);
    counts.push(record[place + 1]!);
  }
  copyBelow(Infinity);
  return { indexes, counts };
}

/** Whether a histogram cannot be what an earlier one has become by further observations. */
function hasFallen(now: NativeCounts, before: NativeCounts): boolean {
  // A limit only ever lowers the resolution and widens the zero bucket.
  if (now.schema > before.schema || now.zeroThreshold < before.zeroThreshold) return true;
  const { zeroCount, positive, negative } = atLayoutOf(now, before);
  return now.zeroCount < zeroCount || hasLess(now.positive, positive) || hasLess(now.negative, negative);
}

/** Returns counts with the resolution and the zero bucket of later ones. */
function atLayoutOf(later: NativeCounts, counts: NativeCounts): NativeCounts {
  const { schema, zeroThreshold } = later;
  if (counts.schema === schema && counts.zeroThreshold === zeroThreshold) return counts;
  return mergeNative([
    counts,
    { schema, zeroThreshold, zeroCount: 0, positive: NO_BUCKETS, negative: NO_BUCKETS, sum: 0 },
  ]);
}

/** Whether some bucket has less than before. */
function hasLess(now: NativeBucketCounts, before: NativeBucketCounts): boolean {
  let at = 0;
  for (let i = 0; i < before.indexes.length; i++) {
    while (at < now.indexes.length && now.indexes[at]! < before.indexes[i]!) at++;
    if (now.indexes[at] !== before.indexes[i] || now.counts[at]! < before.counts[i]!) return true;
  }
  return false;
}

/** Returns the counts, reduced if they come to more than `most`: no format carries more, and forged ones may. */
function upTo(most: number, counts: NativeCounts): NativeCounts {
  const { zeroCount, positive, negative } = counts;
  if (zeroCount + totalOf(positive) + totalOf(negative) <= most) return counts;
  let rest = most;
  const take = (count: number): number => {
    const taken = Math.min(count, rest);
    rest -= taken;
    return taken;
  };
  const takeAll = ({ indexes, counts: of }: NativeBucketCounts): NativeBucketCounts => ({
    indexes,
    counts: Array.from(of, take),
  });
  return { ...counts, zeroCount: take(zeroCount), positive: takeAll(positive), negative: takeAll(negative) };
}
