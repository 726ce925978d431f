import { checkBuckets, DEFAULT_BUCKETS, quantileOfBuckets } from '../model/buckets.ts';
import type { ExemplarLabels } from '../model/exemplar.ts';
import type { BucketOptions, HistogramSeries } from '../model/family.ts';
import type { Labels, PositionalValues, SpreadValues } from '../model/label-value.ts';
import { BucketTable } from './bucket-table.ts';
import { isExtended, updateWithExemplar } from './exemplars.ts';
import { ExtendedHistogramChild, HistogramCells, HistogramChild } from './histogram-child.ts';
import type { CreateChild } from './label-index.ts';
import { storeIn } from './labelled-metric.ts';
import type {
  CollectOption,
  ExemplarOption,
  GenericLabels,
  LabelValues,
  MetricOptions,
  StorageOption,
  WithLabels,
  WithoutLabels,
} from './options.ts';
import { checkObservation, startTimer, type TimedChild, TimedMetric } from './timing.ts';

/** A series of a histogram, whatever its buckets. */
export type ObservingChild = TimedChild & HistogramSeries & { observe(value: number, exemplar?: ExemplarLabels): void };

/** Other buckets than fixed ones, such as `nativeBuckets()` of `@finpilot/metrics/native`. Series are `C`. */
export interface BucketStrategy<C extends ObservingChild> {
  /** Of {@link HistogramSeries.bucketCounts}; without `+Inf`. */
  readonly upperBounds: readonly number[];
  /** A metric that is reused must have equal ones. */
  readonly options?: BucketOptions;
  /** Creates the child of a series. */
  createChild(parent: unknown, lastValue: unknown, tree: unknown): C;
  /** Called with each removed child before it is reset. */
  onRemove?(child: C): void;
  /** Estimates a quantile of these series together. */
  quantile(q: number, series: readonly C[]): number;
}

/** Options for a histogram. */
export interface HistogramOptions<L extends string, C extends ObservingChild = HistogramChild>
  extends MetricOptions<L>,
    StorageOption,
    CollectOption<Histogram<L, C>>,
    ExemplarOption {
  /**
   * Upper bounds of the buckets: finite, strictly increasing. A final `+Inf` is accepted and dropped, since every
   * histogram has it. Copied and frozen. The default, 0.005 to 10, suits a network service's latency in seconds.
   * Or `nativeBuckets()` of `@finpilot/metrics/native`, which need no bounds.
   */
  readonly buckets?: readonly number[] | BucketStrategy<C>;
}

/** The arguments of `observe()`. Where no label names are known, `enableExemplars` may be set. */
type ObserveArguments<L extends string> =
  | WithLabels<L, [value: number]>
  | (string extends L ? [data: ObserveDataWithExemplar<L>] : never);

/** The argument of `observe()` of a histogram with `enableExemplars`. */
export interface ObserveDataWithExemplar<L extends string> {
  readonly value: number;
  readonly labels?: LabelValues<L>;
  readonly exemplarLabels?: LabelValues;
}

/** A histogram that was created with `enableExemplars`. */
export interface HistogramWithExemplars<L extends string> extends Omit<Histogram<L>, 'observe' | 'startTimer'> {
  observe(data: ObserveDataWithExemplar<L>): void;
  startTimer(labels?: LabelValues<L>, exemplarLabels?: LabelValues): EndTimerWithExemplar<L>;
}

/** Ends a timer of a histogram with `enableExemplars`; returns its seconds. */
type EndTimerWithExemplar<L extends string> = (endLabels?: LabelValues<L>, endExemplarLabels?: LabelValues) => number;

class Histogram<L extends string, C extends ObservingChild = HistogramChild> extends TimedMetric<C, L> {
  readonly type = 'histogram';
  readonly #buckets: BucketStrategy<C>;

  constructor(options: HistogramOptions<L, C>) {
    const given = (options?.buckets ?? DEFAULT_BUCKETS) as BucketStrategy<C>;
    const isFixed = typeof given.createChild !== 'function';
    const buckets = isFixed
      ? (fixedBuckets(checkBuckets(given, options?.name)) as unknown as BucketStrategy<C>)
      : given;
    const stored = storeIn('histogram', options, isFixed ? buckets.upperBounds : undefined);
    super(options, buckets.createChild.bind(buckets), stored, buckets.onRemove);
    this.#buckets = buckets;
    // Set on this object only, so that updates of all other histograms do no extra work.
    if (options.enableExemplars === true) {
      Object.assign(this, { observe: Histogram.#observeWithExemplar, startTimer: Histogram.#startTimerWithExemplar });
    }
    return this.join(options.ifExists);
  }

  static #observeWithExemplar(this: Histogram<string>, data: ObserveDataWithExemplar<string>): void {
    updateWithExemplar(this.name, this.index, data, checkObservation, (child, value, exemplar) =>
      // As in prom-client, empty labels stand for no exemplar here, but not for a counter.
      child.observe(value!, exemplar !== undefined && Object.keys(exemplar).length > 0 ? exemplar : undefined),
    );
  }

  static #startTimerWithExemplar(
    this: HistogramWithExemplars<string>,
    labels?: LabelValues,
    exemplarLabels?: LabelValues,
  ): EndTimerWithExemplar<string> {
    return startTimer((value, endLabels, endExemplarLabels) =>
      this.observe({
        labels: { ...labels, ...endLabels },
        value,
        exemplarLabels: { ...exemplarLabels, ...endExemplarLabels },
      }),
    );
  }

