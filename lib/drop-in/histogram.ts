import { type HistogramOptions, Histogram as PlainHistogram } from '../metrics/histogram.ts';
import { checkObservation } from '../metrics/histogram-child.ts';
import type { WithoutLabels } from '../metrics/options.ts';
import { startStopwatch } from '../metrics/stopwatch.ts';
import type { Aggregator } from '../model/aggregator.ts';
import { checkExemplarLabels } from '../model/exemplar.ts';
import type { Labels } from '../model/label-value.ts';
import { currentValues } from './current-values.ts';
import type { MetricObjectWithValues, MetricValueWithName } from './metric-object.ts';
import type { DropInOptions, ExemplarOption, LabelValues } from './options.ts';
import { presentExemplar } from './present-exemplar.ts';

/** Options for a histogram of the main entry. */
export interface HistogramConfiguration<L extends string> extends HistogramOptions<L>, DropInOptions, ExemplarOption {}

/** The argument of `observe()` of a histogram with `enableExemplars`. */
export interface ObserveDataWithExemplar<L extends string> {
  readonly value: number;
  readonly labels?: LabelValues<L>;
  readonly exemplarLabels?: LabelValues;
}

/** Ends a timer of a histogram with `enableExemplars`; returns its seconds. */
type EndTimerWithExemplar<L extends string> = (endLabels?: LabelValues<L>, endExemplarLabels?: LabelValues) => number;

/** A histogram that was created with `enableExemplars`. */
export interface HistogramWithExemplars<L extends string> extends Omit<Histogram<L>, 'observe' | 'startTimer'> {
  observe(data: ObserveDataWithExemplar<L>): void;
  startTimer(labels?: LabelValues<L>, exemplarLabels?: LabelValues): EndTimerWithExemplar<L>;
}

const Base = PlainHistogram as unknown as new <L extends string>(options: HistogramOptions<L>) => PlainHistogram<L>;

class Histogram<L extends string> extends Base<L> {
  static readonly isLenientWithLabels = true;
  override readonly aggregator: Aggregator;

  constructor(options: HistogramConfiguration<L>) {
    super(options);
    this.aggregator = options.aggregator ?? 'sum';
    // On this object alone: all others have no more to do at an update than the histogram of the core.
    if (options.enableExemplars === true) {
      Object.assign(this, { observe: Histogram.#observeWithExemplar, startTimer: Histogram.#startTimerWithExemplar });
    }
  }

  /** The values of this moment, as plain objects. Runs `collect`. */
  get(): Promise<MetricObjectWithValues<MetricValueWithName<L>>> {
    return currentValues(this, this.aggregator);
  }

  /** Creates the series of these labels with 0 everywhere, or takes it back there. */
  zero(labels: Labels<L>): void {
    this.index.find(labels).reset();
  }

  static #observeWithExemplar(
    this: Histogram<string>,
    { labels = {}, value, exemplarLabels }: ObserveDataWithExemplar<string>,
  ): void {
    const exemplar = presentExemplar(exemplarLabels);
    // A series is not created for an update that it would refuse.
    if (this.index.peek(labels) === undefined) {
      checkObservation(this.name, value);
      if (exemplar !== undefined) checkExemplarLabels(exemplar, this.name);
    }
    this.index.find(labels).observe(value, exemplar);
  }

  static #startTimerWithExemplar(
    this: HistogramWithExemplars<string>,
    labels?: LabelValues,
    exemplarLabels?: LabelValues,
  ): EndTimerWithExemplar<string> {
    const elapsed = startStopwatch();
    return (endLabels, endExemplarLabels) => {
      const value = elapsed();
      this.observe({
        labels: { ...labels, ...endLabels },
        value,
        exemplarLabels: { ...exemplarLabels, ...endExemplarLabels },
      });
      return value;
    };
  }
}

/** How histograms of the main entry are created. */
export interface HistogramConstructor {
  new <const L extends string = never>(
    options: HistogramConfiguration<L> & { readonly enableExemplars: true },
  ): HistogramWithExemplars<L>;
  new (options: WithoutLabels<HistogramConfiguration<never>>): Histogram<never>;
  new <const L extends string>(options: HistogramConfiguration<L>): Histogram<L>;
  readonly prototype: Histogram<string>;
}

/**
 * The histogram of the core, on the same hot path, with what prom-client's users know besides: `get()`, `zero()`, the
 * `aggregator` and `enableExemplars` options.
 *
 * @example
 * ```ts
 * const fill = new Histogram({ name: 'fill_seconds', help: 'Time until filled.', labelNames: ['side'], buckets: [1] });
 * fill.zero({ side: 'buy' });
 * console.log((await fill.get()).values.length); // 4
 * ```
 */
const TypedHistogram: HistogramConstructor = Histogram as unknown as HistogramConstructor;
type TypedHistogram<L extends string = string> = Histogram<L>;

export { TypedHistogram as Histogram };
