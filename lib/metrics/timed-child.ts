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

  /** Calls `fn` and observes the seconds until it has returned or thrown, or its promise has settled. */
  time<T>(fn: () => T): T {
    const end = this.startTimer();
    return whenDone(fn, end);
  }
}