  /** The upper bounds of the buckets, without `+Inf`; frozen. */
  override get upperBounds(): readonly number[] {
    return this.#buckets.upperBounds;
  }

  /** The options of native buckets; undefined if the bounds are fixed. */
  override get bucketOptions(): BucketOptions | undefined {
    return this.#buckets.options;
  }

  /**
   * Counts `value` in its bucket, in the series of these labels. Labels cost a look-up: for frequent updates, hold the
   * child that {@link labels} returns. Throws as `HistogramChild.observe()` does,
   * and a RangeError on an unknown label.
   */
  observe(...args: ObserveArguments<L>): void;
  observe(first: unknown, second?: number): void {
    // One call of each function: an engine that inlines them passes the value without a box.
    let child = this.index.only;
    let value = first;
    if (child === undefined || typeof first !== 'number') {
      const hasLabels = typeof first === 'object' && first !== null;
      // Undefined and null stand for no labels, as prom-client's users pass them: `observe(undefined, 3)`.
      if (hasLabels || ((first === undefined || first === null) && second !== undefined)) value = second;
      if (!Number.isFinite(value)) checkObservation(this.name, value);
      child = this.index.find(hasLabels ? first : {});
    }
    child.observe(value as number);
  }

  /**
   * Returns the child of these labels, created empty if needed: an object, or the values in the order of
   * `labelNames`. Up to four values by position allocate nothing.
   */
  labels<V extends readonly unknown[]>(...values: SpreadValues<V>): C;
  // @ts-expect-error: the compiler cannot compare a tuple that depends on L with the parameters of the implementation.
  labels(...values: PositionalValues<L>): C;
  labels(labels: Labels<L> | GenericLabels<L>): C;
  labels(first?: unknown, second?: unknown, third?: unknown, fourth?: unknown): C {
    const count = arguments.length;
    return count <= 4 ? this.index.at(count, first, second, third, fourth) : this.index.atAll([...arguments]);
  }

  /** Creates the series of these labels with zeros, or resets it. */
  zero(labels: Labels<L> | GenericLabels<L>): void {
    this.index.find(labels).reset();
    this.index.bringBackOnly();
  }

  /** Removes every series, as in prom-client also that of a histogram without labels: its next observation brings it back. */
  override reset(): void {
    this.clear();
    if (this.index.only !== undefined) this.index.remove([]);
  }

  /**
   * Estimates a quantile as PromQL's `histogram_quantile(q, …)` does from the same buckets: of the series of these
   * labels, or of all series together. `q` is from 0 to 1; `NaN` if nothing was observed. Creates no series.
   */
  quantile(q: number, labels?: Labels<L>): number {
    if (labels === undefined) return this.#buckets.quantile(q, this.series);
    const child = this.index.peek(labels);
    return child === undefined ? NaN : this.#buckets.quantile(q, [child]);
  }
}

/** The usual strategy: buckets of these upper bounds, for all series. */
function fixedBuckets(upperBounds: readonly number[]): BucketStrategy<HistogramChild> {
  const table = new BucketTable(upperBounds);
  const cells = new HistogramCells(upperBounds.length + 1);
  const createChild: CreateChild<HistogramChild> = (parent, lastValue, tree) =>
    new (isExtended(tree) ? ExtendedHistogramChild : HistogramChild)(parent, lastValue, table, cells.take());
  return {
    upperBounds,
    createChild: createChild as BucketStrategy<HistogramChild>['createChild'],
    onRemove: (child) => child.moveOut(cells),
    quantile(q, series) {
      const merged = new Array<number>(upperBounds.length + 1).fill(0);
      for (const child of series) child.bucketCounts.forEach((count, bucket) => (merged[bucket]! += count));
      return quantileOfBuckets(q, upperBounds, merged);
    },
  };
}

/** Creates histograms. The type checker knows the label names, or that there are none. */
export interface HistogramConstructor {
  new (
    options: WithoutLabels<HistogramOptions<never>> & { readonly enableExemplars: true },
  ): HistogramWithExemplars<never>;
  // Two type parameters: see CounterConstructor.
  new <const L extends string, E extends true>(
    options: HistogramOptions<L> & { readonly enableExemplars: E },
  ): HistogramWithExemplars<L>;
  new <L extends never, C extends ObservingChild>(
    options: WithoutLabels<HistogramOptions<L, C>> & { readonly buckets: BucketStrategy<C> },
  ): Histogram<never, C>;
  new <const L extends string, C extends ObservingChild>(
    options: HistogramOptions<L, C> & { readonly buckets: BucketStrategy<C> },
  ): Histogram<L, C>;
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
const TypedHistogram: HistogramConstructor = Histogram as unknown as HistogramConstructor;
type TypedHistogram<L extends string = string, C extends ObservingChild = HistogramChild> = Histogram<L, C>;
declare namespace TypedHistogram {
  /** In prom-client the type of a child. */
  type Internal<_L extends string = string> = HistogramChild;
  /** In prom-client the options that other metrics do not have. */
  interface Config {
    buckets?: number[];
  }
}

export { TypedHistogram as Histogram };
