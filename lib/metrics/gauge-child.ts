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

  override reset(): void {
    (this as Cell).value = 0;
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

function refuse(metricName: string, value: unknown): never {
  throw new TypeError(
    `Cannot change gauge "${metricName}": expected a number, got ${describe(value)}. Convert it to a number first.`,
  );
}
