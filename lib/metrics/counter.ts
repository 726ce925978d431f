import type { ExemplarLabels } from '../model/exemplar.ts';
import type { Exemplar } from '../model/family.ts';
import type { Labels, PositionalValues, SpreadValues } from '../model/label-value.ts';
import { refuseNumber } from '../model/names.ts';
import { Child } from './child.ts';
import {
  isExtended,
  keepExemplar,
  readExemplar,
  storedExemplars,
  storeExemplars,
  updateWithExemplar,
} from './exemplars.ts';
import { LabelledMetric, storeIn } from './labelled-metric.ts';
import type {
  CollectOption,
  ExemplarOption,
  GenericLabels,
  LabelValues,
  MetricOptions,
  OnlyWithoutLabels,
  StorageOption,
  WithAmount,
  WithoutLabels,
} from './options.ts';
import { checkIsFunction, whenDone } from './timing.ts';

/** Options for a counter. */
export interface CounterOptions<L extends string>
  extends MetricOptions<L>,
    StorageOption,
    CollectOption<Counter<L>>,
    ExemplarOption {}

/** The arguments of `inc()`: labels first, if the counter has any. */
type IncArguments<L extends string> =
  | WithAmount<L>
  | ([L] extends [never] ? never : string extends L ? [data: IncreaseDataWithExemplar<L>] : never);

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

class Counter<L extends string> extends LabelledMetric<CounterChild, L> {
  readonly type = 'counter';

  constructor(options: CounterOptions<L>) {
    super(
      options,
      (parent, lastValue, tree) => new (isExtended(tree) ? ExtendedCounterChild : CounterChild)(parent, lastValue),
      storeIn('counter', options),
    );
    // Set on this object only, so that updates of all other counters do no extra work.
    if (options.enableExemplars === true) Object.assign(this, { inc: Counter.#incWithExemplar });
    return this.join(options.ifExists);
  }

  static #incWithExemplar(this: Counter<string>, data: IncreaseDataWithExemplar<string> = {}): void {
    updateWithExemplar(this.name, this.index, data, checkIncrease, (child, amount, exemplar) =>
      child.inc(amount, exemplar),
    );
  }

  /**
   * Adds 1, or `amount`, to the series of these labels. Labels cost a look-up: for frequent updates, hold the child that
   * {@link labels} returns. Throws as `CounterChild.inc()` does, and a RangeError on an unknown label.
   */
  inc(...args: IncArguments<L>): void;
  inc(first?: unknown, second?: number): void {
    if (typeof first === 'object' && first !== null) {
      checkIncrease(this.name, second);
      this.index.find(first).inc(second);
    } else if (this.index.only !== undefined) this.index.only.inc(first as number | undefined);
    else {
      checkIncrease(this.name, first);
      this.index.find({}).inc(first as number | undefined);
    }
  }

  /**
   * Returns the child of these labels, created with 0 if needed: an object, or the values in the order of
   * `labelNames`. Up to four values by position allocate nothing.
   */
  labels<V extends readonly unknown[]>(...values: SpreadValues<V>): CounterChild;
  // @ts-expect-error: the compiler cannot compare a tuple that depends on L with the parameters of the implementation.
  labels(...values: PositionalValues<L>): CounterChild;
  labels(labels: Labels<L> | GenericLabels<L>): CounterChild;
  labels(first?: unknown, second?: unknown, third?: unknown, fourth?: unknown): CounterChild {
    const count = arguments.length;
    return count <= 4 ? this.index.at(count, first, second, third, fourth) : this.index.atAll([...arguments]);
  }

  /** `CounterChild.countErrors()` for a counter without labels. */
  countErrors<T>(fn: OnlyWithoutLabels<L, () => T>): T;
  countErrors<T>(fn: () => T): T {
    return (this.index.only ?? this.index.find({})).countErrors(fn);
  }
}

/** Creates counters. The type checker knows the label names, or that there are none. */
export interface CounterConstructor {
  new (options: WithoutLabels<CounterOptions<never>> & { readonly enableExemplars: true }): CounterWithExemplars<never>;
  // Two type parameters, since a class may extend `Counter<'a'>` only if one signature alone has one type parameter.
  new <const L extends string, E extends true>(
    options: CounterOptions<L> & { readonly enableExemplars: E },
  ): CounterWithExemplars<L>;
  new (options: WithoutLabels<CounterOptions<never>>): Counter<never>;
  new <const L extends string>(options: CounterOptions<L>): Counter<L>;
  readonly prototype: Counter<string>;
}

/**
 * A total that only rises, and starts at 0 with its process: requests served, errors, bytes sent.
 *
 * Exposes one series for each set of label values:
 *
 * ```text
 * # HELP scans_total Scans executed.
 * # TYPE scans_total counter
 * scans_total{strategy="swing"} 89
 * ```
 *
 * @example
 * ```ts
 * const scans = new Counter({ name: 'scans_total', help: 'Scans executed.', labelNames: ['strategy'] });
 * scans.inc({ strategy: 'swing' });
 * const swing = scans.labels('swing'); // hold it for frequent updates
 * swing.inc(3);
 * ```
 */
const TypedCounter: CounterConstructor = Counter as unknown as CounterConstructor;
type TypedCounter<L extends string = string> = Counter<L>;
declare namespace TypedCounter {
  /** In prom-client the type of a child. */
  type Internal = CounterChild;
}

export { TypedCounter as Counter };

/** One series of a counter. Hold it where every nanosecond counts: `inc()` is one checked addition. */
export class CounterChild extends Child {
  /** -0 from a reset until the next update. A sum of amounts is never -0, since `inc()` adds 0 to each amount. */
  #value = 0;

