import type { NativeBucketCounts, NativeHistogram } from '../../model/family.ts';
import type { Memory } from '../memory.ts';
import { TextPiece } from '../text/family-lines.ts';
import { MAX_NUMBER_LENGTH, writeNumber } from '../text/number-text.ts';

/** The longest text of a span's offset: `-2147483648`. */
const MAX_INTEGER_LENGTH = 11;

/**
 * The most bytes of a bucket: its count and a span that begins with it, with three signs between. The length of a span has no
 * more digits than the span has buckets, and the empty bucket before another one takes less than a span.
 */
const BUCKET_BYTES = MAX_NUMBER_LENGTH + MAX_INTEGER_LENGTH + 4;

/** Returns how many bytes {@link writeNativeFields} takes at most. */
export function maxNativeBytes({ positive, negative }: NativeHistogram): number {
  return FIELD_BYTES + (positive.indexes.length + negative.indexes.length) * BUCKET_BYTES;
}

/**
 * Writes the fields of native buckets, `,schema:3,zero_threshold:1e-128,zero_count:2,positive_spans:[-3:1],positive_buckets:[4]`,
 * of which those of a sign without buckets are left out. Returns the position behind them.
 *
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec_2_0/#histogram-with-native-buckets
 */
export function writeNativeFields(native: NativeHistogram, target: Memory, start: number): number {
  const { bytes, view } = target;
  const { schema, zeroThreshold, zeroCount, negative, positive } = native;
  let at = writeNumber(bytes, SCHEMA.write(view, start), schema);
  at = writeNumber(bytes, ZERO_THRESHOLD.write(view, at), zeroThreshold);
  at = writeNumber(bytes, ZERO_COUNT.write(view, at), zeroCount);
  at = writeSign(negative, NEGATIVE, target, at);
  return writeSign(positive, POSITIVE, target, at);
}

/** Writes the spans and the counts of the buckets of one sign. */
function writeSign(buckets: NativeBucketCounts, { spans, counts }: SignFields, target: Memory, start: number): number {
  if (buckets.indexes.length === 0) return start;
  const { bytes, view } = target;
  let at = writeSpans(buckets, bytes, spans.write(view, start));
  at = writeCounts(buckets, bytes, counts.write(view, at));
  bytes[at] = LIST_END;
  return at + 1;
}

/** Writes spans: how far the next one is from the last, and how many buckets it has. One empty bucket does not end a span. */
function writeSpans({ indexes }: NativeBucketCounts, bytes: Uint8Array, start: number): number {
  const { length } = indexes;
  let at = start;
  let next = 0;
  for (let i = 0; i < length; ) {
    if (i > 0) bytes[at++] = COMMA;
    const first = indexes[i]!;
    at = writeNumber(bytes, at, first - next);
    next = first + 1;
    while (++i < length && indexes[i]! - next <= WIDEST_GAP) next = indexes[i]! + 1;
    bytes[at++] = COLON;
    at = writeNumber(bytes, at, next - first);
  }
  return at;
}

function writeCounts({ indexes, counts }: NativeBucketCounts, bytes: Uint8Array, start: number): number {
  const { length } = indexes;
  let at = writeNumber(bytes, start, counts[0]!);
  for (let i = 1; i < length; i++) {
    const gap = indexes[i]! - indexes[i - 1]! - 1;
    if (gap > 0 && gap <= WIDEST_GAP) {
      bytes[at++] = COMMA;
      bytes[at++] = ZERO;
    }
    bytes[at++] = COMMA;
    at = writeNumber(bytes, at, counts[i]!);
  }
  return at;
}

/** The names of the fields of one sign, with what ends the field before. */
interface SignFields {
  readonly spans: TextPiece;
  readonly counts: TextPiece;
}

function signFields(sign: string): SignFields {
  return { spans: new TextPiece(`,${sign}_spans:[`), counts: new TextPiece(`],${sign}_buckets:[`) };
}

/** A wider gap begins another span; in a narrower one an empty bucket is written, which is shorter. */
const WIDEST_GAP = 1;
const SCHEMA = new TextPiece(',schema:');
const ZERO_THRESHOLD = new TextPiece(',zero_threshold:');
const ZERO_COUNT = new TextPiece(',zero_count:');
const NEGATIVE = signFields('negative');
const POSITIVE = signFields('positive');
/** All fields but spans and counts. */
const FIELD_BYTES = 3 * MAX_NUMBER_LENGTH + 120;
const COMMA = 44;
const ZERO = 48;
const COLON = 58;
const LIST_END = 93;
