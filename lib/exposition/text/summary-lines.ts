import type { SummaryFamily, SummarySeries } from '../../model/family.ts';
import { KeptLabels } from '../kept-labels.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { writeBytes } from '../write-bytes.ts';
import { LabelList } from './label-list.ts';
import { canonicalNumberText, MAX_NUMBER_LENGTH, writeNumber } from './number-text.ts';
import { PointHeads } from './point-heads.ts';
import { SampleLines } from './sample-lines.ts';
import type { SeriesLines } from './series-lines.ts';

const NEWLINE = 10;

/** Writes the lines of a summary family: for each series its quantiles, sum and count. */
export class SummaryLines implements SeriesLines {
  readonly series: readonly SummarySeries[];
  readonly #labels: KeptLabels;
  readonly #heads: PointHeads;
  readonly #sumLines: SampleLines;
  readonly #countLines: SampleLines;
  /** For each quantile, from `quantile="` to the value. */
  readonly #quantileEnds: readonly Uint8Array[];
  /** The most bytes that the lines take without their labels. */
  readonly #bytesWithoutLabels: number;

  /** `name` is the name of the family, escaped. */
  constructor(name: string, family: SummaryFamily, names: NameScheme) {
    this.series = family.series;
    this.#labels = new KeptLabels(family.series, new LabelList(family, names));
    this.#heads = new PointHeads(name, this.#labels);
    this.#sumLines = new SampleLines(`${name}_sum`, this.#labels);
    this.#countLines = new SampleLines(`${name}_count`, this.#labels);
    this.#quantileEnds = family.quantiles.map((quantile) => encoder.encode(`quantile="${canonicalNumberText(quantile)}"} `));
    this.#bytesWithoutLabels = this.#quantileEnds.reduce(
      (bytes, end) => bytes + this.#heads.headBytes + end.length + MAX_NUMBER_LENGTH + 1,
      this.#sumLines.lineBytes + this.#countLines.lineBytes,
    );
  }

  maxBytes(index: number): number {
    const labelBytes = this.#labels.end(index) - this.#labels.start(index);
    return this.#bytesWithoutLabels + (this.#quantileEnds.length + 2) * labelBytes;
  }

  write(index: number, bytes: Uint8Array, start: number): number {
    const { quantileValues, sum, count } = this.series[index]!;
    let at = start;
    for (let i = 0; i < this.#quantileEnds.length; i++) {
      at = writeBytes(bytes, this.#heads.write(index, bytes, at), this.#quantileEnds[i]!);
      at = writeNumber(bytes, at, quantileValues[i]!);
      bytes[at++] = NEWLINE;
    }
    at = this.#sumLines.write(index, sum, bytes, at);
    return this.#countLines.write(index, count, bytes, at);
  }
}

const encoder = new TextEncoder();
