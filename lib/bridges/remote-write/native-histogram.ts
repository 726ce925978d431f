import type { NativeBucketCounts, NativeHistogram } from '../../model/family.ts';
import type { MessageWriter } from '../message-writer.ts';

/** A wider gap between two buckets begins another span; buckets in a narrower one are written as empty (client_golang). */
const WIDEST_GAP = 2;

/** The fields of spans; those of the differences between counts follow. */
const NEGATIVE_SPANS = 8;
const POSITIVE_SPANS = 11;

/** Writes the fields of a `Histogram`, which both versions of remote write have, but for its times. */
export function writeNativeCounts(writer: MessageWriter, native: NativeHistogram): void {
  writer.uint(1, native.count);
  writer.double(3, native.sum);
  writer.sint(4, native.schema);
  writer.double(5, native.zeroThreshold);
  writer.uint(6, native.zeroCount);
  writeBuckets(writer, native.negative, NEGATIVE_SPANS);
  writeBuckets(writer, native.positive, POSITIVE_SPANS);
}

function writeBuckets(writer: MessageWriter, { indexes, counts }: NativeBucketCounts, field: number): void {
  const spans: { readonly offset: number; length: number }[] = [];
  const deltas: number[] = [];
  let next = 0;
  let previous = 0;
  const add = (count: number): void => {
    deltas.push(count - previous);
    previous = count;
    spans.at(-1)!.length++;
    next++;
  };
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i]!;
    if (i === 0 || index - next > WIDEST_GAP) {
      spans.push({ offset: index - next, length: 0 });
      next = index;
    }
    while (next < index) add(0);
    add(counts[i]!);
  }
  for (const { offset, length } of spans) {
    writer.begin(field);
    writer.sint(1, offset);
    writer.uint(2, length);
    writer.end();
  }
  if (deltas.length === 0) return;
  writer.begin(field + 1);
  for (const delta of deltas) writer.rawSint(delta);
  writer.end();
}
