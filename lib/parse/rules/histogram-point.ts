import type { SampleLine } from '../sample-line.ts';
import type { Scanner } from '../scanner.ts';
import { Buckets } from './buckets.ts';
import { requireExemplarInBucket } from './exemplars.ts';
import type { MetricPoint } from './metric-point.ts';
import { requireCount, requireFirst, requireTime, requireTotal } from './values.ts';

/** A histogram or gauge histogram of OpenMetrics 1.0, "Histogram" and "GaugeHistogram". */
export class HistogramPoint implements MetricPoint {
  readonly #firstLine: number;
  readonly #isGauge: boolean;
  readonly #buckets = new Buckets();
  #sum: number | undefined;
  #count: number | undefined;
  #hasCreated = false;

  constructor(firstLine: number, isGauge: boolean) {
    this.#firstLine = firstLine;
    this.#isGauge = isGauge;
  }

  add(line: SampleLine): void {
    switch (line.suffix) {
      case '_bucket':
        requireCount(line);
        this.#buckets.add(line);
        if (this.#buckets.isComplete) requireInfinityAsWritten(line);
        requireExemplarInBucket(line, this.#buckets.lastBound);
        break;
      case '_sum':
      case '_gsum':
        requireFirst(line, this.#sum !== undefined);
        if (!this.#isGauge) requireTotal(line);
        else if (Number.isNaN(line.value)) line.failValue(`a number in ${line.name}`);
        this.#sum = line.value;
        break;
      case '_count':
      case '_gcount':
        requireFirst(line, this.#count !== undefined);
        requireCount(line);
        this.#count = line.value;
        break;
      default:
        requireFirst(line, this.#hasCreated);
        requireTime(line);
        this.#hasCreated = true;
    }
  }

  close(scanner: Scanner): void {
    const { isComplete, lastCount, hasNegativeBound } = this.#buckets;
    const [sumName, countName] = this.#isGauge ? ['_gsum', '_gcount'] : ['_sum', '_count'];
    const fail = (expected: string, got: string): never =>
      scanner.failInLine(this.#firstLine, 1, expected, `${got} in the metric`);
    if (!isComplete) fail('a bucket with le="+Inf"', 'none');
    if (this.#count === undefined && this.#sum !== undefined) fail(`${countName} beside ${sumName}`, 'none');
    if (this.#count !== undefined && this.#sum === undefined) fail(`${sumName} beside ${countName}`, 'none');
    if (this.#count !== undefined && this.#count !== lastCount) {
      fail(`${countName} as the +Inf bucket has it, ${lastCount}`, String(this.#count));
    }
    if (this.#sum === undefined) return;
    // Observations below 0 make a sum that is no counter, so there must be none.
    if (!this.#isGauge && hasNegativeBound) fail(`no ${sumName} beside a negative le`, String(this.#sum));
    if (this.#isGauge && this.#sum < 0 && !hasNegativeBound) {
      fail(`a ${sumName} of 0 or more without a negative le`, String(this.#sum));
    }
  }
}

/** Any spelling of a finite bound is read, but infinity has one (OpenMetrics 1.0, "Canonical Numbers"). */
function requireInfinityAsWritten(line: SampleLine): void {
  if (line.labels.values[line.labels.pointIndex] !== '+Inf') line.failPoint('le="+Inf" for the last bucket');
}
