import type { HistogramFamily, HistogramSeries } from '../../model/family.ts';
import type { HistogramLines } from '../text/histogram-lines.ts';
import type { LineTarget } from '../text/line-target.ts';
import type { SeriesLines } from '../text/series-lines.ts';
import { mayHaveTotals } from './openmetrics-totals.ts';

/** The lines of a histogram family as OpenMetrics allows them: those of the text format, now and then without a sum. */
export class OpenMetricsHistogramLines implements SeriesLines {
  readonly series: readonly HistogramSeries[];
  readonly #family: HistogramFamily;
  readonly #lines: HistogramLines;

  constructor(family: HistogramFamily, lines: HistogramLines) {
    this.series = lines.series;
    this.#family = family;
    this.#lines = lines;
  }

  maxBytes(index: number): number {
    return this.#lines.maxBytes(index);
  }

  write(index: number, target: LineTarget, start: number): number {
    return this.#lines.write(index, target, start, mayHaveTotals(this.#family, this.series[index]!));
  }
}
