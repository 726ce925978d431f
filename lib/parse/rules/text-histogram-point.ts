import type { SampleLine } from '../sample-line.ts';
import type { Scanner } from '../scanner.ts';
import { Buckets } from './buckets.ts';
import type { MetricPoint } from './metric-point.ts';
import { requireFirst } from './values.ts';

/**
 * A histogram of the text formats: it has a `+Inf` bucket, and a `_count` that says the same. `_sum` may be missing,
 * and counts need not be whole: Prometheus has histograms of both kinds.
 */
export class TextHistogramPoint implements MetricPoint {
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
