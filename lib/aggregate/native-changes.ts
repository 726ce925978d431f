import type { HistogramSeries, NativeBucketCounts, NativeHistogram } from '../model/family.ts';
import { NATIVE_RECORD } from './message.ts';

const { POSITIVES, NEGATIVES, BUCKETS } = NATIVE_RECORD;

/** A series as it was last reported. */
interface Reported extends Omit<NativeHistogram, 'count' | 'exemplars'> {
  readonly series: HistogramSeries;
  readonly revision: number | undefined;
}

/** Finds what has changed in the native histograms of a family since they were last reported. */
export class NativeChanges {
  readonly #reported: Reported[] = [];

  /** Returns the record of a series, see `NATIVE_RECORD`; undefined if nothing has changed, or it has no native buckets. */
  recordOf(id: number, index: number, series: HistogramSeries): number[] | undefined {
    const before = this.#reported[index];
    const { revision } = series;
    // The revisions of two series, one of which was created when the other was removed, have nothing to do with each other.
    if (revision !== undefined && before?.series === series && before.revision === revision) return undefined;
    const { native } = series;
    if (native === undefined) return undefined;
    const isWhole = before === undefined || !goesOn(native, before);
    const { schema, zeroThreshold, zeroCount, sum, createdSeconds, positive, negative } = native;
    const record = [id, index, Number(isWhole), schema, zeroThreshold, zeroCount, sum, createdSeconds ?? NaN, 0, 0];
    record[POSITIVES] = addChanges(record, positive, isWhole ? NONE : before.positive);
    record[NEGATIVES] = addChanges(record, negative, isWhole ? NONE : before.negative);
    this.#reported[index] = {
      series,
      revision,
      schema,
      zeroThreshold,
      zeroCount,
      sum,
      createdSeconds,
      positive: copyOf(positive),
      negative: copyOf(negative),
    };
    const hasChanged =
      isWhole || record.length > BUCKETS || zeroCount !== before.zeroCount || !Object.is(sum, before.sum);
    return hasChanged ? record : undefined;
  }

  /** Forgets all series but the first `keep`. */
  forget(keep: number): void {
    this.#reported.length = Math.min(this.#reported.length, keep);
  }
}

const NONE: NativeBucketCounts = { indexes: [], counts: [] };

/** Whether a histogram has the layout of an earlier one, and all its buckets: then it is told by those that have changed. */
function goesOn(now: NativeHistogram, before: Reported): boolean {
  return (
    now.schema === before.schema &&
    now.zeroThreshold === before.zeroThreshold &&
    now.createdSeconds === before.createdSeconds &&
    hasAll(now.positive, before.positive) &&
    hasAll(now.negative, before.negative)
  );
}

function hasAll({ indexes }: NativeBucketCounts, before: NativeBucketCounts): boolean {
  let at = 0;
  for (let i = 0; i < before.indexes.length; i++) {
    while (at < indexes.length && indexes[at]! < before.indexes[i]!) at++;
    if (indexes[at] !== before.indexes[i]) return false;
  }
  return true;
}

/** Adds index and count of each bucket that is new or has another count, and returns how many. `now` has all buckets of `before`. */
function addChanges(record: number[], now: NativeBucketCounts, before: NativeBucketCounts): number {
  const { length } = record;
  let at = 0;
  for (let i = 0; i < now.indexes.length; i++) {
    const index = now.indexes[i]!;
    const count = now.counts[i]!;
    const isKnown = before.indexes[at] === index;
    if (!isKnown || before.counts[at] !== count) record.push(index, count);
    if (isKnown) at++;
  }
  return (record.length - length) / 2;
}

function copyOf({ indexes, counts }: NativeBucketCounts): NativeBucketCounts {
  const copy = { indexes: new Array<number>(indexes.length), counts: new Array<number>(indexes.length) };
  for (let i = 0; i < indexes.length; i++) {
    copy.indexes[i] = indexes[i]!;
    copy.counts[i] = counts[i]!;
  }
  return copy;
}
