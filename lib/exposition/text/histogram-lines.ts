import type { HistogramFamily, HistogramSeries } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { ComposedLabels } from './composed-labels.ts';
import { LabelList } from './label-list.ts';
import type { LineTarget } from './line-target.ts';
import { canonicalNumberText, MAX_NUMBER_LENGTH, writeNumber } from './number-text.ts';
import { PointHeads } from './point-heads.ts';
import { SampleLines } from './sample-lines.ts';
import type { SeriesLines } from './series-lines.ts';
import { copyText, SPARE_BYTES, TextPiece } from './text-piece.ts';

const NEWLINE = 10;

/**
 * Writes the lines of a histogram family: for each series its cumulative buckets, sum and count.
 *
 * What differs from bucket to bucket is the end of the line alone, so the rest is copied from the line before. Whole lines
 * are not kept, which would cost 1 KB a series.
 */
export class HistogramLines implements SeriesLines {
  readonly series: readonly HistogramSeries[];
  readonly #labels: ComposedLabels;
  readonly #heads: PointHeads;
  readonly #sumLines: SampleLines;
  readonly #countLines: SampleLines;
  /** For each bucket, from `le="` to the value. */
  readonly #bucketEnds: readonly TextPiece[];
  /** The most bytes that a line takes without its labels. */
  readonly #lineBytes: number;

  /** `name` is the name of the family, escaped; `suffixes` those of the lines of sum and count. */
  constructor(name: string, family: HistogramFamily, names: NameScheme, [sum, count]: readonly [string, string]) {
    this.series = family.series;
    this.#labels = new ComposedLabels(family.series, new LabelList(family, names));
    this.#heads = new PointHeads(`${name}_bucket`, this.#labels);
    this.#sumLines = new SampleLines(name + sum, this.#labels);
    this.#countLines = new SampleLines(name + count, this.#labels);
    this.#bucketEnds = [...family.upperBounds, Infinity].map((bound) => new TextPiece(`le="${canonicalNumberText(bound)}"} `));
    const longestEnd = Math.max(...this.#bucketEnds.map((end) => end.length));
    const bucketBytes = this.#heads.headBytes + longestEnd + MAX_NUMBER_LENGTH + 1;
    this.#lineBytes = Math.max(bucketBytes, this.#countLines.lineBytes, this.#sumLines.lineBytes);
  }

  maxBytes(index: number): number {
    this.#labels.compose(index);
    return (this.#bucketEnds.length + 2) * (this.#lineBytes + this.#labels.length) + SPARE_BYTES;
  }

  /** `hasTotals` says whether sum and count are written. */
  write(index: number, target: LineTarget, start: number, hasTotals = true): number {
    const { bucketCounts, sum } = this.series[index]!;
    const { bytes, view } = target;
    this.#labels.compose(index);
    let at = this.#heads.write(target, start);
    const headLength = at - start;
    let lineStart = start;
    let count = 0;
    const ends = this.#bucketEnds;
    const buckets = ends.length;
    for (let bucket = 0; bucket < buckets; bucket++) {
      if (bucket > 0) {
        const head = lineStart;
        lineStart = at;
        at = copyText(view, at, view, head, headLength);
      }
      at = ends[bucket]!.write(view, at);
      count += bucketCounts[bucket]!;
      at = writeNumber(bytes, at, count);
      bytes[at++] = NEWLINE;
    }
    if (!hasTotals) return at;
    at = this.#sumLines.write(sum, target, at);
    return this.#countLines.write(count, target, at);
  }
}
