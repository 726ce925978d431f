import type { Labels, LabelValue, PositionalValues, SpreadValues } from '../model/label-value.ts';
import { describe } from '../model/names.ts';
import { isThenable } from '../model/promises.ts';
import type { LabelBranch } from './child.ts';
import type { CollectOption, GenericLabels, MetricOptions, WithLabels, WithoutLabels } from './options.ts';
import { QuantileWindow } from './quantile-window.ts';
import { checkObservation, TimedChild, TimedMetric } from './timing.ts';

/** Options for a summary. */
export interface SummaryOptions<L extends string> extends MetricOptions<L>, CollectOption<Summary<L>> {
  /**
   * The quantiles to expose, each from 0 to 1, without duplicates. By default none, so only sum and count are exposed; in
   * the main entry seven from 0.01 to 0.999, as in prom-client.
   */
  readonly percentiles?: readonly number[];
  /**
   * Seconds for which an observation counts in the quantiles, above 0; forever by default. Sum and count include every
   * observation.
   */
  readonly maxAgeSeconds?: number;
  /** Steps in which the window slides, a positive integer; 5 by default. More steps take more memory. */
  readonly ageBuckets?: number;
  /** Whether a scrape removes series without an observation for `maxAgeSeconds`. `idleSeconds` does this for any metric. */
  readonly pruneAgedBuckets?: boolean;
  /** Accepted for prom-client's users, and without effect: there is nothing to compress. */
  readonly compressCount?: number;
}

class Summary<L extends string> extends TimedMetric<SummaryChild, L> {
  readonly type = 'summary';
  readonly #quantiles: readonly number[];

  constructor(options: SummaryOptions<L>) {
    const { percentiles = [], maxAgeSeconds = Infinity, ageBuckets = 5 } = options ?? {};
    checkWindow(maxAgeSeconds, ageBuckets, options?.name);
    const quantiles = checkQuantiles(percentiles, options?.name);
    const hasWindow = quantiles.length > 0 || options?.pruneAgedBuckets === true;
    const createWindow = () => (hasWindow ? new QuantileWindow({ maxAgeSeconds, ageBuckets }) : undefined);
    super(
      withPruning(options),
      (parent, lastValue, tree) =>
        new (tree.expires ? ExpiringSummaryChild : SummaryChild)(parent, lastValue, quantiles, createWindow()),
    );
    this.#quantiles = quantiles;
    return this.join(options.ifExists);
  }

  /** The quantiles, the lowest first; frozen. */
  override get quantiles(): readonly number[] {
    return this.#quantiles;
  }

  /**
   * Counts `value` in the series of these labels. Throws as `SummaryChild.observe()` does, and a RangeError on an unknown
   * label.
   */
  observe(...args: WithLabels<L, [value: number]>): void;
  observe(first: unknown, second?: number): void {
    // As in `Histogram.observe()`, one call of each function.
    let child = this.index.only;
    let value = first;
    if (child === undefined || typeof first !== 'number') {
      const hasLabels = typeof first === 'object' && first !== null;
      // Undefined and null stand for no labels, as prom-client's users pass them: `observe(undefined, 3)`.
      if (hasLabels || ((first === undefined || first === null) && second !== undefined)) value = second;
      if (!Number.isFinite(value)) checkObservation(this.name, value, 'summary');
      child = this.index.find(hasLabels ? first : {});
    }
    child.observe(value as number);
  }

  /** Sets every series back to no observations, and keeps it, as in prom-client; `clear()` removes the series. */
  override reset(): void {
    for (const child of this.series) child.reset();
    this.restart();
  }

  /**
   * Returns the child of these labels, created empty if needed: an object, or the values in the order of
   * `labelNames`. Up to four values by position allocate nothing.
   */
  labels<V extends readonly unknown[]>(...values: SpreadValues<V>): SummaryChild;
  // @ts-expect-error: the compiler cannot compare a tuple that depends on L with the parameters of the implementation.
  labels(...values: PositionalValues<L>): SummaryChild;
  labels(labels: Labels<L> | GenericLabels<L>): SummaryChild;
  labels(first?: unknown, second?: unknown, third?: unknown, fourth?: unknown): SummaryChild {
    const count = arguments.length;
    return count <= 4 ? this.index.at(count, first, second, third, fourth) : this.index.atAll([...arguments]);
  }
}

