import { quantileOfBuckets } from '../../model/buckets.ts';
import type { HistogramReading, Labels, NumberReading, Reading } from './readings.ts';

/** Number of scrapes in the history: 60 steps, five minutes at one scrape every 5 s. */
export const HISTORY_SCRAPES = 61;

/** Rates and quantiles cover the last minute, or the last two scrapes if those are further apart. */
export const WINDOW_SECONDS = 60;

/** The times of the scrapes in the history. All series share it and keep their values in the same slots. */
export class ScrapeClock {
  readonly #times = new Float64Array(HISTORY_SCRAPES).fill(NaN);
  #count = 0;

  /** Number of scrapes so far. The last one has the number `count - 1`. */
  get count(): number {
    return this.#count;
  }

  /** The number of the oldest scrape in the history. */
  get oldest(): number {
    return Math.max(0, this.#count - HISTORY_SCRAPES);
  }

  /** Starts the next scrape, taken at `seconds` on a monotonic clock. */
  tick(seconds: number): void {
    this.#times[this.#count % HISTORY_SCRAPES] = seconds;
    this.#count++;
  }

  /** When a scrape in the history was taken, in seconds. */
  timeOf(scrape: number): number {
    return this.#times[scrape % HISTORY_SCRAPES]!;
  }

  /**
   * The number of the first scrape in a window of `seconds` that ends with the last scrape. If the window holds no other
   * scrape, this is the one before the last. Half a second is added for timers that fire early.
   */
  windowStart(seconds: number): number {
    const last = this.#count - 1;
    const since = this.timeOf(last) - seconds - 0.5;
    let start = Math.max(this.oldest, last - 1);
    while (start > this.oldest && this.timeOf(start - 1) >= since) start--;
    return start;
  }
}

/** A ring buffer with one value of a series per scrape in the history. */
abstract class RecordedSeries<T> {
  /** Identifies the series within its family. */
  readonly key: string;
  readonly name: string;
  readonly labels: Labels;
  protected readonly clock: ScrapeClock;
  /** The value where a scrape does not have the series. */
  readonly #missing: T;
  readonly #values: T[];
  #lastScrape: number;

  protected constructor(clock: ScrapeClock, { key, name, labels }: Reading, missing: T) {
    this.key = key;
    this.name = name;
    this.labels = labels;
    this.clock = clock;
    this.#missing = missing;
    this.#values = new Array<T>(HISTORY_SCRAPES).fill(missing);
    this.#lastScrape = clock.count - 1;
  }

  /** The number of the last scrape that had this series. */
  get lastScrape(): number {
    return this.#lastScrape;
  }

