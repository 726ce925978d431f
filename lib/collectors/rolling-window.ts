/** How long everything recorded stays visible, at least: seldom does a Prometheus scrape less often. */
const WINDOW_SECONDS = 60;

/**
 * The recent past, the same for all who look at it: looking takes nothing away from the next one.
 *
 * Two recordings run all the time, the younger begun at least 60 seconds after the older. The older is what is shown.
 * Once the younger covers 60 seconds by itself, the next look shows it, and restarts the other. So
 *
 * - what is shown covers at least the last 60 seconds, or all the time there was; at most 120 seconds and the time
 *   between two looks (no timer runs: while nobody looks, nothing is turned over);
 * - what happened is visible for at least 60 seconds: whoever looks that often, however many others do, misses nothing.
 *
 * Rejected: one recording, restarted at each look (the second scraper finds what the first left of it), or at a look
 * once it is old enough (the one that comes then sees all, the next one nothing).
 */
export class RollingWindow<T> {
  readonly #begin: (ended?: T) => T;
  readonly #nowSeconds: () => number;
  #older: T;
  #younger: T;
  #youngerSince: number;

  /** Takes a function that begins a recording, in the place of `ended` where there is one, and a monotonic clock. */
  constructor(begin: (ended?: T) => T, nowSeconds: () => number = () => performance.now() / 1000) {
    this.#begin = begin;
    this.#nowSeconds = nowSeconds;
    this.#older = begin();
    this.#younger = begin();
    this.#youngerSince = nowSeconds();
  }

  /** Returns the recording to show, which goes on. */
  look(): T {
    const now = this.#nowSeconds();
    if (now - this.#youngerSince >= WINDOW_SECONDS) {
      const ended = this.#older;
      this.#older = this.#younger;
      this.#younger = this.#begin(ended);
      this.#youngerSince = now;
    }
    return this.#older;
  }

  /** Both recordings, for their owner to end them. */
  get recordings(): readonly [older: T, younger: T] {
    return [this.#older, this.#younger];
  }
}
