import { errorText, warn } from '../model/error-text.ts';
import { isThenable } from '../model/promises.ts';

/** The result of a collector's run, or why it failed. */
export type Outcome<T> = { readonly ok: true; readonly result: T } | { readonly ok: false; readonly error: unknown };

/**
 * Runs one collector, scrape after scrape, so that its faults cost nobody else: an error or a run that takes too long
 * fails this run only, is counted each time, and is reported the first time.
 *
 * Scrapes share a run that is under way, but not their patience: each waits for as long as it likes, and `giveUp()` by one
 * takes nothing from the others.
 */
export class CollectorRun<T> {
  readonly name: string;
  /** Runs that failed so far, once for each scrape that went on without. */
  failures = 0;
  readonly #collect: () => T | PromiseLike<T>;
  /** The outcome of the run that has not ended yet; while it has not, no other is begun. */
  #running: Promise<Outcome<T>> | undefined;
  /** Whether that run has taken so long that nobody waits for it any more. */
  #isHung = false;
  #hasWarned = false;

  constructor(name: string, collect: () => T | PromiseLike<T>) {
    this.name = name;
    this.#collect = collect;
  }

  /** Begins a run, or joins the one under way. Returns a promise only if the collector does; neither throws nor rejects. */
  start(): Outcome<T> | Promise<Outcome<T>> {
    if (this.#isHung) return this.fail(new Error('its run of an earlier scrape has not ended yet'));
    if (this.#running !== undefined) return this.#running;
    try {
      const result = this.#collect();
      if (!isThenable(result)) return { ok: true, result };
      this.#running = this.#settle(result);
      return this.#running;
    } catch (error) {
      return this.fail(error);
    }
  }

  /**
   * Counts that a scrape goes on without the run under way, for which it has waited `seconds`. `isHung` says that no later
   * scrape shall wait for that run either.
   */
  giveUp(seconds: number, isHung: boolean): Outcome<never> {
    this.#isHung ||= isHung;
    return this.fail(new Error(`it took longer than ${seconds} s`));
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
    const end = (outcome: () => Outcome<T>): Outcome<T> => {
      const settled = outcome();
      this.#running = undefined;
      this.#isHung = false;
      return settled;
    };
    return Promise.resolve(result).then(
      (value) => end(() => ({ ok: true, result: value })),
      // A hung run has been counted already.
      (error: unknown) => end(() => (this.#isHung ? { ok: false, error } : this.fail(error))),
    );
  }
}
