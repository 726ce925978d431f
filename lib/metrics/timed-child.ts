import { describe } from '../model/names.ts';
import { Child } from './child.ts';
import { startStopwatch } from './stopwatch.ts';
import { whenDone } from './when-done.ts';

/** One series that observes values, of which many are times. */
export abstract class TimedChild extends Child {
  /** Counts a value. */
  abstract observe(value: number): void;

  /** Starts a timer; the function returned observes the seconds since then, and returns them. */
  startTimer(): () => number {
    const elapsed = startStopwatch();
    return () => {
      const seconds = elapsed();
      this.observe(seconds);
      return seconds;
    };
  }

  /**
   * Calls `fn` and observes the seconds until it has returned or thrown, or its promise has settled. Throws a TypeError
   * unless `fn` is a function.
   */
  time<T>(fn: () => T): T {
    checkIsFunction(this.metricName, fn);
    const end = this.startTimer();
    return whenDone(fn, end);
  }
}

/** Throws a TypeError unless `fn` can be called: it would be timed as a call that failed. */
export function checkIsFunction(metricName: string, fn: unknown): void {
  if (typeof fn === 'function') return;
  throw new TypeError(
    `Cannot time a call for metric "${metricName}": expected a function, got ${describe(fn)}. Pass what is to be called.`,
  );
}
