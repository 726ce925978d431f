import type { Labels, PositionalValues, SpreadValues } from '../model/label-value.ts';
import { describe } from '../model/names.ts';
import { checkAmount, checkIsNumber, checkRatio, ExpiringGaugeChild, GaugeChild } from './gauge-child.ts';
import { LabelledMetric } from './labelled-metric.ts';
import type {
  CollectOption,
  EndTimer,
  MetricOptions,
  OnlyWithoutLabels,
  SomeLabels,
  WithoutLabels,
} from './options.ts';
import { startLabelTimer } from './timing.ts';

/** Options for a gauge. */
export interface GaugeOptions<L extends string> extends MetricOptions<L>, CollectOption<Gauge<L>> {
  /** Called at the start of each scrape for the value; for a gauge without labels, instead of `collect`. */
  readonly value?: () => number | Promise<number>;
}

/** The arguments of `set()`: labels come first where the gauge has any. */
type SetArguments<L extends string> = [L] extends [never]
  ? [value: number]
  : string extends L
    ? [value: number] | [labels: Labels<L>, value: number]
    : [labels: Labels<L>, value: number];

/** The arguments of `setRatio()`. */
type RatioArguments<L extends string> = [L] extends [never]
  ? [numerator: number, denominator: number]
  : string extends L
    ? [numerator: number, denominator: number] | [labels: Labels<L>, numerator: number, denominator: number]
    : [labels: Labels<L>, numerator: number, denominator: number];

/** The arguments of `inc()` and `dec()`. */
type ChangeArguments<L extends string> = [L] extends [never]
  ? [amount?: number]
  : string extends L
    ? [labelsOrAmount?: Labels<L> | number, amount?: number]
    : [labels: Labels<L>, amount?: number];

/** The arguments of methods that take only labels. */
type LabelArguments<L extends string> = [L] extends [never]
  ? []
  : string extends L
    ? [labels?: Labels<L>]
    : [labels: Labels<L>];

class Gauge<L extends string> extends LabelledMetric<GaugeChild, L> {
  readonly type = 'gauge';

  constructor(options: GaugeOptions<L>) {
    super(
      withValueAsCollect(options),
      (parent, lastValue, expires) => new (expires ? ExpiringGaugeChild : GaugeChild)(parent, lastValue),
    );
    return this.join(options.ifExists);
  }

  /** Sets the value of these labels. Throws a TypeError unless it is a number, a RangeError on an unknown label. */
  set(...args: SetArguments<L>): void;
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
  inc(...args: ChangeArguments<L>): void;
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
  dec(...args: ChangeArguments<L>): void;
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
   * Returns the child of these labels, created with 0 if need be: an object, or the values in the order of
   * `labelNames`. Up to four values by position allocate nothing.
   */
  labels<V extends readonly unknown[]>(...values: SpreadValues<V>): GaugeChild;
  // @ts-expect-error: the compiler cannot compare a list that depends on L with the parameters, which stand for any list.
  labels(...values: PositionalValues<L>): GaugeChild;
  labels(labels: Labels<L>): GaugeChild;
  labels(first?: unknown, second?: unknown, third?: unknown, fourth?: unknown): GaugeChild {
    const count = arguments.length;
    return count <= 4 ? this.index.at(count, first, second, third, fourth) : this.index.atAll([...arguments]);
  }

  /** Does what `GaugeChild.setRatio()` does, for these labels. */
  setRatio(...args: RatioArguments<L>): void;
  setRatio(first: unknown, second: number, third?: number): void {
    const hasLabels = typeof first === 'object' && first !== null;
    const [numerator, denominator] = hasLabels ? [second, third as number] : [first as number, second];
    checkRatio(this.name, numerator, denominator);
    this.index.find(hasLabels ? first : {}).setRatio(numerator, denominator);
  }

  /** Sets the value of these labels to the current Unix time in seconds. */
  setToCurrentTime(...labels: LabelArguments<L>): void {
    this.index.find(labels[0] ?? {}).setToCurrentTime();
  }

  /**
   * Starts a timer. The function returned sets the gauge to the seconds since then and returns them; labels that are
   * known only at the end are given to it, or put into `labels` meanwhile.
   */
  startTimer(labels: SomeLabels<L> = {}): EndTimer<L> {
    return startLabelTimer(labels, (all, seconds) => this.index.find(all).set(seconds));
  }

  /** Does what `GaugeChild.trackInProgress()` does, for a gauge without labels. */
  trackInProgress<T>(fn: OnlyWithoutLabels<L, () => T>): T;
  trackInProgress<T>(fn: () => T): T {
    return this.index.find({}).trackInProgress(fn);
  }
}

/** Makes of the `value` option the `collect` that it stands for. */
function withValueAsCollect<L extends string>(options: GaugeOptions<L>): GaugeOptions<L> {
  const read = options?.value;
  if (read === undefined) return options;
  const refuse = (expected: string, got: string): never => {
    throw new TypeError(`Cannot create gauge ${describe(options.name)}: expected ${expected}, got ${got}.`);
  };
  if (typeof read !== 'function') refuse('value to be a function', describe(read));
  if (options.collect !== undefined) refuse('value or collect', 'both');
  if ((options.labelNames ?? []).length > 0) refuse('value only without labels', 'labelNames; use collect');
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

/** How gauges are created: label names are known to the type checker, and so is that there are none. */
export interface GaugeConstructor {
  new (options: WithoutLabels<GaugeOptions<never>>): Gauge<never>;
  new <const L extends string>(options: GaugeOptions<L>): Gauge<L>;
  readonly prototype: Gauge<string>;
}

/**
 * A value that rises and falls: connections open, bytes in use, the time of the last success.
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

export { TypedGauge as Gauge };
