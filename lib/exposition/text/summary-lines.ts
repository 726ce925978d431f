import type { SummaryFamily, SummarySeries } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { ComposedLabels } from './composed-labels.ts';
import { LabelList } from './label-list.ts';
import type { LineTarget } from './line-target.ts';
import { canonicalNumberText, MAX_NUMBER_LENGTH, writeNumber } from './number-text.ts';
import { PointHeads } from './point-heads.ts';
import { SampleLines } from './sample-lines.ts';
import type { SeriesLines } from './series-lines.ts';
import { SPARE_BYTES, TextPiece } from './text-piece.ts';

const NEWLINE = 10;

/** Writes the lines of a summary family: for each series its quantiles, sum and count. */
export class SummaryLines implements SeriesLines {
  readonly series: readonly SummarySeries[];
  readonly #labels: ComposedLabels;
  readonly #heads: PointHeads;
  readonly #sumLines: SampleLines;
  readonly #countLines: SampleLines;
  /** For each quantile, from `quantile="` to the value. */
  readonly #quantileEnds: readonly TextPiece[];
  /** The most bytes that the lines take without their labels. */
  readonly #bytesWithoutLabels: number;

  /** `name` is the name of the family, escaped. */
  constructor(name: string, family: SummaryFamily, names: NameScheme) {
    this.series = family.series;
    this.#labels = new ComposedLabels(family.series, new LabelList(family, names));
    this.#heads = new PointHeads(name, this.#labels);
    this.#sumLines = new SampleLines(`${name}_sum`, this.#labels);
    this.#countLines = new SampleLines(`${name}_count`, this.#labels);
    this.#quantileEnds = family.quantiles.map((quantile) => new TextPiece(`quantile="${canonicalNumberText(quantile)}"} `));
    this.#bytesWithoutLabels = this.#quantileEnds.reduce(
      (bytes, end) => bytes + this.#heads.headBytes + end.length + MAX_NUMBER_LENGTH + 1,
      this.#sumLines.lineBytes + this.#countLines.lineBytes,
    );
  }

  maxBytes(index: number): number {
    this.#labels.compose(index);
    return this.#bytesWithoutLabels + (this.#quantileEnds.length + 2) * this.#labels.length + SPARE_BYTES;
  }

  write(index: number, target: LineTarget, start: number): number {
    const { quantileValues, sum, count } = this.series[index]!;
    const { bytes, view } = target;
    this.#labels.compose(index);
    let at = start;
    for (let i = 0; i < this.#quantileEnds.length; i++) {
      at = this.#quantileEnds[i]!.write(view, this.#heads.write(target, at));
      at = writeNumber(bytes, at, quantileValues[i]!);
      bytes[at++] = NEWLINE;
    }
    at = this.#sumLines.write(sum, target, at);
    return this.#countLines.write(count, target, at);
  }
}
