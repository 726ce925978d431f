import type { Ratio } from '../model/family.ts';
import { describe } from '../model/names.ts';
import { Child } from './child.ts';
import { startStopwatch } from './stopwatch.ts';
import { whenDone } from './when-done.ts';

/** A child as its own methods see it. */
interface Cell {
  value: number;
}

/** One series of a gauge, to be held where every nanosecond counts. */
export class GaugeChild extends Child {
  /** Any number: `NaN` and the infinities are values too. */
  readonly value: number = 0;

  /** Sets the value. Costs 2-4 ns. Throws a TypeError unless `value` is a number. */
  set(value: number): void {
    if (typeof value !== 'number') refuse(this.metricName, value);
    (this as Cell).value = value;
  }

  /** Adds 1, or `amount`. Throws a TypeError unless `amount` is a number. */
  inc(amount = 1): void {
    if (typeof amount !== 'number') refuse(this.metricName, amount);
    (this as Cell).value += amount;
  }

  /** Takes away 1, or `amount`. Throws a TypeError unless `amount` is a number. */
  dec(amount = 1): void {
    if (typeof amount !== 'number') refuse(this.metricName, amount);
    (this as Cell).value -= amount;
  }

  /** Sets the value to the current Unix time in seconds. */
  setToCurrentTime(): void {
    (this as Cell).value = Date.now() / 1000;
  }

  /** Starts a timer; the function returned sets the gauge to the seconds since then, and returns them. */
  startTimer(): () => number {
    const elapsed = startStopwatch();
    return () => ((this as Cell).value = elapsed());
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
    (this as Cell).value = quotient(numerator, denominator);
    ratios.set(this, [numerator, denominator]);
  }

  /** What the last {@link setRatio} was given, unless the value has changed since. */
  get ratio(): Ratio | undefined {
    const ratio = ratios.get(this);
    return ratio !== undefined && Object.is(quotient(...ratio), this.value) ? ratio : undefined;
  }

  override reset(): void {
    (this as Cell).value = 0;
    ratios.delete(this);
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
