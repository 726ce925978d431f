/** How many scrapes are remembered: 60 steps, five minutes at one every 5 s. */
export const HELD_SCRAPES = 61;

/** When the last scrapes were taken. All series share it: each keeps its numbers in the same slots. */
export class ScrapeClock {
  readonly #times = new Float64Array(HELD_SCRAPES).fill(NaN);
  #count = 0;

  /** Number of scrapes so far; the last one is number `count - 1`. */
  get count(): number {
    return this.#count;
  }

  /** The number of the oldest scrape that is still remembered. */
  get oldest(): number {
    return Math.max(0, this.#count - HELD_SCRAPES);
  }

  /** Begins the next scrape, taken at `seconds` on a clock that never goes back. */
  tick(seconds: number): void {
    this.#times[this.#count % HELD_SCRAPES] = seconds;
    this.#count++;
  }

  /** When a remembered scrape was taken, in seconds. */
  timeOf(scrape: number): number {
    return this.#times[scrape % HELD_SCRAPES]!;
  }

  /**
   * The number of the scrape with which a window of so many seconds up to the last scrape begins: the oldest in it, and
   * if there is none, the one before the last. Half a second is allowed for timers that come early.
   */
  windowStart(seconds: number): number {
    const last = this.#count - 1;
    const since = this.timeOf(last) - seconds - 0.5;
    let start = Math.max(this.oldest, last - 1);
    while (start > this.oldest && this.timeOf(start - 1) >= since) start--;
    return start;
  }
}
