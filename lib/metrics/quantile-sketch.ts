/** The smallest normal number. Smaller ones have too few digits for a relative error of 1 %. */
const SMALLEST_NORMAL = 2 ** -1022;

/** As many numbers are kept as they are: a series with one number takes 790 bytes, and would take 1,790 with a bucket (Node 20). */
const MOST_KEPT = 16;

/**
 * Estimates quantiles of numbers without keeping more than 16: each is within 1 % of the exact one. The smallest and the largest
 * number are exact, and of up to 16 numbers all quantiles. Merged sketches give the same results as one that has seen all numbers.
 *
 * This holds for numbers within 17 powers of ten, on either side of 0; numbers nearer to 0 count as larger than they are.
 * At most 32 KiB, 4.5 KiB if the numbers span four powers of ten.
 */
export class QuantileSketch {
  /** Count of all numbers. */
  count = 0;
  #smallest = Infinity;
  #largest = -Infinity;
  /** All numbers, in any order; undefined once they are in the buckets. */
  #kept: number[] | undefined = [];
  #zeros = 0;
  readonly #positive = new LogBuckets();
  /** Of the negative numbers, without their sign. */
  readonly #negative = new LogBuckets();

  /** Counts a finite number, which is not checked. */
  observe(value: number): void {
    this.count++;
    if (value < this.#smallest) this.#smallest = value;
    if (value > this.#largest) this.#largest = value;
    if (this.#kept === undefined) this.#add(value);
    else if (this.#kept.length < MOST_KEPT) this.#kept.push(value);
    else {
      this.#spill();
      this.#add(value);
    }
  }

  /** Adds the numbers of another sketch, which does not change. */
  merge(other: QuantileSketch): void {
    if (other.#kept !== undefined) {
      for (const value of other.#kept) this.observe(value);
      return;
    }
    this.#spill();
    this.count += other.count;
    this.#smallest = Math.min(this.#smallest, other.#smallest);
    this.#largest = Math.max(this.#largest, other.#largest);
    this.#zeros += other.#zeros;
    this.#positive.merge(other.#positive);
    this.#negative.merge(other.#negative);
  }

  /** Estimates the smallest number that is at or above a share `q`, from 0 to 1, of all numbers; `NaN` if there are none. */
  quantile(q: number): number {
    if (this.count === 0) return NaN;
    // Reduced by the possible rounding error: of 100 numbers the quantile 0.07 is the 7th, though 0.07 * 100 > 7.
    const rank = Math.ceil(q * this.count * (1 - 2 ** -51));
    if (rank <= 1) return this.#smallest;
    if (rank >= this.count) return this.#largest;
    if (this.#kept !== undefined) return this.#kept.sort((a, b) => a - b)[rank - 1]!;
    let left = rank;
    let found = 0;
    const reach = (value: number, count: number): boolean => {
      found = value;
      left -= count;
      return left <= 0;
    };
    // In rising order, until the rank is reached.
    const isReached =
      this.#negative.someDown((value, count) => reach(-value, count)) ||
      reach(0, this.#zeros) ||
      this.#positive.someUp(reach);
    return isReached ? Math.min(Math.max(found, this.#smallest), this.#largest) : this.#largest;
  }

  #add(value: number): void {
    if (value >= SMALLEST_NORMAL) this.#positive.add(value);
    else if (value <= -SMALLEST_NORMAL) this.#negative.add(-value);
    else this.#zeros++;
  }

  /** Moves the kept numbers into the buckets. */
  #spill(): void {
    for (const value of this.#kept ?? []) this.#add(value);
    this.#kept = undefined;
  }
}

/** The largest relative error of a value that is read from a bucket: 1 %. */
export const RELATIVE_ERROR = 0.01;

/**
 * The most buckets that are kept, 16 KiB of them: they span 17 powers of ten, such as from a nanosecond to three years.
 * Beyond that, the smallest values are counted as larger than they are.
 */
export const MAX_BUCKETS = 2048;

/** The ratio of two adjacent upper bounds. */
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
const KEYS_PER_LOG = 1 / LOG_GAMMA;
/** The array grows by a multiple of this many buckets. */
const STEP = 64;
/** Shared by all empty instances: even an empty typed array takes 100 bytes. */
const NO_COUNTS = new Float64Array(0);

/**
 * Counts positive numbers in buckets that each reach 2 % further than the one before: bucket k holds those above γ^(k-1)
 * up to γ^k, whose middle is within 1 % of all of them.
 *
 * Charles Masson, Jee E. Rim, Homin K. Lee: "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error
 * Guarantees", VLDB 2019, sections 2.1 and 2.2. The buckets lie side by side in an array from the lowest to the highest
 * that is in use; when that would be more than {@link MAX_BUCKETS}, the lowest are collapsed into one.
 */
export class LogBuckets {
  /** Doubles: 32 bits would be full after an hour of a million observations a second. */
  #counts: Float64Array = NO_COUNTS;
  /** The k of the first bucket in the array. */
  #first = 0;

  /** Counts one number above 0 and not subnormal; does not check it. */
  add(value: number): void {
    this.#add(Math.ceil(Math.log(value) * KEYS_PER_LOG), 1);
  }

  /** Adds the counts of other buckets, as if they had been counted here. */
  merge(other: LogBuckets): void {
    // From the highest down, so that the array grows once and no bucket is collapsed unnecessarily.
    for (let at = other.#counts.length - 1; at >= 0; at--) {
      if (other.#counts[at]! > 0) this.#add(other.#first + at, other.#counts[at]!);
    }
  }

  /** Calls `visit` with the value and the count of each bucket, the smallest first, until it returns true. */
  someUp(visit: (value: number, count: number) => boolean): boolean {
    return this.#counts.some((count, at) => count > 0 && visit(this.#valueAt(at), count));
  }

  /** Like {@link someUp}, the largest first. */
  someDown(visit: (value: number, count: number) => boolean): boolean {
    for (let at = this.#counts.length - 1; at >= 0; at--) {
      if (this.#counts[at]! > 0 && visit(this.#valueAt(at), this.#counts[at]!)) return true;
    }
    return false;
  }

  #add(key: number, count: number): void {
    let at = key - this.#first;
    if (at < 0 || at >= this.#counts.length) at = this.#makeRoom(key);
    this.#counts[at]! += count;
  }

  /** Returns the index of a bucket that is not in the array yet; for one that is too low, the lowest. */
  #makeRoom(key: number): number {
    const counts = this.#counts;
    // Checked first: from then on, every such value comes here.
    if (counts.length === MAX_BUCKETS && key < this.#first) return 0;
    const used = counts.findIndex((count) => count > 0);
    const lowest = used === -1 ? key : Math.min(key, this.#first + used);
    const highest = used === -1 ? key : Math.max(key, this.#first + counts.findLastIndex((count) => count > 0));
    const length = Math.min(MAX_BUCKETS, Math.ceil((highest - lowest + 1) / STEP + 1) * STEP);
    // Spare buckets lie on both sides.
    const first = Math.max(lowest - ((length - (highest - lowest + 1)) >> 1), highest - length + 1);
    this.#counts = new Float64Array(length);
    counts.forEach((count, at) => {
      if (count > 0) this.#counts[Math.max(0, this.#first + at - first)]! += count;
    });
    this.#first = first;
    return Math.max(0, key - first);
  }

  #valueAt(at: number): number {
    return (2 / (1 + GAMMA)) * Math.exp((this.#first + at) * LOG_GAMMA);
  }
}
