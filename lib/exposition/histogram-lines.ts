import type { HistogramFamily, HistogramSeries } from '../model/family.ts';
import { labelList } from './labels-text.ts';
import { canonicalNumberText, MAX_NUMBER_LENGTH, writeNumber } from './number-text.ts';

const NEWLINE = 10;

/**
 * Writes the lines of a histogram family: for each series its cumulative buckets, sum and count.
 *
 * What differs from bucket to bucket is the end of the line alone, so the rest is copied from the line before. The
 * labels of each series are kept as bytes from the first scrape on; whole lines are not, which would cost 1 KB a
 * series.
 */
export class HistogramLines {
  /** The array of series that the lines are of, which only grows. */
  readonly series: readonly HistogramSeries[];
  readonly #family: HistogramFamily;
  readonly #bucketName: Uint8Array;
  readonly #sumName: Uint8Array;
  readonly #countName: Uint8Array;
  /** For each bucket, from `le="` to the value. */
  readonly #bucketEnds: readonly Uint8Array[];
  readonly #headBytes: number;
  /** The labels of each series, without braces. */
  readonly #labels: Uint8Array[] = [];

  constructor(name: string, family: HistogramFamily) {
    this.series = family.series;
    this.#family = family;
    this.#bucketName = encoder.encode(`${name}_bucket{`);
    this.#sumName = encoder.encode(`${name}_sum`);
    this.#countName = encoder.encode(`${name}_count`);
    this.#bucketEnds = [...family.upperBounds, Infinity].map((bound) => encoder.encode(`le="${canonicalNumberText(bound)}"} `));
    const longestEnd = Math.max(...this.#bucketEnds.map((end) => end.length));
    // A sum or count line, `name_count{…} value`, is never longer than a bucket line.
    this.#headBytes = this.#bucketName.length + 1 + longestEnd + MAX_NUMBER_LENGTH + 1;
  }

  /** How many bytes the lines of a series take at most. */
  maxBytes(index: number): number {
    return (this.#bucketEnds.length + 2) * (this.#headBytes + this.#labelsOf(index).length);
  }

  /** Writes the lines of a series at `start`, where {@link maxBytes} must be free, and returns the position behind them. */
  write(index: number, bytes: Uint8Array, start: number): number {
    const { bucketCounts, sum } = this.series[index]!;
    const labels = this.#labelsOf(index);
    let at = writeBytes(bytes, start, this.#bucketName);
    if (labels.length > 0) {
      at = writeBytes(bytes, at, labels);
      bytes[at++] = 44; // ,
    }
    const headLength = at - start;
    let lineStart = start;
    let count = 0;
    const ends = this.#bucketEnds;
    const buckets = ends.length;
    for (let bucket = 0; bucket < buckets; bucket++) {
      if (bucket > 0) {
        bytes.copyWithin(at, lineStart, lineStart + headLength);
        lineStart = at;
        at += headLength;
      }
      at = writeBytes(bytes, at, ends[bucket]!);
      count += bucketCounts[bucket]!;
      at = writeNumber(bytes, at, count);
      bytes[at++] = NEWLINE;
    }
    at = writeSample(bytes, at, this.#sumName, labels, sum);
    return writeSample(bytes, at, this.#countName, labels, count);
  }

  #labelsOf(index: number): Uint8Array {
    return (this.#labels[index] ??= encoder.encode(labelList(this.#family, this.series[index]!)));
  }
}

function writeSample(bytes: Uint8Array, start: number, name: Uint8Array, labels: Uint8Array, value: number): number {
  let at = writeBytes(bytes, start, name);
  if (labels.length > 0) {
    bytes[at++] = 123; // {
    at = writeBytes(bytes, at, labels);
    bytes[at++] = 125; // }
  }
  bytes[at++] = 32;
  at = writeNumber(bytes, at, value);
  bytes[at++] = NEWLINE;
  return at;
}

// Byte by byte: for the 10 to 40 bytes of a name or a label list a call of `set()` costs more than it saves.
function writeBytes(bytes: Uint8Array, at: number, source: Uint8Array): number {
  const { length } = source;
  for (let i = 0; i < length; i++) bytes[at + i] = source[i]!;
  return at + length;
}

const encoder = new TextEncoder();
