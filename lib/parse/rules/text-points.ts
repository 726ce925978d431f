import type { ParsedType } from '../parsed-family.ts';
import type { SampleLine } from '../sample-line.ts';
import type { Scanner } from '../scanner.ts';
import { Buckets, type MetricPoint, type PointFactory, requireFirst } from './points.ts';

/** The rules of the text formats for a metric point of a histogram or summary. */
export function textPointOf(type: ParsedType): PointFactory {
  return type === 'histogram' ? (firstLine) => new TextHistogramPoint(firstLine) : () => new TextSummaryPoint();
}

/**
 * A histogram of the text formats has a `+Inf` bucket and a `_count` of the same value. `_sum` is optional and counts
 * can be fractional, because Prometheus has such histograms.
 */
class TextHistogramPoint implements MetricPoint {
  readonly #firstLine: number;
  readonly #buckets = new Buckets();
  #hasSum = false;
  #count: number | undefined;

  constructor(firstLine: number) {
    this.#firstLine = firstLine;
  }

  add(line: SampleLine): void {
    if (line.suffix === '_bucket') {
      this.#buckets.add(line);
    } else if (line.suffix === '_sum') {
      requireFirst(line, this.#hasSum);
      this.#hasSum = true;
    } else {
      requireFirst(line, this.#count !== undefined);
      this.#count = line.value;
    }
  }

  close(scanner: Scanner): void {
    const { isComplete, lastCount } = this.#buckets;
    const fail = (expected: string, got: string): never =>
      scanner.failInLine(this.#firstLine, 1, expected, `${got} in the metric`);
    if (!isComplete) fail('a bucket with le="+Inf"', 'none');
    if (this.#count === undefined) fail('_count beside the buckets', 'none');
    if (this.#count !== lastCount) fail(`_count as the +Inf bucket has it, ${lastCount}`, String(this.#count));
  }
}

/** A summary of the text formats: quantiles in increasing order; `_sum` and `_count` are optional. */
class TextSummaryPoint implements MetricPoint {
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
