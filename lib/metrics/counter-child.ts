import type { Exemplar, ExemplarLabels } from '../model/exemplar.ts';
import { describe } from '../model/names.ts';
import { Child } from './child.ts';
import { createExemplar, keepExemplars, keptExemplars } from './kept-exemplars.ts';
import { whenDone } from './timing.ts';

/** One series of a counter, to be held where every nanosecond counts: `inc()` is one checked add to its number. */
export class CounterChild extends Child {
  /** -0 after a reset, until the next update: no sum of amounts is -0, once those that are -0 have been added to 0. */
  #value = 0;

  /** The running total: at least 0, never falls while the series is there. */
  get value(): number {
    return this.#value + 0;
  }

  /**
   * Adds 1, or `amount`. Allocates nothing. With `exemplar`, labels such as a `trace_id` by which to find
   * the event, these are kept with amount and time until the next ones come, for the formats that have exemplars.
   *
   * Throws a TypeError unless `amount` is a number, a RangeError unless it is finite and at least 0, and if the
   * exemplar's labels are invalid or have more than 128 characters together; the value is then unchanged.
   */
  inc(amount = 1, exemplar?: ExemplarLabels): void {
    if (typeof amount !== 'number' || !(amount >= 0 && amount < Infinity)) refuse(this.metricName, amount);
    if (exemplar !== undefined) keepExemplars(this.root, this, createExemplar(this.root, exemplar, amount));
    this.#value += amount + 0;
  }

  /** The last increment that was given one; looks it up, not for a hot path. */
  get exemplar(): Exemplar | undefined {
    return keptExemplars(this.root, this);
  }

  /**
   * Calls `fn` and returns what it returns; adds 1 if it throws or its promise rejects, and passes the error on.
   *
   * @example
   * ```ts
   * const quote = await failures.labels('timeout').countErrors(() => fetchQuote('MSFT'));
   * ```
   */
  countErrors<T>(fn: () => T): T {
    return whenDone(fn, (failed) => {
      if (failed) this.inc();
    });
  }

  override reset(): void {
    this.#value = -0;
    this.root.exemplars?.delete(this);
  }

  override get isUpdated(): boolean {
    return !Object.is(this.#value, -0);
  }

  override giveTo(overflow: this): boolean {
    overflow.#value += this.value;
    const { exemplar } = this;
    if (exemplar !== undefined) keepExemplars(this.root, overflow, exemplar);
    this.reset();
    return true;
  }
}

/**
 * One series of a counter with `idleSeconds`: each update also reads the monotonic clock. In a class of its own, so that
 * other counters do not pay for it, neither in time nor in memory.
 */
export class ExpiringCounterChild extends CounterChild {
  #updatedAt = performance.now();

  override inc(amount?: number, exemplar?: ExemplarLabels): void {
    super.inc(amount, exemplar);
    this.#updatedAt = performance.now();
  }

  override get updatedAt(): number {
    return this.#updatedAt;
  }

  override touch(): void {
    this.#updatedAt = performance.now();
  }
}

/** Throws as {@link CounterChild.inc} does, before a series is created for an amount that it would refuse. */
export function checkIncrease(metricName: string, amount: unknown = 1): void {
  if (typeof amount !== 'number' || !(amount >= 0 && amount < Infinity)) refuse(metricName, amount);
}

function refuse(metricName: string, amount: unknown): never {
  const message = `Cannot increase counter "${metricName}": expected a finite number of at least 0, got ${describe(amount)}. `;
  if (typeof amount !== 'number') throw new TypeError(`${message}Convert it to a number first.`);
  throw new RangeError(`${message}It is not possible to decrease a counter: use a gauge for values that can fall.`);
}
