import { quantileOfBuckets } from '../../model/quantile.ts';
import type { HistogramReading, Labels } from './reading.ts';
import { HELD_SCRAPES, type ScrapeClock } from './scrape-clock.ts';

/** What was observed between two scrapes. */
export interface Observations {
  /** Not cumulative; one more than the upper bounds. */
  readonly bucketCounts: readonly number[];
  readonly count: number;
  readonly sum: number;
  /** From the first to the last of the scrapes. */
  readonly seconds: number;
}

/** What is remembered of a reading: what all have in common is the series'. */
type Totals = Pick<HistogramReading, 'bucketCounts' | 'sum'>;

/** A histogram over the scrapes that are remembered. Its bounds stay; with other bounds it is another series. */
export class HistogramSeries {
  readonly kind = 'histogram';
  /** By which it is known in its family. */
  readonly key: string;
  readonly name: string;
  readonly labels: Labels;
  readonly upperBounds: readonly number[];
  readonly #clock: ScrapeClock;
  /** In the slots of the clock; undefined where a scrape did not have the series. */
  readonly #totals = new Array<Totals | undefined>(HELD_SCRAPES).fill(undefined);
  #lastScrape: number;

  constructor(clock: ScrapeClock, { key, name, labels, upperBounds }: HistogramReading) {
    this.key = key;
    this.name = name;
    this.labels = labels;
    this.upperBounds = upperBounds;
    this.#clock = clock;
    this.#lastScrape = clock.count - 1;
  }

  /** The number of the last scrape that had this series. */
  get lastScrape(): number {
    return this.#lastScrape;
  }

  /** What the last scrape said: everything since the process started. */
  get last(): Totals {
    return this.#totals[this.#lastScrape % HELD_SCRAPES]!;
  }

  /** Takes what the clock's last scrape says. */
  add({ bucketCounts, sum }: HistogramReading): void {
    const scrape = this.#clock.count - 1;
    for (let missed = Math.max(this.#lastScrape + 1, scrape - HELD_SCRAPES); missed < scrape; missed++) {
      this.#totals[missed % HELD_SCRAPES] = undefined;
    }
    this.#totals[scrape % HELD_SCRAPES] = { bucketCounts, sum };
    this.#lastScrape = scrape;
  }

  /** What was observed over the window. */
  over(windowSeconds: number): Observations {
    return this.#between(this.#clock.windowStart(windowSeconds), this.#clock.count - 1);
  }

  /** What was observed up to each remembered scrape from the one before, oldest first. */
  steps(): Observations[] {
    const { oldest, count } = this.#clock;
    return Array.from({ length: count - oldest }, (_, i) => this.#between(oldest + i - 1, oldest + i));
  }

  /** The `q`-quantile of what was observed, estimated as PromQL does; NaN without observations. */
  quantile(q: number, { bucketCounts }: Observations): number {
    return quantileOfBuckets(q, this.upperBounds, bucketCounts);
  }

  #between(first: number, last: number): Observations {
    const bucketCounts = new Array<number>(this.upperBounds.length + 1).fill(0);
    let sum = 0;
    let start = NaN;
    let end = NaN;
    let before: Totals | undefined;
    for (let scrape = Math.max(first, this.#clock.oldest); scrape <= last; scrape++) {
      const after = scrape <= this.#lastScrape ? this.#totals[scrape % HELD_SCRAPES] : undefined;
      if (after === undefined) continue;
      end = this.#clock.timeOf(scrape);
      if (before === undefined) {
        start = end;
      } else {
        // One bucket that fell is enough: the whole histogram has started again from 0.
        const hasRestarted = after.bucketCounts.some((count, i) => count < before!.bucketCounts[i]!);
        const from = hasRestarted ? undefined : before;
        for (const [i, count] of after.bucketCounts.entries()) bucketCounts[i]! += count - (from?.bucketCounts[i] ?? 0);
        sum += after.sum - (from?.sum ?? 0);
      }
      before = after;
    }
    const count = bucketCounts.reduce((total, inBucket) => total + inBucket, 0);
    return { bucketCounts, count, sum, seconds: end - start };
  }
}
