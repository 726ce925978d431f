/**
 * A token bucket: it holds up to `burst` tokens, gains `perSecond` of them each second, and each request takes one.
 */
export class RateLimiter {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #nowSeconds: () => number;
  #tokens: number;
  #filledAt: number;

  constructor(burst: number, perSecond: number, nowSeconds: () => number = () => performance.now() / 1000) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#nowSeconds = nowSeconds;
    this.#tokens = burst;
    this.#filledAt = nowSeconds();
  }

  /** Takes a token and returns 0; without a token left, returns the seconds until there is one. */
  take(): number {
    const now = this.#nowSeconds();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) return (1 - this.#tokens) / this.#perSecond;
    this.#tokens -= 1;
    return 0;
  }
}
