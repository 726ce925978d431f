import type {
  Exemplar,
  HistogramFamily,
  HistogramSeries,
  NativeBucketCounts,
  NativeHistogram,
} from '../../model/family.ts';
import { allocate, MAX_CACHED_SERIES, type Memory, withRoomFor } from '../memory.ts';
import type { NameScheme } from '../names/name-schemes.ts';
import { type Exemplars, HistogramWriter } from './distribution-writers.ts';
import type { HeldMetrics } from './held-metrics.ts';
import { writeExemplar } from './labels.ts';
import type { Block } from './metric-writer.ts';
import {
  beginMessage,
  endMessage,
  writeDoubleField,
  writeIntegerField,
  writeSignedField,
  writeTimestampField,
} from './wire.ts';

/** `Metric.histogram`. */
const HISTOGRAM_FIELD = 7;

/** The fields of `Histogram`. Behind that of the spans of a sign is that of its deltas. */
const NEGATIVE_SPANS = 9;
const POSITIVE_SPANS = 12;
const START_FIELD = 15;

/** A wider gap begins another span; in a narrower one, empty buckets are written (client_golang). */
const WIDEST_GAP = 2;

/** The most bytes of a bucket with its span, or with the empty ones before it, and of all other fields but exemplars. */
const BUCKET_BYTES = 24;
const HEAD_BYTES = 128;

interface Written {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly revisions: Float64Array;
}

/**
 * Writes native histograms as client_golang does. Buckets may appear after a family was measured, so series are written then, and
 * the bytes are kept: for the scrape, and for the next one where nothing has changed.
 *
 * A series that was merged from several processes may lack native buckets, or have fewer observations in them than in the classic
 * ones, of which a process that has ended had no others. It is written with its classic buckets alone, unless only native ones
 * are wanted.
 */
export class NativeHistogramWriter extends HistogramWriter {
  /** Of the classic buckets beside native ones; undefined without them. */
  readonly #upperBounds: readonly number[] | undefined;
  readonly #written: Written[] = [];

  constructor(family: HistogramFamily, names: NameScheme) {
    super(family, names);
    this.#upperBounds = family.bucketOptions?.isAlsoClassic === true ? family.upperBounds : undefined;
  }

  override measure(first: number, end: number, held: HeldMetrics | undefined): number {
    const written = this.#write(first, end);
    if (first < MAX_CACHED_SERIES) this.#written[first / this.seriesPerStep] = written;
    held!.steps.push(written.bytes);
    return written.bytes.length;
  }

  override write(first: number, _end: number, held: HeldMetrics | undefined): Uint8Array {
    return held!.steps[first / this.seriesPerStep]!;
  }

  #write(first: number, end: number): Written {
    const before = this.#written[first / this.seriesPerStep] ?? NOTHING;
    const revisions = new Float64Array(end - first);
    let unchanged = 0;
    for (let i = 0; i < revisions.length; i++) {
      revisions[i] = this.series[first + i]!.revision ?? NaN;
      if (revisions[i] === before.revisions[i]) unchanged++;
    }
    if (unchanged === before.revisions.length && unchanged === revisions.length) return before;
    const labels = this.block(first, end);
    const ends = new Uint32Array(revisions.length);
    let at = 0;
    for (let i = 0; i < revisions.length; i++) {
      if (revisions[i] === before.revisions[i]) {
        const bytes = before.bytes.subarray(before.ends[i - 1] ?? 0, before.ends[i]);
        scratch = withRoomFor(scratch, at + bytes.length, at);
        scratch.bytes.set(bytes, at);
        at += bytes.length;
      } else at = this.#writeSeries(this.series[first + i]!, labels, i, at);
      ends[i] = at;
    }
    return { bytes: scratch.bytes.slice(0, at), ends, revisions };
  }

  #writeSeries(series: HistogramSeries, labels: Block, index: number, at: number): number {
    counts = this.#upperBounds && series.bucketCounts;
    // Last: the next look at any series may overwrite it. Both forms must come to one count.
    current = series.native;
    if (counts !== undefined && counts.reduce((a, b) => a + b) !== current?.count) current = undefined;
    let room = HEAD_BYTES;
    let { exemplars = [] } = series;
    if (current !== undefined) {
      const { positive, negative, exemplars: spread } = current;
      if (counts === undefined) exemplars = [latestOf(spread)];
      room += (positive.indexes.length + negative.indexes.length) * BUCKET_BYTES + this.maxExemplarBytes(spread);
    }
    room += this.maxExemplarBytes(exemplars);
    scratch = withRoomFor(scratch, at + labels.labelEnds[index]! + this.valueFieldBytes + room, at);
    return this.writeMetric(series, exemplars, labels, index, scratch, at);
  }

  protected override writeValueField(
    series: HistogramSeries,
    exemplars: Exemplars | undefined,
    target: Memory,
    at: number,
  ): number {
    if (current === undefined) return super.writeValueField(series, exemplars, target, at);
    const { createdSeconds } = current;
    const start = beginMessage(target.bytes, at, HISTOGRAM_FIELD, 256);
    let end = writeIntegerField(target.bytes, start, 1, current.count);
    end = writeDoubleField(target, end, 2, current.sum);
    end = this.#writeClassicBuckets(exemplars!, target, end);
    end = writeNativeBuckets(current, target, end);
    end =
      createdSeconds === undefined
        ? this.copyStart(target, end)
        : writeTimestampField(target.bytes, end, START_FIELD, createdSeconds);
    for (const exemplar of current.exemplars) end = writeNativeExemplar(target, end, exemplar);
    return endMessage(target.bytes, at, start, end);
  }

  /** Writes that of all values only for its exemplar, since the count says the rest (client_golang). */
  #writeClassicBuckets(exemplars: Exemplars, target: Memory, at: number): number {
    const bounds = this.#upperBounds ?? [];
    let end = at;
    let count = 0;
    for (let i = 0; i < bounds.length; i++) {
      count += counts![i]!;
      end = writeClassicBucket(target, end, count, bounds[i]!, exemplars[i]);
    }
    const last = exemplars[bounds.length];
    return last === undefined ? end : writeClassicBucket(target, end, current!.count, Infinity, last);
  }
}