  /** The running total: at least 0. It never falls while the series exists. */
  get value(): number {
    return this.#value + 0;
  }

  /**
   * Adds 1, or `amount`. Allocates nothing. `exemplar`, labels such as a `trace_id` that identify the event, is stored with
   * the amount and the time until the next one replaces it, for the formats that have exemplars.
   *
   * Throws a TypeError unless `amount` is a number or null, which means 1, a RangeError unless it is finite and at least 0, and if the
   * exemplar's labels are invalid or have more than 128 characters together; the value is then unchanged.
   */
  inc(amount = 1, exemplar?: ExemplarLabels): void {
    if (typeof amount !== 'number' || !(amount >= 0 && amount < Infinity)) amount = oneIfNull(this.metricName, amount);
    if (exemplar !== undefined) keepExemplar(this.tree, this, exemplar, amount);
    this.#value += amount + 0;
  }

  /** The exemplar of the last increment that had one. A look-up: not for a hot path. */
  get exemplar(): Exemplar | undefined {
    return readExemplar(storedExemplars(this.tree, this));
  }

  /**
   * Calls `fn` and returns what it returns; adds 1 if it throws or its promise rejects, and passes the error on. Throws a
   * TypeError unless `fn` is a function.
   *
   * @example
   * ```ts
   * const quote = await failures.labels('timeout').countErrors(() => fetchQuote('MSFT'));
   * ```
   */
  countErrors<T>(fn: () => T): T {
    checkIsFunction(this.metricName, fn);
    return whenDone(fn, (failed) => {
      if (failed) this.inc();
    });
  }

  override reset(): void {
    this.#value = -0;
    this.tree.exemplars?.delete(this);
  }

  override get isUpdated(): boolean {
    return !Object.is(this.#value, -0);
  }

  override giveTo(overflow: this): boolean {
    overflow.#value += this.value;
    const { exemplar } = this;
    if (exemplar !== undefined) storeExemplars(this.tree, overflow, exemplar);
    this.reset();
    return true;
  }
}

/**
 * One series of a counter with `idleSeconds`, whose updates also read the monotonic clock, or of a registry with
 * `exemplars`, whose updates ask for one. A separate class, so that other counters pay neither time nor memory for it.
 */
export class ExtendedCounterChild extends CounterChild {
  #updatedAt = performance.now();

  override inc(amount?: number, exemplar?: ExemplarLabels): void {
    const { tree } = this;
    super.inc(amount, (exemplar ?? tree.exemplarSource) as ExemplarLabels | undefined);
    if (tree.expires) this.#updatedAt = performance.now();
  }

  override get updatedAt(): number {
    return this.#updatedAt;
  }

  override touch(): void {
    this.#updatedAt = performance.now();
  }
}

/** Throws as {@link CounterChild.inc} does, before a series is created for an invalid amount. */
export function checkIncrease(metricName: string, amount: unknown = 1): void {
  if (typeof amount !== 'number' || !(amount >= 0 && amount < Infinity)) oneIfNull(metricName, amount);
}

/** Returns 1 for null, which prom-client's users pass for "no amount", and throws on any other invalid amount. */
function oneIfNull(metricName: string, amount: unknown): number {
  if (amount === null) return 1;
  const remedy = 'It is not possible to decrease a counter: use a gauge for values that can fall.';
  refuseNumber(`increase counter "${metricName}"`, 'a finite number of at least 0', amount, remedy);
}
