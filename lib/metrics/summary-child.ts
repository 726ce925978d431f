import { describe } from '../model/names.ts';
import type { LabelBranch } from './label-branch.ts';
import type { QuantileWindow } from './quantile-window.ts';
import { TimedChild } from './timing.ts';

/** One series of a summary, to be held where every nanosecond counts. */
export class SummaryChild extends TimedChild {
  /** How many observations there were. */
  count = 0;
  /** Sum of all observations. */
  sum = 0;
  readonly #quantiles: readonly number[];
  /** Undefined where nobody asks for it: neither for quantiles nor for what has not been observed for long. */
  readonly #window: QuantileWindow | undefined;

  constructor(
    parent: LabelBranch,
    lastValue: string | undefined,
    quantiles: readonly number[],
    window: QuantileWindow | undefined,
  ) {
    super(parent, lastValue);
    this.#quantiles = quantiles;
    this.#window = window;
  }

  /** The value at each of the summary's quantiles over the window, within 1 %; `NaN` if it is empty. Not for a hot path. */
  get quantileValues(): readonly number[] {
    return this.#window?.quantiles(this.#quantiles) ?? [];
  }

  /** Whether the window has no observation in it; false where there is none. */
  get hasEmptyWindow(): boolean {
    return this.#window?.isEmpty ?? false;
  }

  /**
   * Counts `value`. Allocates nothing.
   *
   * Throws a TypeError unless `value` is a number, a RangeError if it is `NaN` or infinite: one such observation would
   * make the sum useless for good. The summary is then unchanged.
   */
  override observe(value: number): void {
    if (!Number.isFinite(value)) refuse(this.metricName, value);
    this.count++;
    this.sum += value;
    this.#window?.observe(value);
  }

  override reset(): void {
    this.count = 0;
    this.sum = 0;
    this.#window?.clear();
  }

  override get isUpdated(): boolean {
    return this.count > 0;
  }

  override giveTo(overflow: this): boolean {
    overflow.count += this.count;
    overflow.sum += this.sum;
    if (this.#window !== undefined) overflow.#window?.merge(this.#window);
    this.reset();
    return true;
  }
}

/**
 * One series of a summary with `idleSeconds`: each update also reads the monotonic clock. In a class of its own, so that
 * other summaries do not pay for it, neither in time nor in memory.
 */
export class ExpiringSummaryChild extends SummaryChild {
  #updatedAt = performance.now();

  override observe(value: number): void {
    super.observe(value);
    this.#updatedAt = performance.now();
  }

  override get updatedAt(): number {
    return this.#updatedAt;
  }

  override touch(): void {
    this.#updatedAt = performance.now();
  }
}

/** Throws as {@link SummaryChild.observe} does, before a series is created for a value that it would refuse. */
export function checkObservation(metricName: string, value: unknown): void {
  if (!Number.isFinite(value)) refuse(metricName, value);
}

function refuse(metricName: string, value: unknown): never {
  const message = `Cannot observe a value of summary "${metricName}": expected a finite number, got ${describe(value)}. `;
  if (typeof value !== 'number') throw new TypeError(`${message}Convert it to a number first.`);
  throw new RangeError(`${message}Count such values in a counter of their own.`);
}
