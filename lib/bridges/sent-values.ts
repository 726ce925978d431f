import type { NativeHistogram } from '../model/family.ts';

/** What a receiver has been sent of one series that counts up. */
export interface SentValue {
  /** What all sends that succeeded come to. */
  sent: number;
  /** What it will come to with the send under way. */
  pending: number;
  /** The same of the buckets of a histogram, as its count has them. */
  buckets?: readonly number[] | undefined;
  pendingBuckets?: readonly number[] | undefined;
  /** The same of native buckets. */
  native?: NativeHistogram | undefined;
  pendingNative?: NativeHistogram | undefined;
  /** Until when what has been sent counts, and what is sent now: Unix times in milliseconds, where the protocol has them. */
  time?: number | undefined;
  pendingTime?: number | undefined;
  /** The push that it was last part of. */
  round: number;
}

/**
 * Turns totals into changes since the last send, for receivers that add up by themselves. A change counts as sent only once
 * {@link SentValues.confirm} is told so: what could not be sent is part of the next change.
 */
export class SentValues {
  readonly #values = new Map<string, SentValue>();
  #round = 0;
  #seen = 0;

  /** Begins a push. */
  begin(): void {
    this.#round++;
    this.#seen = 0;
  }

  /** Returns the value of a series, by a key of its own, with a new total. A count that has fallen began again at 0. */
  count(key: string, total: number): SentValue {
    const value = this.#update(key, total);
    if (total < value.sent) value.sent = 0;
    return value;
  }

  /** The same for the sum of a distribution. It may fall by itself, so that it begins again when its count has. */
  sum(key: string, total: number, count: SentValue): SentValue {
    const value = this.#update(key, total);
    if (count.sent === 0) value.sent = 0;
    return value;
  }

  #update(key: string, total: number): SentValue {
    let value = this.#values.get(key);
    if (value === undefined) {
      value = { sent: 0, pending: 0, round: 0 };
      this.#values.set(key, value);
    }
    if (value.round !== this.#round) {
      value.round = this.#round;
      this.#seen++;
    }
    value.pending = total;
    return value;
  }

  /** Notes that changes have arrived, as far as anybody can tell. */
  confirm(values: readonly SentValue[]): void {
    for (const value of values) {
      value.sent = value.pending;
      value.buckets = value.pendingBuckets;
      value.native = value.pendingNative;
      value.time = value.pendingTime;
    }
  }

  /** Ends a push of all series: those that were not part of it are gone. */
  end(): void {
    if (this.#seen === this.#values.size) return;
    for (const [key, { round }] of this.#values) if (round !== this.#round) this.#values.delete(key);
  }
}