/** The series that is being written: its native buckets, and the counts of classic ones beside them. */
let current: NativeHistogram | undefined;
let counts: readonly number[] | undefined;

const NOTHING: Written = { bytes: new Uint8Array(0), ends: new Uint32Array(0), revisions: new Float64Array(0) };

/** Where metrics are composed. */
let scratch = allocate(2048);

function writeNativeBuckets(native: NativeHistogram, target: Memory, at: number): number {
  const { bytes } = target;
  const { count, schema, zeroThreshold, zeroCount, positive, negative } = native;
  let end = writeSignedField(bytes, at, 5, schema);
  end = writeDoubleField(target, end, 6, zeroThreshold);
  end = writeIntegerField(bytes, end, 7, zeroCount);
  end = writeBuckets(negative, NEGATIVE_SPANS, bytes, end);
  // Without buckets and zero bucket it would look like a classic histogram, so it gets an empty span.
  if (zeroThreshold === 0 && count === 0) return writeSpan(bytes, end, POSITIVE_SPANS, 0, 0);
  return writeBuckets(positive, POSITIVE_SPANS, bytes, end);
}

/** Writes the spans of some buckets, then the differences between their counts. */
function writeBuckets(
  { indexes, counts }: NativeBucketCounts,
  spanField: number,
  bytes: Uint8Array,
  at: number,
): number {
  const { length } = indexes;
  let end = at;
  let next = 0;
  for (let i = 0; i < length; ) {
    const first = indexes[i]!;
    const offset = first - next;
    next = first + 1;
    while (++i < length && indexes[i]! - next <= WIDEST_GAP) next = indexes[i]! + 1;
    end = writeSpan(bytes, end, spanField, offset, next - first);
  }
  let previous = 0;
  next = indexes[0]!;
  for (let i = 0; i < length; i++) {
    const index = indexes[i]!;
    for (; next < index && index - next <= WIDEST_GAP; next++) {
      end = writeDelta(bytes, end, spanField + 1, -previous);
      previous = 0;
    }
    end = writeDelta(bytes, end, spanField + 1, counts[i]! - previous);
    previous = counts[i]!;
    next = index + 1;
  }
  return end;
}

/** Writes the difference between two counts. Most take one byte, which is worth a way of its own. */
function writeDelta(bytes: Uint8Array, at: number, field: number, delta: number): number {
  if (delta < -64 || delta > 63) return writeSignedField(bytes, at, field, delta);
  bytes[at] = field << 3;
  bytes[at + 1] = (delta << 1) ^ (delta >> 31); // no branch: signs cannot be predicted
  return at + 2;
}

function writeSpan(bytes: Uint8Array, at: number, field: number, offset: number, length: number): number {
  const start = beginMessage(bytes, at, field, 1);
  const end = writeIntegerField(bytes, writeSignedField(bytes, start, 1, offset), 2, length);
  return endMessage(bytes, at, start, end);
}

function writeClassicBucket(
  target: Memory,
  at: number,
  count: number,
  bound: number,
  exemplar: Exemplar | undefined,
): number {
  const start = beginMessage(target.bytes, at, 3, 1);
  let end = writeIntegerField(target.bytes, start, 1, count);
  end = writeDoubleField(target, end, 2, bound);
  if (exemplar !== undefined) end = writeExemplar(target, end, 3, exemplar);
  return endMessage(target.bytes, at, start, end);
}

function latestOf(exemplars: readonly Exemplar[]): Exemplar | undefined {
  let latest = exemplars[0];
  for (const each of exemplars) if (each.timestampSeconds! >= latest!.timestampSeconds!) latest = each;
  return latest;
}

/** Writes field 16, the only one whose tag takes two bytes. */
function writeNativeExemplar(target: Memory, at: number, exemplar: Exemplar): number {
  const end = writeExemplar(target, at + 1, 0, exemplar);
  target.bytes[at] = 0x82;
  target.bytes[at + 1] = 0x01;
  return end;
}
