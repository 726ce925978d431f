import { errorText } from '../model/error-text.ts';
import { warn } from '../model/warning.ts';

/** What one run of a collector came to: its result, or why it failed. */
export type Outcome<T> = { readonly ok: true; readonly result: T } | { readonly ok: false; readonly error: unknown };

/** The longest delay that a timer takes, 24.8 days; beyond it Node fires at once. */
const LONGEST_DELAY_MILLISECONDS = 2 ** 31 - 1;

/**
 * Runs one collector, scrape after scrape, so that what goes wrong in it costs nobody else: an error or a run that
 * takes too long fails this run only, is counted each time, and is reported the first time.
 */
export class CollectorRun<T> {
  readonly name: string;
  /** Runs that failed so far. */
  failures = 0;
  readonly #collect: () => T | PromiseLike<T>;
  /** The outcome of the run that has not ended yet; while it has not, no other is begun. */
  #running: Promise<Outcome<T>> | undefined;
  /** Whether that run has been given up. */
  #isLate = false;
  #hasWarned = false;

  constructor(name: string, collect: () => T | PromiseLike<T>) {
    this.name = name;
    this.#collect = collect;
  }

  /**
   * Runs the collector once, or joins the run that is under way, and waits for `timeoutSeconds` at most. Returns a promise
   * only if the collector does; neither throws nor rejects.
   */
  run(timeoutSeconds: number): Outcome<T> | Promise<Outcome<T>> {
    if (this.#running === undefined) {
      try {
        const result = this.#collect();
        if (!isPromise(result)) return { ok: true, result };
        this.#running = this.#settle(result);
      } catch (error) {
        return this.fail(error);
      }
    } else if (this.#isLate) return this.fail(new Error('its run of an earlier scrape has not ended yet'));
    return this.#within(timeoutSeconds, this.#running);
  }

  /** Counts a failure, and reports it if it is the first. */
  fail(error: unknown): Outcome<never> {
    this.failures++;
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      warn(
        'METRICS_COLLECTOR_FAILED',
        `Collector "${this.name}" failed, so its metrics are missing from the scrape (further failures are only counted, ` +
          `in metrics_client_collector_failures_total): ${errorText(error)}`,
      );
    }
    return { ok: false, error };
  }

  #settle(result: PromiseLike<T>): Promise<Outcome<T>> {
    this.#isLate = false;
    const end = (outcome: () => Outcome<T>): Outcome<T> => {
      this.#running = undefined;
      return outcome();
    };
    return Promise.resolve(result).then(
      (value) => end(() => ({ ok: true, result: value })),
      // What was given up has been counted already.
      (error: unknown) => end(() => (this.#isLate ? { ok: false, error } : this.fail(error))),
    );
  }

  #within(timeoutSeconds: number, running: Promise<Outcome<T>>): Promise<Outcome<T>> {
    return new Promise((resolve) => {
      const delay = Math.min(timeoutSeconds * 1000, LONGEST_DELAY_MILLISECONDS);
      const timer = setTimeout(() => {
        this.#isLate = true;
        resolve(this.fail(new Error(`it took longer than ${timeoutSeconds} s`)));
      }, delay);
      (timer as { unref?: () => void }).unref?.(); // whoever awaits the scrape keeps the process alive
      void running.then((outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
    });
  }
}

/** Whether a collector has returned a promise. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined | null)?.then === 'function';
}
