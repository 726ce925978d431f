import { clientKey } from '../client-key.ts';

/** New passwords that an address may try at once. */
const BURST = 10;
/** After that, one more for each of these. */
const SECONDS_PER_ATTEMPT = 6;
/** Addresses remembered. Beyond that the oldest is forgotten, and starts again. */
const MAX_ADDRESSES = 1_000;

/**
 * Counts the passwords that an address tries for the first time: ten at once, then ten a minute, are its credit. Attempts
 * are counted before their outcome is known, so that many at once are no way around the limit.
 */
export class AttemptLimiter {
  /** By address, the time at which its attempts are forgotten, in milliseconds; the oldest address first. */
  readonly #forgottenAt = new Map<string, number>();
  readonly #now: () => number;

  /** `now` gives the time in milliseconds, from any start. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many attempts of the address are not forgotten yet. Less means cleaner. */
  attempts(address: string): number {
    const ahead = (this.#forgottenAt.get(clientKey(address)) ?? 0) - this.#now();
    return Math.max(0, Math.ceil(ahead / 1000 / SECONDS_PER_ATTEMPT));
  }

  /** Counts an attempt of the address, if it has one left, and returns whether it had. */
  tryCount(address: string): boolean {
    if (this.attempts(address) >= BURST) return false;
    const key = clientKey(address);
    const forgottenAt = Math.max(this.#forgottenAt.get(key) ?? 0, this.#now()) + SECONDS_PER_ATTEMPT * 1000;
    this.#forgottenAt.delete(key);
    this.#forgottenAt.set(key, forgottenAt);
    if (this.#forgottenAt.size > MAX_ADDRESSES) {
      const [oldest] = this.#forgottenAt.keys();
      this.#forgottenAt.delete(oldest!);
    }
    return true;
  }
}
