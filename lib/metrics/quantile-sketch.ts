import { LogBuckets } from './log-buckets.ts';

/** The smallest number that has all its digits: below, there are too few for a relative error of 1 %. */
const SMALLEST_NORMAL = 2 ** -1022;

/**
 * Estimates quantiles of numbers without keeping them: each is within 1 % of the exact one, the smallest and the largest
 * number are exact. Sketches can be merged, and tell the same as one that has seen all.
 *
 * Holds for numbers of which the largest and smallest are up to 17 powers of ten apart, on either side of 0; those
 * nearer to 0 count as larger than they are. At most 32 KiB, 4 KiB where the numbers span four powers of ten.
 */
export class QuantileSketch {
  /** How many numbers there were. */
  count = 0;
  #smallest = Infinity;
  #largest = -Infinity;
  #zeros = 0;
  readonly #positive = new LogBuckets();
  /** Of the negative numbers, without their sign. */
  readonly #negative = new LogBuckets();

  /** Counts a finite number, which is not checked. */
  observe(value: number): void {
    this.count++;
    if (value < this.#smallest) this.#smallest = value;
    if (value > this.#largest) this.#largest = value;
    if (value >= SMALLEST_NORMAL) this.#positive.add(value);
    else if (value <= -SMALLEST_NORMAL) this.#negative.add(-value);
    else this.#zeros++;
  }

  /** Adds all that another sketch has counted, and leaves that one as it is. */
  merge(other: QuantileSketch): void {
    this.count += other.count;
    this.#smallest = Math.min(this.#smallest, other.#smallest);
    this.#largest = Math.max(this.#largest, other.#largest);
    this.#zeros += other.#zeros;
    this.#positive.merge(other.#positive);
    this.#negative.merge(other.#negative);
  }

  /** Estimates the smallest number that at least the share `q`, from 0 to 1, of all is not above; `NaN` without any. */
  quantile(q: number): number {
    if (this.count === 0) return NaN;
    // Down by what the product may be rounded up: of 100 numbers the quantile 0.07 is the 7th, though 0.07 * 100 > 7.
    const rank = Math.ceil(q * this.count * (1 - 2 ** -51));
    if (rank <= 1) return this.#smallest;
    if (rank >= this.count) return this.#largest;
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
}
