/** Lower bound of the second bucket, in seconds; the first begins at 0. */
const SMALLEST = 1e-4;
/** Each bucket is so much wider than the one before, which bounds the error of a percentile. */
const GROWTH = 1.05;
/** Up to 6 hours; the last bucket takes what is beyond. */
const BUCKETS = 400;

/**
 * The event loop's lag, seen by an event that becomes due at a random moment: the distribution over time, not over turns of
 * the loop. Of a stall of 2 s in 10 s, a fifth of all moments see something, on average 1 s.
 */
export class LagDistribution {
  #seconds = 0;
  /** Integrals over time of the lag and of its square. */
  #lag = 0;
  #lagSquared = 0;
  #max = 0;
  /** By the longest lag of a measurement: the seconds that it stands for, and the number of those that go down to 0. */
  readonly #weights = new Float64Array(BUCKETS);
  readonly #counts = new Float64Array(BUCKETS);

  /** Adds a time in which the loop waited for events. */
  addIdle(seconds: number): void {
    this.#seconds += seconds;
  }

  /** Adds a time in which the loop was busy: an event at its beginning waited for all of it, one at its end not at all. */
  addBusy(seconds: number): void {
    this.#lag += seconds ** 2 / 2;
    this.#lagSquared += seconds ** 3 / 3;
    this.#counts[this.#add(seconds, seconds)]! += 1;
  }

  /** Adds a time in which events waited for `lag` seconds, all of them. */
  addLag(lag: number, seconds: number): void {
    this.#lag += lag * seconds;
    this.#lagSquared += lag ** 2 * seconds;
    this.#add(lag, seconds);
  }

  /** The mean in seconds; 0 while nothing has been added. */
  get mean(): number {
    return this.#seconds === 0 ? 0 : this.#lag / this.#seconds;
  }

  get standardDeviation(): number {
    if (this.#seconds === 0) return 0;
    return Math.sqrt(Math.max(0, this.#lagSquared / this.#seconds - this.mean ** 2));
  }

  get max(): number {
    return this.#max;
  }

  /**
   * The lag that is not exceeded for this share of the time. Above a lag of x are the seconds of each longer measurement, less
   * x if it goes down to 0; so their sum is linear in x between two bounds of buckets, and found by going down from the
   * longest.
   */
  percentile(share: number): number {
    const above = (1 - share) * this.#seconds;
    let count = 0;
    let weight = 0;
    for (let i = BUCKETS - 1; i >= 0; i--) {
      count += this.#counts[i]!;
      weight += this.#weights[i]!;
      const low = lowerBound(i);
      if (weight - count * low <= above) continue;
      const high = i === BUCKETS - 1 ? this.#max : Math.min(lowerBound(i + 1), this.#max);
      return Math.min(Math.max((weight - above) / count, low), high);
    }
    return 0;
  }

  clear(): void {
    this.#seconds = 0;
    this.#lag = 0;
    this.#lagSquared = 0;
    this.#max = 0;
    this.#counts.fill(0);
    this.#weights.fill(0);
  }

  /** Returns the bucket of the lag. */
  #add(lag: number, seconds: number): number {
    this.#seconds += seconds;
    if (lag > this.#max) this.#max = lag;
    const bucket = lag < SMALLEST ? 0 : 1 + Math.floor(Math.log(lag / SMALLEST) / Math.log(GROWTH));
    const i = Math.min(bucket, BUCKETS - 1);
    this.#weights[i]! += seconds;
    return i;
  }
}

function lowerBound(bucket: number): number {
  return bucket === 0 ? 0 : SMALLEST * GROWTH ** (bucket - 1);
}
