import { checkBuckets, DEFAULT_BUCKETS } from '../model/buckets.ts';
import type { Labels, PositionalValues, SpreadValues } from '../model/label-value.ts';
import { quantileOfBuckets } from '../model/quantile.ts';
import { HistogramCells } from './histogram-cells.ts';
import { checkObservation, ExpiringHistogramChild, HistogramChild } from './histogram-child.ts';
import { startLabelTimer } from './label-timer.ts';
import { LabelledMetric } from './labelled-metric.ts';
import type {
  CollectOption,
  EndTimer,
  MetricOptions,
  OnlyWithoutLabels,
  SomeLabels,
  WithoutLabels,
} from './options.ts';
import { checkIsFunction } from './timed-child.ts';

/** Options for a histogram. */
export interface HistogramOptions<L extends string> extends MetricOptions<L>, CollectOption<Histogram<L>> {
  /**
   * Upper bounds of the buckets: finite, strictly increasing; a final `+Inf` is taken and dropped, since every
   * histogram has it. Copied and frozen. The default, 0.005 to 10, suits a network service's latency in seconds.
   */
  readonly buckets?: readonly number[];
}

/** The arguments of `observe()`: labels come first where the histogram has any. */
type ObserveArguments<L extends string> = [L] extends [never]
  ? [value: number]
  : string extends L
    ? [value: number] | [labels: Labels<L>, value: number]
    : [labels: Labels<L>, value: number];

class Histogram<L extends string> extends LabelledMetric<HistogramChild> {
  readonly type = 'histogram';
  readonly #upperBounds: readonly number[];

  constructor(options: HistogramOptions<L>) {
    const upperBounds = checkBuckets(options?.buckets ?? DEFAULT_BUCKETS, options?.name);
    const bounds = Float64Array.from(upperBounds);
    const cells = new HistogramCells(bounds.length + 1);
    super(
      options,
      (parent, lastValue, expires) =>
        new (expires ? ExpiringHistogramChild : HistogramChild)(parent, lastValue, bounds, cells.take()),
      (child) => child.moveOut(cells),
    );
    this.#upperBounds = upperBounds;
    return this.join(options.ifExists);
  }

  /** The upper bounds of the buckets, without `+Inf`; frozen. */
  override get upperBounds(): readonly number[] {
    return this.#upperBounds;
  }

  /**
   * Counts `value` in its bucket, in the series of these labels. Labels cost a
   * look-up: for frequent updates, hold the child that {@link labels} returns. Throws as `HistogramChild.observe()` does,
   * and a RangeError on an unknown label.
   */
  observe(...args: ObserveArguments<L>): void;
  observe(first: unknown, second?: number): void {
    if (typeof first === 'object' && first !== null) {
      checkObservation(this.name, second);
      this.index.find(first).observe(second as number);
    } else if (this.index.only !== undefined) this.index.only.observe(first as number);
    else {
      checkObservation(this.name, first);
      this.index.find({}).observe(first as number);
    }
  }

  /**
   * Returns the child of these labels, created empty if need be: an object, or the values in the order of
   * `labelNames`. Up to four values by position allocate nothing.
   */
  labels<V extends readonly unknown[]>(...values: SpreadValues<V>): HistogramChild;
  // @ts-expect-error: the compiler cannot compare a list that depends on L with the parameters, which stand for any list.
  labels(...values: PositionalValues<L>): HistogramChild;
  labels(labels: Labels<L>): HistogramChild;
  labels(first?: unknown, second?: unknown, third?: unknown, fourth?: unknown): HistogramChild {
    const count = arguments.length;
    return count <= 4 ? this.index.at(count, first, second, third, fourth) : this.index.atAll([...arguments]);
  }

  /**
   * Removes the series of these labels, named as in {@link labels}; returns whether there was one. A child of it that is
   * still held brings it back, from 0, with its next update. The only series of a metric without labels cannot be removed.
   */
  override remove(labels: Labels<L>): boolean;
  override remove<V extends readonly unknown[]>(...values: SpreadValues<V>): boolean;
  override remove(...values: PositionalValues<L>): boolean;
  override remove(...labels: readonly unknown[]): boolean {
    return super.remove(...labels);
  }

  /**
   * Starts a timer. The function returned observes the seconds since then and returns them; labels that are known only
   * at the end, such as a status, are given to it, or put into `labels` meanwhile.
   */
  startTimer(labels: SomeLabels<L> = {}): EndTimer<L> {
    return startLabelTimer(labels, (all, seconds) => this.index.find(all).observe(seconds));
  }

  /**
   * Calls `fn`, observes the seconds until it has returned or thrown, or its promise has settled, and returns what it
   * returned.
   *
   * @example
   * ```ts
   * const bars = await latency.time({ endpoint: '/bars' }, () => api.get('/bars'));
   * ```
   */
  time<T>(fn: OnlyWithoutLabels<L, () => T>): T;
  time<T>(labels: Labels<L>, fn: () => T): T;
  time<T>(first: Labels<L> | (() => T), second?: () => T): T {
    if (typeof first === 'function') return this.index.find({}).time(first);
    checkIsFunction(this.name, second);
    // Found before the call: wrong labels must not cost the caller the result of work that is already done.
    return this.index.hold(first).time(second!);
  }

  /**
   * Estimates a quantile as PromQL's `histogram_quantile(q, …)` does from the same buckets: of the series of these
   * labels, or of all series together. `q` is from 0 to 1; `NaN` if nothing was observed. Creates no series.
   */
  quantile(q: number, labels?: Labels<L>): number {
    if (labels !== undefined) {
      const child = this.index.peek(labels);
      return child === undefined ? NaN : quantileOfBuckets(q, this.#upperBounds, child.bucketCounts);
    }
    const merged = new Array<number>(this.#upperBounds.length + 1).fill(0);
    for (const child of this.series) child.bucketCounts.forEach((count, bucket) => (merged[bucket]! += count));
    return quantileOfBuckets(q, this.#upperBounds, merged);
  }
}

/** How histograms are created: label names are known to the type checker, and so is that there are none. */
export interface HistogramConstructor {
  new (options: WithoutLabels<HistogramOptions<never>>): Histogram<never>;
  new <const L extends string>(options: HistogramOptions<L>): Histogram<L>;
  readonly prototype: Histogram<string>;
}

/**
 * Counts observations in fixed buckets: how long requests took, how large answers were.
 *
 * Exposes for each set of label values a series for each bucket, cumulative, and the sum and count:
 *
 * ```text
 * # HELP scan_duration_seconds Time that a scan took.
 * # TYPE scan_duration_seconds histogram
 * scan_duration_seconds_bucket{le="0.1"} 15
 * scan_duration_seconds_bucket{le="1.0"} 180
 * scan_duration_seconds_bucket{le="+Inf"} 200
 * scan_duration_seconds_sum 95.7
 * scan_duration_seconds_count 200
 * ```
 *
 * @example
 * ```ts
 * const duration = new Histogram({ name: 'scan_duration_seconds', help: 'Time that a scan took.', buckets: [0.1, 1] });
 * await duration.time(() => scan('swing'));
 * ```
 */
const TypedHistogram: HistogramConstructor = Histogram;
type TypedHistogram<L extends string = string> = Histogram<L>;

export { TypedHistogram as Histogram };
