import type { ParsedType } from '../parsed-family.ts';
import type { SampleLine } from '../sample-line.ts';
import type { Scanner } from '../scanner.ts';
import {
  Buckets,
  type MetricPoint,
  type PointFactory,
  requireCount,
  requireExemplarInBucket,
  requireFirst,
  requireFirstOfTime,
  requireTime,
  requireTotal,
} from './points.ts';

/** The rules of OpenMetrics for a metric point of a type. */
export function openMetricsPointOf(type: ParsedType): PointFactory {
  switch (type) {
    case 'counter':
    case 'gauge':
    case 'info':
    case 'unknown':
      return () => new SingleValuePoint(type);
    case 'histogram':
    case 'gaugehistogram':
      return (firstLine) => new HistogramPoint(firstLine, type === 'gaugehistogram');
    case 'summary':
      return () => new SummaryPoint();
    case 'stateset':
      return () => new StateSetPoint();
  }
}

/** A counter, gauge, info or unknown: one value, and for a counter an optional `_created`. */
class SingleValuePoint implements MetricPoint {
  readonly #type: ParsedType;
  #hasValue = false;
  #hasCreated = false;

  constructor(type: ParsedType) {
    this.#type = type;
  }

  add(line: SampleLine): void {
    if (line.suffix === '_created') {
      requireFirstOfTime(line, this.#hasCreated);
      requireTime(line);
      this.#hasCreated = true;
      return;
    }
    requireFirstOfTime(line, this.#hasValue);
    if (this.#type === 'counter') requireTotal(line);
    if (this.#type === 'info' && line.value !== 1) line.failValue(`1 in ${line.name}, which is of type info`);
    this.#hasValue = true;
  }

  close(): void {}
}

/** A histogram or gauge histogram (OpenMetrics 1.0, "Histogram" and "GaugeHistogram"). */
class HistogramPoint implements MetricPoint {
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
        // Finite bounds may have any spelling, but infinity has one (OpenMetrics 1.0, "Canonical Numbers").
        if (this.#buckets.isComplete && line.labels.point!.value !== '+Inf')
          line.failPoint('le="+Inf" for the last bucket');
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
    // With observations below 0 the sum could decrease, so it would not be a counter.
    if (!this.#isGauge && hasNegativeBound) fail(`no ${sumName} beside a negative le`, String(this.#sum));
    if (this.#isGauge && this.#sum < 0 && !hasNegativeBound) {
      fail(`a ${sumName} of 0 or more without a negative le`, String(this.#sum));
    }
  }
}

/** A state set: each state, named by the label of the family's name, comes once and is 0 or 1. */
class StateSetPoint implements MetricPoint {
  readonly #states = new Set<string>();

  add(line: SampleLine): void {
    const state = line.labels.point!.value;
    requireFirst(line, this.#states.has(state));
    if (line.value !== 0 && line.value !== 1) line.failValue(`0 or 1 in ${line.name}, which is of type stateset`);
    this.#states.add(state);
  }

  close(): void {}
}

/** A summary: any of count, sum, created and quantiles, in any order (OpenMetrics 1.0, "Summary"). */
class SummaryPoint implements MetricPoint {
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