  /** The value in the last scrape that had this series. */
  get last(): T {
    return this.at(this.#lastScrape);
  }

  protected at(scrape: number): T {
    return scrape <= this.#lastScrape ? this.#values[scrape % HISTORY_SCRAPES]! : this.#missing;
  }

  /** Records the value in the clock's last scrape. */
  protected record(value: T): void {
    const scrape = this.clock.count - 1;
    for (let missed = Math.max(this.#lastScrape + 1, scrape - HISTORY_SCRAPES); missed < scrape; missed++) {
      this.#values[missed % HISTORY_SCRAPES] = this.#missing;
    }
    this.#values[scrape % HISTORY_SCRAPES] = value;
    this.#lastScrape = scrape;
  }

  /** Maps the number of each scrape in the history, oldest first. */
  protected map<U>(of: (scrape: number) => U): U[] {
    const { oldest, count } = this.clock;
    return Array.from({ length: count - oldest }, (_, i) => of(oldest + i));
  }
}

/** The history of a counter or gauge. */
export class NumberSeries extends RecordedSeries<number> {
  readonly kind: NumberReading['kind'];

  constructor(clock: ScrapeClock, reading: NumberReading) {
    super(clock, reading, NaN);
    this.kind = reading.kind;
  }

  /** Records the value in the clock's last scrape. */
  add({ value }: NumberReading): void {
    this.record(value);
  }

  /** The value at each scrape, oldest first; NaN where the series is missing. */
  values(): number[] {
    return this.map((scrape) => this.at(scrape));
  }

  /** The increase per second up to each scrape, oldest first; NaN where the series is missing. */
  rates(): number[] {
    return this.map((scrape) => this.#rate(scrape - 1, scrape));
  }

  /** The increase per second over the window; NaN until two scrapes in it have the series. */
  rate(windowSeconds: number): number {
    return this.#rate(this.clock.windowStart(windowSeconds), this.clock.count - 1);
  }

  #rate(first: number, last: number): number {
    let total = 0;
    let start = NaN;
    let end = NaN;
    let before = NaN;
    for (let scrape = Math.max(first, this.clock.oldest); scrape <= last; scrape++) {
      const value = this.at(scrape);
      if (Number.isNaN(value)) continue;
      end = this.clock.timeOf(scrape);
      if (Number.isNaN(before)) start = end;
      // A counter that falls has restarted from 0, as in PromQL's `increase()`.
      else total += value >= before ? value - before : value;
      before = value;
    }
    return end > start ? total / (end - start) : NaN;
  }
}

/** The observations between two scrapes. */
export interface Observations {
  /** Not cumulative; one more than the upper bounds. */
  readonly bucketCounts: readonly number[];
  readonly count: number;
  readonly sum: number;
  /** Time between the first and the last of the scrapes. */
  readonly seconds: number;
}

/** The part of a reading that changes from scrape to scrape. */
type Totals = Pick<HistogramReading, 'bucketCounts' | 'sum'>;

/** The totals of a scrape. */
interface RecordedTotals extends Totals {
  readonly count: number;
  /** What was counted before the last restart from 0; undefined if there was none. */
  readonly earlier: Totals | undefined;
}

/** The history of a histogram. The bounds are fixed: other bounds make another series. */
export class HistogramSeries extends RecordedSeries<RecordedTotals | undefined> {
  readonly kind = 'histogram';
  readonly upperBounds: readonly number[];

  constructor(clock: ScrapeClock, reading: HistogramReading) {
    super(clock, reading, undefined);
    this.upperBounds = reading.upperBounds;
  }

  /** Records the totals in the clock's last scrape. */
  add({ bucketCounts, sum }: HistogramReading): void {
    const before = this.last;
    // If any bucket falls, the whole histogram has restarted from 0.
    const hasRestarted = before !== undefined && bucketCounts.some((count, i) => count < before.bucketCounts[i]!);
    const earlier = hasRestarted ? plus(before, before.earlier) : before?.earlier;
    this.record({ bucketCounts, sum, count: totalOf(bucketCounts), earlier });
  }

  /** The observations in the window. */
  over(windowSeconds: number): Observations {
    return this.#between(this.clock.windowStart(windowSeconds), this.clock.count - 1);
  }

  /** The observations between each scrape and the one before, oldest first. */
  steps(): Observations[] {
    return this.map((scrape) => this.#between(scrape - 1, scrape));
  }

  /**
   * Adds the observations per second up to each scrape, oldest first, to sums that are NaN where nothing was added. Adds to
   * an array, since a page may add up 10,000 series at each scrape.
   */
  addRatesTo(sums: number[]): void {
    const { oldest, count } = this.clock;
    let before = this.#totals(oldest - 1);
    for (let scrape = oldest; scrape < count; scrape++) {
      const after = this.#totals(scrape);
      if (before !== undefined && after !== undefined) {
        const increase = after.earlier === before.earlier ? after.count - before.count : after.count;
        const rate = increase / (this.clock.timeOf(scrape) - this.clock.timeOf(scrape - 1));
        const sum = sums[scrape - oldest] ?? NaN;
        sums[scrape - oldest] = Number.isNaN(sum) ? rate : sum + rate;
      }
      before = after;
    }
  }

  /** The `q`-quantile of the observations, estimated as PromQL does; NaN if there are none. */
  quantile(q: number, { bucketCounts }: Observations): number {
    return quantileOfBuckets(q, this.upperBounds, bucketCounts);
  }

  // Takes as long for a window of many scrapes as for two: a page may ask this of 10,000 series at each scrape.
  #between(first: number, last: number): Observations {
    let start = first;
    while (start < last && this.#totals(start) === undefined) start++;
    let end = last;
    while (end > start && this.#totals(end) === undefined) end--;
    const before = this.#totals(start);
    const after = this.#totals(end);
    if (before === undefined || after === undefined) {
      return { bucketCounts: new Array<number>(this.upperBounds.length + 1).fill(0), count: 0, sum: 0, seconds: NaN };
    }
    const isSameRun = after.earlier === before.earlier;
    const to = isSameRun ? after : plus(after, after.earlier);
    const from = isSameRun ? before : plus(before, before.earlier);
    const bucketCounts = to.bucketCounts.map((count, i) => count - from.bucketCounts[i]!);
    const seconds = this.clock.timeOf(end) - this.clock.timeOf(start);
    return { bucketCounts, count: totalOf(bucketCounts), sum: to.sum - from.sum, seconds };
  }

  /** Undefined outside the history, too. */
  #totals(scrape: number): RecordedTotals | undefined {
    return scrape < this.clock.oldest ? undefined : this.at(scrape);
  }
}

function totalOf(bucketCounts: readonly number[]): number {
  return bucketCounts.reduce((total, count) => total + count, 0);
}

function plus(left: Totals, right: Totals | undefined): Totals {
  if (right === undefined) return left;
  const bucketCounts = left.bucketCounts.map((count, i) => count + right.bucketCounts[i]!);
  return { bucketCounts, sum: left.sum + right.sum };
}
