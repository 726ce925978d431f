import { clientKey } from '../client-key.ts';

/** Attempts that an address has before it has to wait. */
const BURST = 10;
/** After that, one more for each of these. */
const SECONDS_PER_ATTEMPT = 6;
/** Addresses remembered. Who comes with more makes us forget the oldest, and meets the limit of all verifications. */
const MAX_ADDRESSES = 1_000;

/**
 * Bounds how often an address may have credentials verified: ten at once, then ten a minute. Attempts are counted before
 * their outcome is known, so that many at once are no way around; those that were right before are not verified again.
 */
export class AttemptLimiter {
  /** By address, the time at which its attempts are forgotten, in milliseconds; the oldest address first. */
  readonly #forgottenAt = new Map<string, number>();
  readonly #now: () => number;

  /** `now` gives the time in milliseconds, from any start. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How long the address has to wait before it may try again, in whole seconds; 0 if it may now. */
  waitSeconds(address: string): number {
    const ahead = (this.#forgottenAt.get(clientKey(address)) ?? 0) - this.#now();
    return Math.max(0, Math.ceil(ahead / 1000 - (BURST - 1) * SECONDS_PER_ATTEMPT));
  }

  /** Counts an attempt of the address. */
  count(address: string): void {
    const key = clientKey(address);
    const forgottenAt = Math.max(this.#forgottenAt.get(key) ?? 0, this.#now()) + SECONDS_PER_ATTEMPT * 1000;
    this.#forgottenAt.delete(key);
    this.#forgottenAt.set(key, forgottenAt);
    if (this.#forgottenAt.size <= MAX_ADDRESSES) return;
    const [oldest] = this.#forgottenAt.keys();
    this.#forgottenAt.delete(oldest!);
  }
}
