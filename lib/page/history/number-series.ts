import { increase } from './increase.ts';
import type { Labels, NumberReading } from './reading.ts';
import { HELD_SCRAPES, type ScrapeClock } from './scrape-clock.ts';

/** A counter or gauge over the scrapes that are remembered. */
export class NumberSeries {
  readonly kind: NumberReading['kind'];
  /** By which it is known in its family. */
  readonly key: string;
  readonly name: string;
  readonly labels: Labels;
  readonly #clock: ScrapeClock;
  /** NaN where a scrape did not have the series. */
  readonly #values = new Float64Array(HELD_SCRAPES).fill(NaN);
  #lastScrape: number;

  constructor(clock: ScrapeClock, { kind, key, name, labels }: NumberReading) {
    this.kind = kind;
    this.key = key;
    this.name = name;
    this.labels = labels;
    this.#clock = clock;
    this.#lastScrape = clock.count - 1;
  }

  /** The number of the last scrape that had this series. */
  get lastScrape(): number {
    return this.#lastScrape;
  }

  /** Takes what the clock's last scrape says. */
  add({ value }: NumberReading): void {
    const scrape = this.#clock.count - 1;
    for (let missed = Math.max(this.#lastScrape + 1, scrape - HELD_SCRAPES); missed < scrape; missed++) {
      this.#values[missed % HELD_SCRAPES] = NaN;
    }
    this.#values[scrape % HELD_SCRAPES] = value;
    this.#lastScrape = scrape;
  }

  /** The value in the last scrape that had the series. */
  get value(): number {
    return this.#values[this.#lastScrape % HELD_SCRAPES]!;
  }

  /** The value at each remembered scrape, oldest first; NaN where there is none. */
  values(): number[] {
    return this.#over((scrape) => this.#valueAt(scrape));
  }

  /** The increase per second up to each remembered scrape, oldest first; NaN where there is none. */
  rates(): number[] {
    return this.#over((scrape) => this.#rate(scrape - 1, scrape));
  }

  /** The increase per second over the window; NaN until two scrapes of it had the series. */
  rate(windowSeconds: number): number {
    return this.#rate(this.#clock.windowStart(windowSeconds), this.#clock.count - 1);
  }

  #rate(first: number, last: number): number {
    let total = 0;
    let start = NaN;
    let end = NaN;
    let before = NaN;
    for (let scrape = Math.max(first, this.#clock.oldest); scrape <= last; scrape++) {
      const value = this.#valueAt(scrape);
      if (Number.isNaN(value)) continue;
      end = this.#clock.timeOf(scrape);
      if (Number.isNaN(before)) start = end;
      else total += increase(before, value);
      before = value;
    }
    return end > start ? total / (end - start) : NaN;
  }

  #valueAt(scrape: number): number {
    return scrape <= this.#lastScrape ? this.#values[scrape % HELD_SCRAPES]! : NaN;
  }

  #over(valueAt: (scrape: number) => number): number[] {
    const { oldest, count } = this.#clock;
    return Array.from({ length: count - oldest }, (_, i) => valueAt(oldest + i));
  }
}
