import type { SampleLine } from '../sample-line.ts';
import type { MetricPoint } from './metric-point.ts';
import { requireFirst } from './values.ts';

/** A summary of the text formats: quantiles in increasing order, `_sum` and `_count` if it likes. */
export class TextSummaryPoint implements MetricPoint {
  #lastQuantile: number | undefined;
  #hasSum = false;
  #hasCount = false;

  add(line: SampleLine): void {
    if (line.suffix === '') {
      this.#addQuantile(line);
    } else if (line.suffix === '_sum') {
      requireFirst(line, this.#hasSum);
      this.#hasSum = true;
    } else {
      requireFirst(line, this.#hasCount);
      if (line.value < 0) line.failValue(`${line.name} of 0 or more`);
      this.#hasCount = true;
    }
  }

  close(): void {}

  #addQuantile(line: SampleLine): void {
    const quantile = line.pointNumber();
    if (Number.isNaN(quantile)) line.failPoint('a number as quantile');
    if (this.#lastQuantile !== undefined && quantile <= this.#lastQuantile) {
      line.failPoint(`a quantile above ${this.#lastQuantile}`);
    }
    this.#lastQuantile = quantile;
  }
}