function checkQuantiles(quantiles: unknown, metricName: unknown): readonly number[] {
  const refuse = (got: unknown): never => {
    throw new RangeError(
      `Cannot create summary ${describe(metricName)}: expected percentiles as an array of numbers from 0 to 1, each once, ` +
        `got ${describe(got)}.`,
    );
  };
  if (!Array.isArray(quantiles)) return refuse(quantiles);
  for (const [i, quantile] of quantiles.entries()) {
    if (typeof quantile !== 'number' || !(quantile >= 0 && quantile <= 1) || quantiles.indexOf(quantile) !== i)
      refuse(quantile);
  }
  return Object.freeze(quantiles.toSorted((a: number, b: number) => a - b));
}

function checkWindow(maxAgeSeconds: unknown, ageBuckets: unknown, metricName: unknown): void {
  const refuse = (expected: string, got: unknown): never => {
    throw new RangeError(`Cannot create summary ${describe(metricName)}: expected ${expected}, got ${describe(got)}.`);
  };
  if (typeof maxAgeSeconds !== 'number' || !(maxAgeSeconds > 0)) refuse('maxAgeSeconds above 0', maxAgeSeconds);
  if (!Number.isInteger(ageBuckets) || (ageBuckets as number) < 1)
    refuse('ageBuckets as a positive integer', ageBuckets);
}

/** Turns the `pruneAgedBuckets` option into a step of `collect`: series are removed at a scrape, never between scrapes. */
function withPruning<L extends string>(options: SummaryOptions<L>): SummaryOptions<L> {
  if (options?.pruneAgedBuckets !== true) return options;
  return {
    ...options,
    collect(this: Summary<L>) {
      const prune = (): void => this.index.removeAll((child) => child.hasEmptyWindow);
      const running = options.collect?.call(this);
      return isThenable(running) ? Promise.resolve(running).then(prune) : prune();
    },
  };
}

/** Creates summaries. The type checker knows the label names, or that there are none. */
export interface SummaryConstructor {
  new (options: WithoutLabels<SummaryOptions<never>>): Summary<never>;
  new <const L extends string>(options: SummaryOptions<L>): Summary<L>;
  readonly prototype: Summary<string>;
}

/**
 * Summarizes observations: their count, their sum and, on request, quantiles within 1 %.
 *
 * Exposes for each set of label values its quantiles, sum and count:
 *
 * ```text
 * # HELP fill_seconds Time until an order was filled.
 * # TYPE fill_seconds summary
 * fill_seconds{quantile="0.5"} 0.2
 * fill_seconds{quantile="0.99"} 1.8
 * fill_seconds_sum 95.7
 * fill_seconds_count 200
 * ```
 *
 * Quantiles of several processes cannot be merged: use a histogram there.
 *
 * @example
 * ```ts
 * const fill = new Summary({
 *   name: 'fill_seconds',
 *   help: 'Time until an order was filled.',
 *   percentiles: [0.5, 0.99],
 *   maxAgeSeconds: 600,
 * });
 * fill.observe(0.2);
 * ```
 */
const TypedSummary: SummaryConstructor = Summary;
type TypedSummary<L extends string = string> = Summary<L>;

export { TypedSummary as Summary };

/** One series of a summary. Hold it where every nanosecond counts. */
export class SummaryChild extends TimedChild {
  /** How many observations there were. */
  count = 0;
  /** Sum of all observations. */
  sum = 0;
  readonly #quantiles: readonly number[];
  /** Undefined if neither quantiles nor `pruneAgedBuckets` need it. */
  readonly #window: QuantileWindow | undefined;

  constructor(
    parent: LabelBranch,
    lastValue: LabelValue | undefined,
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

  /** Whether the window holds no observation; false without a window. */
  get hasEmptyWindow(): boolean {
    return this.#window?.isEmpty ?? false;
  }

  /**
   * Counts `value`. Allocates nothing.
   *
   * Throws a TypeError unless `value` is a number, a RangeError if it is `NaN` or infinite: one such observation would
   * make the sum useless forever. The summary is then unchanged.
   */
  override observe(value: number): void {
    if (!Number.isFinite(value)) checkObservation(this.metricName, value, 'summary');
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
 * One series of a summary with `idleSeconds`: each update also reads the monotonic clock. A separate class, so that other
 * summaries pay neither time nor memory for it.
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
