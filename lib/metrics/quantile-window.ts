import { QuantileSketch } from './quantile-sketch.ts';

/** The period that quantiles cover. */
export interface QuantileWindowOptions {
  /** Seconds after which an observation no longer counts; `Infinity` for never. */
  readonly maxAgeSeconds: number;
  /** Steps in which the window slides. */
  readonly ageBuckets: number;
  /** A monotonic clock. */
  readonly nowSeconds?: () => number;
}

/** From this length on, the clock is read once in 64 observations. */
const LONGEST_BURST = 63 * 16;
/** While observations are at most this far apart, the clock is read less often. */
const BURST_SECONDS = 0.001;

/**
 * Quantiles over the recent past: sketches, one for each step of the window. An observation goes into the newest; the
 * oldest is dropped when its time is over; a reading merges all of them.
 *
 * So an observation counts for `maxAgeSeconds`, less one step at most. No timer runs: the window slides with the next
 * observation or reading.
 *
 * Reading the clock takes 50 to 80 ns, more than all the rest. So the longer a burst, the less often it is read, down to
 * once in 64 observations. After a burst, up to a sixteenth as many observations, at most 63, may count as if they belonged
 * to it, unless a scrape comes in between: each scrape restarts the count.
 */
export class QuantileWindow {
  /** The newest first; at most `ageBuckets`. */
  readonly #sketches = [new QuantileSketch()];
  #newest = this.#sketches[0]!;
  /** When the next sketch begins. */
  #newestUntil: number;
  #lookedAt = -Infinity;
  /** Observations in the current burst. */
  #burstLength = 0;
  /** Observations per reading of the clock, and how many are left until the next. */
  #stride = 1;
  #strideLeft = 1;
  readonly #ageBuckets: number;
  readonly #stepSeconds: number;
  readonly #nowSeconds: () => number;

  constructor({ maxAgeSeconds, ageBuckets, nowSeconds = monotonicSeconds }: QuantileWindowOptions) {
    this.#ageBuckets = ageBuckets;
    this.#stepSeconds = maxAgeSeconds / ageBuckets;
    this.#nowSeconds = nowSeconds;
    this.#newestUntil = nowSeconds() + this.#stepSeconds;
  }

  /** Counts a finite number, which is not checked. Costs 15 to 40 ns, of which the logarithm is a third. */
  observe(value: number): void {
    if (--this.#strideLeft === 0) this.#lookAtClock();
    this.#newest.observe(value);
  }

  /** Estimates each quantile, from 0 to 1, of the window within 1 %; `NaN` if the window is empty. */
  quantiles(quantiles: readonly number[]): number[] {
    const sketch = this.#merged();
    return quantiles.map((q) => sketch.quantile(q));
  }

  /** Whether the window holds no observation. */
  get isEmpty(): boolean {
    this.#moveOn(this.#nowSeconds());
    return this.#sketches.every((sketch) => sketch.count === 0);
  }

  /** Adds the observations of another window, as if they had just been made. */
  merge(other: QuantileWindow): void {
    const sketch = other.#merged();
    this.#moveOn(this.#nowSeconds());
    this.#newest.merge(sketch);
  }

  /** Forgets all observations. */
  clear(): void {
    this.#newest = new QuantileSketch();
    this.#sketches.splice(0, Infinity, this.#newest);
  }

  #lookAtClock(): void {
    const now = this.#nowSeconds();
    const isBurst = now - this.#lookedAt <= this.#stride * BURST_SECONDS;
    this.#burstLength = isBurst ? Math.min(this.#burstLength + this.#stride, LONGEST_BURST) : 0;
    this.#stride = this.#strideLeft = 1 + (this.#burstLength >> 4);
    this.#lookedAt = now;
    this.#moveOn(now);
  }

  #moveOn(now: number): void {
    if (now < this.#newestUntil) return;
    const steps = 1 + Math.floor((now - this.#newestUntil) / this.#stepSeconds);
    this.#newestUntil += steps * this.#stepSeconds;
    if (steps >= this.#ageBuckets) return this.clear();
    for (let i = 0; i < steps; i++) this.#sketches.unshift(new QuantileSketch());
    this.#sketches.length = Math.min(this.#sketches.length, this.#ageBuckets);
    this.#newest = this.#sketches[0]!;
  }

  #merged(): QuantileSketch {
    this.#moveOn(this.#nowSeconds());
    this.#stride = this.#strideLeft = 1;
    this.#burstLength = 0;
    const filled = this.#sketches.filter((sketch) => sketch.count > 0);
    if (filled.length === 1) return filled[0]!;
    const merged = new QuantileSketch();
    for (const sketch of filled) merged.merge(sketch);
    return merged;
  }
}

function monotonicSeconds(): number {
  return performance.now() / 1000;
}
