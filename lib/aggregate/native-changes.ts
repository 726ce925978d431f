import type { HistogramSeries, NativeBucketCounts, NativeHistogram } from '../model/family.ts';
import { copyNative } from '../model/snapshot.ts';

/** A series as it was last reported. */
interface Reported {
  readonly series: HistogramSeries;
  readonly revision: number | undefined;
  readonly native: NativeHistogram;
}

/** Finds what has changed in the native histograms of a family since they were last reported. */
export class NativeChanges {
  readonly #reported: Reported[] = [];

  /** Returns the record of a series, see `NATIVE_RECORD`; undefined if nothing has changed, or it has no native buckets. */
  recordOf(id: number, index: number, series: HistogramSeries): number[] | undefined {
    const before = this.#reported[index];
    // The revisions of two series, one of which was created when the other was removed, have nothing to do with each other.
    const isKnown = before?.series === series;
    const { revision } = series;
    if (isKnown && revision !== undefined && revision === before.revision) return undefined;
    const { native } = series;
    if (native === undefined) return undefined;
    const isWhole = before === undefined || !goesOn(native, before.native);
    const positive = changedPairs(native.positive, isWhole ? NONE : before.native.positive);
    const negative = changedPairs(native.negative, isWhole ? NONE : before.native.negative);
    const { schema, zeroThreshold, zeroCount, sum, createdSeconds = NaN } = native;
    const { length } = positive;
    const hasChanged = isWhole || length + negative.length > 0 || zeroCount !== before.native.zeroCount;
    this.#reported[index] = { series, revision, native: copyNative({ ...native, exemplars: [] }) };
    if (!hasChanged && Object.is(sum, before.native.sum)) return undefined;
    const head = [id, index, Number(isWhole), schema, zeroThreshold, zeroCount, sum, createdSeconds];
    return [...head, length / 2, negative.length / 2, ...positive, ...negative];
  }

  /** Forgets all series but the first `keep`. */
  forget(keep: number): void {
    this.#reported.length = Math.min(this.#reported.length, keep);
  }
}

const NONE: NativeBucketCounts = { indexes: [], counts: [] };

/** Whether a histogram has the layout of an earlier one, and all its buckets: then it is told by those that have changed. */
function goesOn(now: NativeHistogram, before: NativeHistogram): boolean {
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

/** Returns index and count of each bucket that is new or has another count. `now` has all buckets of `before`. */
function changedPairs(now: NativeBucketCounts, before: NativeBucketCounts): number[] {
  const pairs: number[] = [];
  let at = 0;
  for (let i = 0; i < now.indexes.length; i++) {
    const index = now.indexes[i]!;
    const count = now.counts[i]!;
    const isKnown = before.indexes[at] === index;
    if (!isKnown || before.counts[at] !== count) pairs.push(index, count);
    if (isKnown) at++;
  }
  return pairs;
}
