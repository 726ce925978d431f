import type { Ratio } from '../model/family.ts';
import type { Labels, PositionalValues, SpreadValues } from '../model/label-value.ts';
import { describe, refuse, refuseNumber } from '../model/names.ts';
import { Child, type LabelBranch } from './child.ts';
import { LabelledMetric, storeIn } from './labelled-metric.ts';
import type {
  CollectOption,
  EndChildTimer,
  EndTimer,
  GenericLabels,
  MetricOptions,
  OnlyWithoutLabels,
  SomeLabels,
  StorageOption,
  WithAmount,
  WithLabels,
  WithoutLabels,
} from './options.ts';
import { checkIsFunction, startLabelTimer, startTimer, whenDone } from './timing.ts';

/** Options for a gauge. */
export interface GaugeOptions<L extends string> extends MetricOptions<L>, StorageOption, CollectOption<Gauge<L>> {
  /** Returns the value; called at the start of each scrape. Only without labels and without `collect`. */
  readonly value?: () => number | Promise<number>;
}

class Gauge<L extends string> extends LabelledMetric<GaugeChild, L> {
  readonly type = 'gauge';

  constructor(options: GaugeOptions<L>) {
    super(
      withValueAsCollect(options),
      (parent, lastValue, tree) => new (tree.expires ? ExpiringGaugeChild : GaugeChild)(parent, lastValue),
      storeIn('gauge', options),
    );
    return this.join(options.ifExists);
  }

  /** Sets the value of these labels. Throws a TypeError unless it is a number, a RangeError on an unknown label. */
  set(...args: WithLabels<L, [value: number]>): void;
  set(first: unknown, second?: number): void {
    if (typeof first === 'object' && first !== null) {
      checkIsNumber(this.name, second);
      this.index.find(first).set(second as number);
    } else if (this.index.only !== undefined) this.index.only.set(first as number);
    else {
      checkIsNumber(this.name, first);
      this.index.find({}).set(first as number);
    }
  }

  /** Adds 1, or `amount`. Throws as {@link set} does. */
  inc(...args: WithAmount<L>): void;
  inc(first?: unknown, second?: number): void {
    if (typeof first === 'object' && first !== null) {
      checkAmount(this.name, second);
      this.index.find(first).inc(second);
    } else if (this.index.only !== undefined) this.index.only.inc(first as number | undefined);
    else {
      checkAmount(this.name, first);
      this.index.find({}).inc(first as number | undefined);
    }
  }

  /** Subtracts 1, or `amount`. Throws as {@link set} does. */
  dec(...args: WithAmount<L>): void;
  dec(first?: unknown, second?: number): void {
    if (typeof first === 'object' && first !== null) {
      checkAmount(this.name, second);
      this.index.find(first).dec(second);
    } else if (this.index.only !== undefined) this.index.only.dec(first as number | undefined);
    else {
      checkAmount(this.name, first);
      this.index.find({}).dec(first as number | undefined);
    }
  }

  /**
   * Returns the child of these labels, created with 0 if needed: an object, or the values in the order of
   * `labelNames`. Up to four values by position allocate nothing.
   */
  labels<V extends readonly unknown[]>(...values: SpreadValues<V>): GaugeChild;
  // @ts-expect-error: the compiler cannot compare a tuple that depends on L with the parameters of the implementation.
  labels(...values: PositionalValues<L>): GaugeChild;
  labels(labels: Labels<L> | GenericLabels<L>): GaugeChild;
  labels(first?: unknown, second?: unknown, third?: unknown, fourth?: unknown): GaugeChild {
    const count = arguments.length;
    return count <= 4 ? this.index.at(count, first, second, third, fourth) : this.index.atAll([...arguments]);
  }

  /** `GaugeChild.setRatio()` for the series of these labels. */
  setRatio(...args: WithLabels<L, [numerator: number, denominator: number]>): void;
  setRatio(first: unknown, second: number, third?: number): void {
    const hasLabels = typeof first === 'object' && first !== null;
    const [numerator, denominator] = hasLabels ? [second, third as number] : [first as number, second];
    checkRatio(this.name, numerator, denominator);
    this.index.find(hasLabels ? first : {}).setRatio(numerator, denominator);
  }

  /** Sets the value of these labels to the current Unix time in seconds. */
  setToCurrentTime(...labels: WithLabels<L, []>): void {
    this.index.find(labels[0] ?? {}).setToCurrentTime();
  }

