import type { Exemplar, HistogramSeries, NativeBucketCounts, NativeHistogram } from '../../model/family.ts';
import type { Memory } from '../memory.ts';
import { HistogramWriter } from './distribution-writers.ts';
import { writeExemplar } from './labels.ts';
import {
  beginMessage,
  endMessage,
  MAX_TIMESTAMP_BYTES,
  writeDoubleField,
  writeIntegerField,
  writeTimestampField,
} from './wire.ts';

type Exemplars = readonly (Exemplar | undefined)[];

/** `Metric.histogram`. */
const HISTOGRAM_FIELD = 7;

/** The fields of `Histogram` for the buckets of one sign. */
const NEGATIVE = { span: 9, delta: 10 };
const POSITIVE = { span: 12, delta: 13 };
const START_FIELD = 15;

/** A wider gap between two buckets begins another span; buckets in a narrower one are written as empty (client_golang). */
const WIDEST_GAP = 2;

/** The most bytes of a delta and of a span, each with its tag, and of all other fields but exemplars. */
const DELTA_BYTES = 11;
const SPAN_BYTES = 16;
const HEAD_BYTES = 64 + MAX_TIMESTAMP_BYTES;

/**
 * Writes histograms with native buckets, as client_golang does. Buckets may appear after a family was measured, so each series
 * is written when it is measured, and held. A series without native buckets, which may be merged from another process, is
 * written with its classic ones.
 */
export class NativeHistogramWriter extends HistogramWriter {
  protected override exemplarsOf(series: HistogramSeries): Exemplars | undefined {
    current = series.native;
    return current === undefined ? super.exemplarsOf(series) : current.exemplars;
  }

  protected override maxExemplarBytes(exemplars: Exemplars): number {
    const bytes = super.maxExemplarBytes(exemplars);
    if (current === undefined) return bytes;
    const bucketCount = current.positive.indexes.length + current.negative.indexes.length;
    return 2 * bytes + exemplars.length + HEAD_BYTES + bucketCount * ((1 + WIDEST_GAP) * DELTA_BYTES + SPAN_BYTES);
  }

  protected override writeValueField(
    series: HistogramSeries,
    exemplars: Exemplars | undefined,
    target: Memory,
    at: number,
  ): number {
    if (current === undefined) return super.writeValueField(series, exemplars, target, at);
    const native = current;
    current = undefined;
    const start = beginMessage(target.bytes, at, HISTOGRAM_FIELD, 256);
    let end = writeCounts(native, target, start);
    const createdSeconds = native.createdSeconds ?? this.createdSeconds;
    if (createdSeconds !== undefined) end = writeTimestampField(target.bytes, end, START_FIELD, createdSeconds);
    for (const exemplar of native.exemplars) end = writeNativeExemplar(target, end, exemplar);
    return endMessage(target.bytes, at, start, end);
  }
}

/** The native buckets of the series that is being written: read once, when it is measured. */
let current: NativeHistogram | undefined;

/** Writes count, sum, schema and buckets; returns the position behind them. */
function writeCounts(native: NativeHistogram, target: Memory, at: number): number {
  const { bytes } = target;
  const { count, sum, schema, zeroThreshold, zeroCount, positive, negative, exemplars } = native;
  let end = writeIntegerField(bytes, at, 1, count);
  end = writeDoubleField(target, end, 2, sum);
  if (exemplars.length > 0) end = writeInfiniteBucket(target, end, count, exemplars.reduce(laterOf));
  end = writeIntegerField(bytes, end, 5, zigZag(schema));
  end = writeDoubleField(target, end, 6, zeroThreshold);
  end = writeIntegerField(bytes, end, 7, zeroCount);
  end = writeBuckets(negative, NEGATIVE, bytes, end);
  // Without buckets and zero bucket it would look like a classic histogram, so it gets an empty span.
  if (zeroThreshold === 0 && count === 0) return writeSpan(bytes, end, POSITIVE.span, 0, 0);
  return writeBuckets(positive, POSITIVE, bytes, end);
}

/** Writes the spans of some buckets, then the differences between their counts; returns the position behind them. */
function writeBuckets(
  { indexes, counts }: NativeBucketCounts,
  field: { readonly span: number; readonly delta: number },
  bytes: Uint8Array,
  at: number,
): number {
  let end = at;
  let next = 0;
  for (let i = 0; i < indexes.length; ) {
    const offset = indexes[i]! - next;
    const first = indexes[i]!;
    let last = first;
    while (++i < indexes.length && indexes[i]! - last - 1 <= WIDEST_GAP) last = indexes[i]!;
    next = last + 1;
    end = writeSpan(bytes, end, field.span, offset, next - first);
  }
  let previous = 0;
  for (let i = 0; i < indexes.length; i++) {
    const gap = i === 0 ? 0 : indexes[i]! - indexes[i - 1]! - 1;
    for (let empty = 0; gap <= WIDEST_GAP && empty < gap; empty++) {
      end = writeIntegerField(bytes, end, field.delta, zigZag(-previous));
      previous = 0;
    }
    end = writeIntegerField(bytes, end, field.delta, zigZag(counts[i]! - previous));
    previous = counts[i]!;
  }
  return end;
}

/** Writes a `BucketSpan`; returns the position behind it. */
function writeSpan(bytes: Uint8Array, at: number, field: number, offset: number, length: number): number {
  const start = beginMessage(bytes, at, field, 1);
  const end = writeIntegerField(bytes, writeIntegerField(bytes, start, 1, zigZag(offset)), 2, length);
  return endMessage(bytes, at, start, end);
}

/** Writes the classic bucket of all values, for the exemplar of readers that know no native ones (client_golang). */
function writeInfiniteBucket(target: Memory, at: number, count: number, exemplar: Exemplar): number {
  const start = beginMessage(target.bytes, at, 3, 1);
  let end = writeIntegerField(target.bytes, start, 1, count);
  end = writeExemplar(target, writeDoubleField(target, end, 2, Infinity), 3, exemplar);
  return endMessage(target.bytes, at, start, end);
}

function laterOf(a: Exemplar, b: Exemplar): Exemplar {
  return b.timestampSeconds! >= a.timestampSeconds! ? b : a;
}

/** Writes an exemplar as field 16, the only one whose tag takes two bytes. */
function writeNativeExemplar(target: Memory, at: number, exemplar: Exemplar): number {
  const end = writeExemplar(target, at + 1, 0, exemplar); // the tag of field 0 is replaced
  target.bytes[at] = 0x82;
  target.bytes[at + 1] = 0x01;
  return end;
}

/** Returns a whole number as protobuf's `sint` types have it: the sign in the lowest bit. */
function zigZag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
