import type { Ratio } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { Child } from './child.ts';
import type { LabelBranch } from './label-branch.ts';
import { startTimer, whenDone } from './timing.ts';

/** By overflow child, what children without room for their series have added to it. Made with the first. */
let received: WeakMap<GaugeChild, WeakMap<GaugeChild, number>> | undefined;

/** One series of a gauge, to be held where every nanosecond counts. */
export class GaugeChild extends Child {
  /** -0 when its series is removed, until the next update, which never leaves -0 then. */
  #value = 0;

  /** Any number: `NaN` and the infinities are values too. */
  get value(): number {
    return this.#value === 0 && this.departure !== undefined ? 0 : this.#value;
  }

  /** Sets the value. Allocates nothing. Throws a TypeError unless `value` is a number. */
  set(value: number): void {
    if (typeof value !== 'number') refuse(this.metricName, value);
    if (value === 0) this.#setZero(value);
    else this.#value = value;
  }

  /** Adds 1, or `amount`. Throws a TypeError unless `amount` is a number. */
  inc(amount = 1): void {
    if (typeof amount !== 'number') refuse(this.metricName, amount);
    this.#value += amount + 0;
  }

  /** Subtracts 1, or `amount`. Throws a TypeError unless `amount` is a number. */
  dec(amount = 1): void {
    if (typeof amount !== 'number') refuse(this.metricName, amount);
    this.#value += 0 - amount;
  }

  /** Sets the value to the current Unix time in seconds. */
  setToCurrentTime(): void {
    this.#value = Date.now() / 1000;
  }

  /** Starts a timer; the function returned sets the gauge to the seconds since then, and returns them. */
  startTimer(): () => number {
    return startTimer((seconds) => this.set(seconds));
  }

  /** Calls `fn` with the gauge 1 higher until it has returned or thrown, or its promise has settled. */
  trackInProgress<T>(fn: () => T): T {
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

  /** What the last {@link setRatio} was given, unless the value has changed since. */
  get ratio(): Ratio | undefined {
    const ratio = ratios.get(this);
    return ratio !== undefined && Object.is(quotient(...ratio), this.value) ? ratio : undefined;
  }

  override reset(): void {
    this.#value = this.lastValue === undefined ? 0 : -0; // without labels, a series cannot be removed
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

  /** Not in `set()`, whose one store then is of a number that needs no box: -0 stands for no update while the series is removed. */
  #setZero(zero: number): void {
    this.#value = this.departure === undefined ? zero : 0;
  }

  /** The value stays, since the next update may add to it: the overflow series has the sum of what such children are at. */
  override giveTo(overflow: this): boolean {
    const { value } = this;
    const given = received?.get(overflow) ?? new WeakMap<GaugeChild, number>();
    const before = given.get(this) ?? 0;
    if (given.has(this) && Object.is(value, before)) return false;
    overflow.#value = Number.isFinite(before) ? overflow.value + (value - before) : value;
    (received ??= new WeakMap()).set(overflow, given.set(this, value));
    return true;
  }

  /** Takes back what it gave to the overflow series, now that there is room for its own. */
  override takeBackFrom(overflow: this): void {
    const given = received?.get(overflow);
    overflow.#value -= given?.get(this) ?? 0;
    given?.delete(this);
  }
}

/**
 * One series of a gauge with `idleSeconds`: each update also reads the monotonic clock. In a class of its own, so that
 * other gauges do not pay for it, neither in time nor in memory.
 */
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

/** Throws as {@link GaugeChild.inc} does, before a series is created for an amount that it would refuse. */
export function checkAmount(metricName: string, amount: unknown = 1): void {
  checkIsNumber(metricName, amount);
}

/** Throws as {@link GaugeChild.set} does, before a series is created for a value that it would refuse. */
export function checkIsNumber(metricName: string, value: unknown): void {
  if (typeof value !== 'number') refuse(metricName, value);
}

/** Outside the children: a field would cost each gauge 8 bytes, and few have a ratio. */
const ratios = new WeakMap<GaugeChild, Ratio>();

function quotient(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}

/** Throws as {@link GaugeChild.setRatio} does, before a series is created for numbers that it would refuse. */
export function checkRatio(metricName: string, numerator: unknown, denominator: unknown): void {
  checkIsNumber(metricName, numerator);
  checkIsNumber(metricName, denominator);
  if ((denominator as number) >= 0 && (denominator as number) < Infinity) return;
  throw new RangeError(
    `Cannot change gauge "${metricName}": expected a denominator that is finite and at least 0, got ${denominator}.`,
  );
}

function refuse(metricName: string, value: unknown): never {
  throw new TypeError(
    `Cannot change gauge "${metricName}": expected a number, got ${describe(value)}. Convert it to a number first.`,
  );
}
