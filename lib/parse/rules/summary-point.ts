import type { SampleLine } from '../sample-line.ts';
import type { MetricPoint } from './metric-point.ts';
import { requireCount, requireFirst, requireTime, requireTotal } from './values.ts';

/** A summary of OpenMetrics 1.0, "Summary": any of count, sum, created and quantiles, in any order. */
export class SummaryPoint implements MetricPoint {
  readonly #quantiles = new Set<number>();
  readonly #others = new Set<string>();

  add(line: SampleLine): void {
    if (line.suffix === '') {
      this.#addQuantile(line);
      return;
    }
    requireFirst(line, this.#others.has(line.suffix));
    this.#others.add(line.suffix);
    if (line.suffix === '_count') requireCount(line);
    else if (line.suffix === '_sum') requireTotal(line);
    else requireTime(line);
  }

  close(): void {}

  #addQuantile(line: SampleLine): void {
    const quantile = line.pointNumber();
    if (!(quantile >= 0 && quantile <= 1)) line.failPoint('a quantile from 0 to 1');
    requireFirst(line, this.#quantiles.has(quantile));
    if (line.value < 0) line.failValue('a quantile whose value is 0 or more, or NaN');
    this.#quantiles.add(quantile);
  }
}
