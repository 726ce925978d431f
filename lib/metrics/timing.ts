import type { HistogramSeries, MetricType, SummarySeries } from '../model/family.ts';
import type { Labels } from '../model/label-value.ts';
import { refuse, refuseNumber } from '../model/names.ts';
import { isThenable } from '../model/promises.ts';
import { Child } from './child.ts';
import { LabelledMetric } from './labelled-metric.ts';
import type { EndChildTimer, EndTimer, OnlyWithoutLabels, SomeLabels } from './options.ts';

/** A metric that observes values, of which many are times: a histogram or a summary. */
export abstract class TimedMetric<
  C extends TimedChild & (HistogramSeries | SummarySeries),
  L extends string,
> extends LabelledMetric<C, L> {
  /**
   * Starts a timer. The function returned observes the seconds since then and returns them; labels that are known only
   * at the end, such as a status, are passed to it, or put into `labels` meanwhile.
   */
  startTimer(labels: SomeLabels<L> = {}): EndTimer<L> {
    return startLabelTimer(labels, (all, seconds) => this.index.find(all).observe(seconds));
  }

  /**
   * Calls `fn`, observes the seconds until it returns or throws, or its promise settles, and returns its result.
   *
   * @example
   * ```ts
   * const bars = await latency.time({ endpoint: '/bars' }, () => api.get('/bars'));
   * ```
   */
  time<T>(fn: OnlyWithoutLabels<L, () => T>): T;
  time<T>(labels: Labels<L>, fn: () => T): T;
  time<T>(first: Labels<L> | (() => T), second?: () => T): T {
    if (typeof first === 'function') return this.index.find({}).time(first);
    checkIsFunction(this.name, second);
    // Looked up before the call: invalid labels must not cost the caller the result of finished work.
    return this.index.hold(first).time(second!);
  }
}

/** One series that observes values, of which many are times. */
export abstract class TimedChild extends Child {
  /** Counts a value. */
  abstract observe(value: number): void;

  /**
   * Starts a timer; the function returned observes the seconds since then, and returns them. Labels that are passed to it
   * replace those of this series, as in prom-client: `labels({ method: 'GET' }).startTimer()` may end with a status.
   */
  startTimer(): EndChildTimer {
    return startTimer((seconds, endLabels) => this.at(endLabels).observe(seconds));
  }

  /**
   * Calls `fn` and observes the seconds until it returns or throws, or its promise settles. Throws a TypeError unless `fn`
   * is a function.
   */
  time<T>(fn: () => T): T {
    checkIsFunction(this.metricName, fn);
    const end = this.startTimer();
    return whenDone(fn, () => end());
  }
}

/**
 * Throws a TypeError unless an observed value is a number, a RangeError if it is `NaN` or infinite: by a child, and by a metric
 * before it creates a series.
 */
export function checkObservation(metricName: string, value: unknown, type: MetricType = 'histogram'): void {
  if (Number.isFinite(value)) return;
  const attempt = `observe a value of ${type} "${metricName}"`;
  refuseNumber(attempt, 'a finite number', value, 'Count such values in a separate counter.');
}

/**
 * Starts a timer for the series of `labels` and of the labels that are passed at its end, which calls `record` and returns
 * the seconds. `labels` is read at the end: programs fill the object while the timer runs.
 */
export function startLabelTimer<L extends string>(
  labels: SomeLabels<L>,
  record: (labels: SomeLabels<L>, seconds: number) => void,
): EndTimer<L> {
  return startTimer((seconds, endLabels) => record({ ...labels, ...endLabels }, seconds));
}

/**
 * Starts a timer by the monotonic clock. The function returned calls `record` with the elapsed seconds and its own arguments,
 * and returns the seconds.
 */
export function startTimer<A, B>(
  record: (seconds: number, a: A | undefined, b: B | undefined) => void,
): (a?: A, b?: B) => number {
  const start = performance.now();
  return (a, b) => {
    const seconds = (performance.now() - start) / 1000;
    record(seconds, a, b);
    return seconds;
  };
}

/**
 * Calls `fn`, and `done` exactly once: when `fn` returns or throws, or its promise settles. Returns or throws what `fn` did.
 * A promise, or any thenable, is returned as another promise, which settles after the call of `done`.
 */
export function whenDone<T>(fn: () => T, done: (failed: boolean) => void): T {
  let result: T;
  try {
    result = fn();
  } catch (error) {
    done(true);
    throw error;
  }
  if (!isThenable(result)) {
    done(false);
    return result;
  }
  // Resolved, not chained: `then()` of a foreign object may throw, call both functions, call them twice, or return nothing.
  return new Promise((resolve) => resolve(result)).then(
    (value) => {
      done(false);
      return value;
    },
    (error: unknown) => {
      done(true);
      throw error;
    },
  ) as T;
}

/** Throws a TypeError unless `fn` is a function. Otherwise the metric would record a failed call. */
export function checkIsFunction(metricName: string, fn: unknown): void {
  if (typeof fn !== 'function') refuse(`time a call for metric "${metricName}"`, 'a function', fn);
}