  /**
   * Starts a timer. The function returned sets the gauge to the seconds since then and returns them; labels that are
   * known only at the end are passed to it, or put into `labels` meanwhile.
   */
  startTimer(labels: SomeLabels<L> = {}): EndTimer<L> {
    return startLabelTimer(labels, (all, seconds) => this.index.find(all).set(seconds));
  }

  /** `GaugeChild.trackInProgress()` for a gauge without labels. */
  trackInProgress<T>(fn: OnlyWithoutLabels<L, () => T>): T;
  trackInProgress<T>(fn: () => T): T {
    return this.index.find({}).trackInProgress(fn);
  }
}

/** Turns the `value` option into a `collect`. */
function withValueAsCollect<L extends string>(options: GaugeOptions<L>): GaugeOptions<L> {
  const read = options?.value;
  if (read === undefined) return options;
  const attempt = `create gauge ${describe(options.name)}`;
  if (typeof read !== 'function') refuse(attempt, 'value to be a function', read);
  if (options.collect !== undefined) refuse(attempt, 'value or collect, not both', options.collect);
  if ((options.labelNames ?? []).length > 0)
    refuse(attempt, 'value without labelNames, or collect with them', options.labelNames);
  return {
    ...options,
    collect(this: Gauge<L>) {
      const value = read();
      const child = this.index.find({});
      if (typeof value === 'number') return child.set(value);
      return Promise.resolve(value).then((settled) => child.set(settled));
    },
  };
}

/** Creates gauges. The type checker knows the label names, or that there are none. */
export interface GaugeConstructor {
  new (options: WithoutLabels<GaugeOptions<never>>): Gauge<never>;
  new <const L extends string>(options: GaugeOptions<L>): Gauge<L>;
  readonly prototype: Gauge<string>;
}

/**
 * A value that rises and falls: open connections, bytes in use, the time of the last success.
 *
 * Exposes one series for each set of label values:
 *
 * ```text
 * # HELP connections Connections open.
 * # TYPE connections gauge
 * connections{pool="read"} 7
 * ```
 *
 * @example
 * ```ts
 * const connections = new Gauge({ name: 'connections', help: 'Connections open.', labelNames: ['pool'] });
 * connections.inc({ pool: 'read' });
 * new Gauge({ name: 'memory_bytes', help: 'Resident memory.', value: () => process.memoryUsage.rss() });
 * ```
 */
const TypedGauge: GaugeConstructor = Gauge;
type TypedGauge<L extends string = string> = Gauge<L>;
declare namespace TypedGauge {
  /** In prom-client the type of a child. */
  type Internal<_L extends string = string> = GaugeChild;
}

export { TypedGauge as Gauge };

/** By overflow child: the values that children without room for their series have added to it. Created with the first. */
let received: WeakMap<GaugeChild, WeakMap<GaugeChild, number>> | undefined;

/** One series of a gauge. Hold it where every nanosecond counts. */
export class GaugeChild extends Child {
  /** -0 from the removal of its series until the next update, which never leaves -0 then. */
  #value = 0;

  /** Any number: `NaN` and the infinities are values too. */
  get value(): number {
    return this.#value === 0 && this.departure !== undefined ? 0 : this.#value;
  }

  /** Sets the value. Allocates nothing. Throws a TypeError unless `value` is a number. */
  set(value: number): void {
    if (typeof value !== 'number') refuseValue(this.metricName, value);
    if (value === 0) this.#setZero(value);
    else this.#value = value;
  }

  /** Adds 1, or `amount`. Throws a TypeError unless `amount` is a number. */
  inc(amount = 1): void {
    if (typeof amount !== 'number') refuseValue(this.metricName, amount);
    this.#value += amount + 0;
  }

  /** Subtracts 1, or `amount`. Throws a TypeError unless `amount` is a number. */
  dec(amount = 1): void {
    if (typeof amount !== 'number') refuseValue(this.metricName, amount);
    this.#value += 0 - amount;
  }

  /** Sets the value to the current Unix time in seconds. */
  setToCurrentTime(): void {
    this.#value = Date.now() / 1000;
  }

  /** Starts a timer; the function returned sets the gauge to the seconds since then, as `HistogramChild.startTimer()` does. */
  startTimer(): EndChildTimer {
    return startTimer((seconds, endLabels) => this.at(endLabels).set(seconds));
  }

  /**
   * Raises the gauge by 1 while `fn` runs: until it returns or throws, or its promise settles. Throws a TypeError unless `fn` is
   * a function.
   */
  trackInProgress<T>(fn: () => T): T {
    checkIsFunction(this.metricName, fn);
    this.inc();
    return whenDone(fn, () => this.dec());
  }

