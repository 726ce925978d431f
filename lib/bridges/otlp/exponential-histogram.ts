import type { NativeBucketCounts, NativeHistogram } from '../../model/family.ts';
import type { MessageWriter } from '../message-writer.ts';

/**
 * OTLP writes the empty buckets between two others, so values that are far apart cost a byte for each of them. Beyond so many
 * buckets, neighbours are joined: with the default factor that takes values 150 orders of magnitude apart.
 */
const MAX_BUCKETS = 4096;

/**
 * Writes the fields of an ExponentialHistogramDataPoint that are not those of all histograms: its scale and buckets. A native
 * bucket has its upper bound as an index, a bucket of OTLP its lower one, so that offsets are lower by one.
 *
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
export function writeScaleAndBuckets(writer: MessageWriter, native: NativeHistogram): void {
  const { positive, negative, schema } = native;
  let halvings = 0;
  while (Math.max(widthOf(positive, halvings), widthOf(negative, halvings)) > MAX_BUCKETS) halvings++;
  writer.sint(6, schema - halvings);
  writer.fixed(7, native.zeroCount);
  writeBuckets(writer, 8, positive, halvings);
  writeBuckets(writer, 9, negative, halvings);
  writer.double(14, native.zeroThreshold);
}

/** From the first bucket to the last, when neighbours have been joined so often. */
function widthOf({ indexes }: NativeBucketCounts, halvings: number): number {
  const { length } = indexes;
  return length === 0 ? 0 : ((indexes[length - 1]! - 1) >> halvings) - ((indexes[0]! - 1) >> halvings) + 1;
}

function writeBuckets(
  writer: MessageWriter,
  field: number,
  { indexes, counts }: NativeBucketCounts,
  halvings: number,
): void {
  if (indexes.length === 0) return;
  const offset = (indexes[0]! - 1) >> halvings;
  writer.begin(field);
  writer.sint(1, offset);
  writer.begin(2);
  let place = offset;
  let count = 0;
  for (let i = 0; i < indexes.length; i++) {
    for (const index = (indexes[i]! - 1) >> halvings; place < index; place++) {
      writer.varint(count);
      count = 0;
    }
    count += counts[i]!;
  }
  writer.varint(count);
  writer.end();
  writer.end();
}

/**
 * Returns what a series has counted since an earlier moment; undefined if it was reset meanwhile. Its resolution may have been
 * halved since then, and its zero bucket may have taken buckets: what is in none of the others is in that one.
 */
export function countedSince(now: NativeHistogram, earlier: NativeHistogram): NativeHistogram | undefined {
  const halvings = earlier.schema - now.schema;
  // Of an aggregate it may count since an earlier time than before, as soon as another worker has the series.
  if (halvings < 0 || now.createdSeconds! > (earlier.createdSeconds ?? 0)) return undefined;
  const positive = difference(now.positive, earlier.positive, halvings);
  const negative = difference(now.negative, earlier.negative, halvings);
  const count = now.count - earlier.count;
  let zeroCount = count;
  for (const change of [...positive.counts, ...negative.counts]) {
    if (change < 0) return undefined;
    zeroCount -= change;
  }
  return zeroCount < 0 ? undefined : { ...now, positive, negative, count, zeroCount, sum: now.sum - earlier.sum };
}

function difference(
  now: NativeBucketCounts,
  earlier: NativeBucketCounts,
  halvings: number,
): { readonly indexes: ArrayLike<number>; readonly counts: readonly number[] } {
  const before = new Map<number, number>();
  for (let i = 0; i < earlier.indexes.length; i++) {
    const index = (earlier.indexes[i]! + (1 << halvings) - 1) >> halvings;
    before.set(index, (before.get(index) ?? 0) + earlier.counts[i]!);
  }
  const counts = Array.from(now.counts, (count, i) => count - (before.get(now.indexes[i]!) ?? 0));
  return { indexes: now.indexes, counts };
}
