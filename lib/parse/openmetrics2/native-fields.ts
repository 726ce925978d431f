import type { NativeBucketCounts } from '../../model/family.ts';
import type { Scanner } from '../scanner.ts';
import {
  expect,
  NUMBER,
  readInteger,
  readNonNegativeInteger,
  readNumber,
  readPositiveInteger,
  readRealNumber,
} from './tokens.ts';

/** The fields of native buckets. */
export interface NativeParts {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly negative: NativeBucketCounts;
  readonly positive: NativeBucketCounts;
}

/** The sum of all bits of a double's exponent: `2 ** 1024` is the first power of two above the largest double. */
const MAX_EXPONENT = 1024;
/** Lower indexes are of no use: at the highest resolution, that of the smallest double is -274,944. */
const MIN_INDEX = -(2 ** 31);

/** Reads the fields of native buckets from behind `schema:`, up to the comma or brace behind them. */
export function readNativeFields(scanner: Scanner): NativeParts {
  const schemaAt = scanner.at;
  const schema = readInteger(scanner, SCHEMA);
  if (schema < -4 || schema > 8) scanner.fail(schemaAt, SCHEMA);
  expect(scanner, ',zero_threshold:');
  const thresholdAt = scanner.at;
  const zeroThreshold = readRealNumber(scanner, THRESHOLD);
  if (zeroThreshold < 0) scanner.fail(thresholdAt, THRESHOLD);
  expect(scanner, ',zero_count:');
  const zeroCount = readNumber(scanner, `a count: ${NUMBER}`);
  const negative = readSign(scanner, schema, 'negative');
  return { schema, zeroThreshold, zeroCount, negative, positive: readSign(scanner, schema, 'positive') };
}

/** Reads spans and counts of one sign, if they are there, and returns the buckets that count something. */
function readSign(scanner: Scanner, schema: number, sign: string): NativeBucketCounts {
  const indexes: number[] = [];
  const counts: number[] = [];
  if (!scanner.take(`,${sign}_spans:[`)) return { indexes, counts };
  const spansAt = scanner.at;
  const spans = readSpans(scanner);
  expect(scanner, `,${sign}_buckets:[`);
  const countsAt = scanner.at;
  const written = readCounts(scanner);
  // Compared before the indexes are counted: a line cannot have many counts, but a span any length.
  const length = spans.reduce((sum, span) => sum + span.length, 0);
  if (length !== written.length)
    scanner.fail(countsAt, `as many counts as the spans have, ${length}`, `${written.length}`);
  let next = 0;
  let i = 0;
  for (const span of spans) {
    next += span.offset;
    if (next < MIN_INDEX) scanner.fail(spansAt, `an index of ${MIN_INDEX} or more`, `${next}`);
    for (const end = i + span.length; i < end; i++, next++) {
      if (written[i] === 0) continue;
      indexes.push(next);
      counts.push(written[i]!);
    }
  }
  // Behind the bucket of the largest double is that of infinity, and behind that none (OpenMetrics 2.0, "Native Buckets").
  const last = MAX_EXPONENT * 2 ** schema + 1;
  if (next - 1 > last) scanner.fail(spansAt, `an index of at most ${last}, that of infinity`, `${next - 1}`);
  return { indexes, counts };
}

interface Span {
  /** How far the first bucket is from the one behind the last span. */
  readonly offset: number;
  readonly length: number;
}

function readSpans(scanner: Scanner): Span[] {
  const spans: Span[] = [];
  if (scanner.take(']')) return spans;
  for (;;) {
    const offset =
      spans.length === 0
        ? readInteger(scanner, 'the offset of a span, a whole number')
        : readNonNegativeInteger(scanner, 'the offset of a span, a whole number of 0 or more');
    expect(scanner, ':');
    spans.push({ offset, length: readPositiveInteger(scanner, 'the length of a span, a whole number above 0') });
    if (scanner.take(']')) return spans;
    if (!scanner.take(',')) scanner.fail(scanner.at, '"," or "]" behind a span');
  }
}

function readCounts(scanner: Scanner): number[] {
  const counts: number[] = [];
  if (scanner.take(']')) return counts;
  for (;;) {
    counts.push(readNumber(scanner, `a count: ${NUMBER}`));
    if (scanner.take(']')) return counts;
    if (!scanner.take(',')) scanner.fail(scanner.at, '"," or "]" behind a count');
  }
}

const SCHEMA = 'a schema, a whole number from -4 to 8';
const THRESHOLD = 'a zero threshold, a finite number of 0 or more';
