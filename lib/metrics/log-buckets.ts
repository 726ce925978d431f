/** How far a value that is read from a bucket may be off, relative to the value that was counted: 1 %. */
export const RELATIVE_ERROR = 0.01;

/**
 * The most buckets that are kept, 16 KiB of them: they span 17 powers of ten, such as from a nanosecond to three years.
 * Beyond that, the smallest values are counted as larger than they are.
 */
export const MAX_BUCKETS = 2048;

/** The upper bound of a bucket by that of the one before. */
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
const KEYS_PER_LOG = 1 / LOG_GAMMA;
/** Buckets by which room is made at a time. */
const STEP = 64;
/** What all have that have counted nothing: an empty typed array takes 100 bytes too. */
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

  /** Adds what other buckets have counted: the same as if it had been counted here. */
  merge(other: LogBuckets): void {
    // From the highest on, so that room is made once, and nothing is collapsed that would not have been.
    for (let at = other.#counts.length - 1; at >= 0; at--) {
      if (other.#counts[at]! > 0) this.#add(other.#first + at, other.#counts[at]!);
    }
  }

  /** Calls `visit` with the value and the count of each bucket, the smallest first, until it returns true. */
  someUp(visit: (value: number, count: number) => boolean): boolean {
    return this.#counts.some((count, at) => count > 0 && visit(this.#valueAt(at), count));
  }

  /** Does what {@link someUp} does, the largest first. */
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

  /** Returns the place of a bucket that is not in the array yet; of one too low for it, the lowest. */
  #makeRoom(key: number): number {
    const counts = this.#counts;
    // Asked at every such value, once it has come to that.
    if (counts.length === MAX_BUCKETS && key < this.#first) return 0;
    const used = counts.findIndex((count) => count > 0);
    const lowest = used === -1 ? key : Math.min(key, this.#first + used);
    const highest = used === -1 ? key : Math.max(key, this.#first + counts.findLastIndex((count) => count > 0));
    const length = Math.min(MAX_BUCKETS, Math.ceil((highest - lowest + 1) / STEP + 1) * STEP);
    // What is left over lies on both sides.
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
