import { type CounterOptions, Counter as PlainCounter } from '../metrics/counter.ts';
import { checkIncrease } from '../metrics/counter-child.ts';
import type { WithoutLabels } from '../metrics/options.ts';
import type { Aggregator } from '../model/aggregator.ts';
import { checkExemplarLabels } from '../model/exemplar.ts';
import { currentValues } from './current-values.ts';
import type { MetricObjectWithValues, MetricValue } from './metric-object.ts';
import type { DropInOptions, ExemplarOption, LabelValues } from './options.ts';
import { presentExemplar } from './present-exemplar.ts';

/** Options for a counter of the main entry. */
export interface CounterConfiguration<L extends string> extends CounterOptions<L>, DropInOptions, ExemplarOption {}

/** The argument of `inc()` of a counter with `enableExemplars`. */
export interface IncreaseDataWithExemplar<L extends string> {
  readonly value?: number;
  readonly labels?: LabelValues<L>;
  readonly exemplarLabels?: LabelValues;
}

/** A counter that was created with `enableExemplars`. */
export interface CounterWithExemplars<L extends string> extends Omit<Counter<L>, 'inc'> {
  inc(data?: IncreaseDataWithExemplar<L>): void;
}

const Base = PlainCounter as unknown as new <L extends string>(options: CounterOptions<L>) => PlainCounter<L>;

class Counter<L extends string> extends Base<L> {
  static readonly isLenientWithLabels = true;
  override readonly aggregator: Aggregator;

  constructor(options: CounterConfiguration<L>) {
    super(options);
    this.aggregator = options.aggregator ?? 'sum';
    // On this object alone: all others have no more to do at an update than the counter of the core.
    if (options.enableExemplars === true) Object.assign(this, { inc: Counter.#incWithExemplar });
  }

  /** The values of this moment, as plain objects. Runs `collect`. */
  get(): Promise<MetricObjectWithValues<MetricValue<L>>> {
    return currentValues(this, this.aggregator);
  }

  static #incWithExemplar(
    this: Counter<string>,
    { labels = {}, value = 1, exemplarLabels }: IncreaseDataWithExemplar<string> = {},
  ): void {
    const exemplar = presentExemplar(exemplarLabels);
    // A series is not created for an update that it would refuse.
    if (this.index.peek(labels) === undefined) {
      checkIncrease(this.name, value);
      if (exemplar !== undefined) checkExemplarLabels(exemplar, this.name);
    }
    this.index.find(labels).inc(value, exemplar);
  }
}

/** How counters of the main entry are created. */
export interface CounterConstructor {
  new <const L extends string = never>(
    options: CounterConfiguration<L> & { readonly enableExemplars: true },
  ): CounterWithExemplars<L>;
  new (options: WithoutLabels<CounterConfiguration<never>>): Counter<never>;
  new <const L extends string>(options: CounterConfiguration<L>): Counter<L>;
  readonly prototype: Counter<string>;
}

/**
 * The counter of the core, on the same hot path, with what prom-client's users know besides: `get()`, the `aggregator`
 * and `enableExemplars` options.
 *
 * @example
 * ```ts
 * const orders = new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['side'] });
 * orders.inc({ side: 'buy' });
 * const { values } = await orders.get();
 * values; // [{ value: 1, labels: { side: 'buy' } }]
 * ```
 */
const TypedCounter: CounterConstructor = Counter as unknown as CounterConstructor;
type TypedCounter<L extends string = string> = Counter<L>;

export { TypedCounter as Counter };