  /**
   * Sets the value to `numerator / denominator`, or to 0 if the denominator is 0. With `aggregator: 'ratio'` the values of
   * several processes are merged from these two numbers. Throws a TypeError unless both are numbers, a RangeError unless
   * the denominator is finite and at least 0.
   *
   * @example
   * ```ts
   * const hitRatio = new Gauge({ name: 'cache_hit_ratio', help: 'Share of hits.', aggregator: 'ratio' });
   * hitRatio.setRatio(90, 120); // cache_hit_ratio 0.75
   * ```
   */
  setRatio(numerator: number, denominator: number): void {
    checkRatio(this.metricName, numerator, denominator);
    this.set(quotient(numerator, denominator));
    ratios.set(this, [numerator, denominator]);
  }

  /** The arguments of the last {@link setRatio}, unless the value has changed since. */
  get ratio(): Ratio | undefined {
    const ratio = ratios.get(this);
    return ratio !== undefined && Object.is(quotient(...ratio), this.value) ? ratio : undefined;
  }

  override reset(): void {
    this.#value = this.lastValue === undefined && this.departure === undefined ? 0 : -0; // without labels it may stay
    ratios.delete(this);
    received?.delete(this);
  }

  override get isUpdated(): boolean {
    return !Object.is(this.#value, -0);
  }

  override arrive(parent: LabelBranch): void {
    super.arrive(parent);
    if (!this.isUpdated) this.#value = 0;
  }

  /** Apart from `set()`, which then stores no number that needs a box. While the series is removed, -0 means no update. */
  #setZero(zero: number): void {
    this.#value = this.departure === undefined ? zero : 0;
  }

  /** Does not reset the value, since the next update may add to it. The overflow series has the sum of such children. */
  override giveTo(overflow: this): boolean {
    const { value } = this;
    const given = received?.get(overflow) ?? new WeakMap<GaugeChild, number>();
    const before = given.get(this) ?? 0;
    if (given.has(this) && Object.is(value, before)) return false;
    overflow.#value = Number.isFinite(before) ? overflow.value + (value - before) : value;
    (received ??= new WeakMap()).set(overflow, given.set(this, value));
    return true;
  }

  /** Subtracts from the overflow series what this child had added, now that there is room for its own series. */
  override takeBackFrom(overflow: this): void {
    const given = received?.get(overflow);
    overflow.#value -= given?.get(this) ?? 0;
    given?.delete(this);
  }
}

/** One series of a gauge with `idleSeconds`, whose updates read the monotonic clock. Other gauges do not pay for it. */
export class ExpiringGaugeChild extends GaugeChild {
  #updatedAt = performance.now();

  override set(value: number): void {
    super.set(value);
    this.#updatedAt = performance.now();
  }

  override inc(amount?: number): void {
    super.inc(amount);
    this.#updatedAt = performance.now();
  }

  override dec(amount?: number): void {
    super.dec(amount);
    this.#updatedAt = performance.now();
  }

  override setToCurrentTime(): void {
    super.setToCurrentTime();
    this.#updatedAt = performance.now();
  }

  override get updatedAt(): number {
    return this.#updatedAt;
  }

  override touch(): void {
    this.#updatedAt = performance.now();
  }
}

/** Throws as {@link GaugeChild.inc} does, before a series is created for an invalid amount. */
export function checkAmount(metricName: string, amount: unknown = 1): void {
  checkIsNumber(metricName, amount);
}

/** Throws as {@link GaugeChild.set} does, before a series is created for an invalid value. */
export function checkIsNumber(metricName: string, value: unknown): void {
  if (typeof value !== 'number') refuseValue(metricName, value);
}

/** Not a field: it would cost every gauge 8 bytes, and few have a ratio. */
const ratios = new WeakMap<GaugeChild, Ratio>();

function quotient(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}

/** Throws as {@link GaugeChild.setRatio} does, before a series is created for invalid numbers. */
export function checkRatio(metricName: string, numerator: unknown, denominator: unknown): void {
  checkIsNumber(metricName, numerator);
  checkIsNumber(metricName, denominator);
  if ((denominator as number) >= 0 && (denominator as number) < Infinity) return;
  refuse(`change gauge "${metricName}"`, 'a denominator that is finite and at least 0', denominator, RangeError);
}

function refuseValue(metricName: string, value: unknown): never {
  refuseNumber(`change gauge "${metricName}"`, 'a number', value);
}
