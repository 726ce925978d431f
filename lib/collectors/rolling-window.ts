/** How long a recorded value stays visible at least. Prometheus rarely scrapes less often. */
const WINDOW_SECONDS = 60;

/**
 * A window over the recent past that is the same for every reader: reading it changes nothing for the next one.
 *
 * Two recordings run at all times; the younger begins at least 60 seconds after the older. Reads return the older. Once
 * the younger covers 60 seconds, the next read returns it and restarts the other. So
 *
 * - a read covers at least the last 60 seconds (or the time since the start), and at most 120 seconds plus the time
 *   between two reads (there is no timer: recordings change only when they are read);
 * - an event is visible for at least 60 seconds: a scraper that reads at least that often misses nothing, however many
 *   others there are.
 *
 * Rejected: one recording that restarts at each read (a second scraper gets only what came since the first), or once it
 * is old enough (one scraper sees everything, the next one nothing).
 */
export class RollingWindow<T> {
  readonly #begin: (ended?: T) => T;
  readonly #nowSeconds: () => number;
  #older: T;
  #younger: T;
  #youngerSince: number;

  /** `begin` starts a recording and may reuse `ended`; `nowSeconds` is a monotonic clock. */
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
