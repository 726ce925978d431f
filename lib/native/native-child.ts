import type { LabelBranch } from '../metrics/child.ts';
import { storedExemplars, storeExemplars } from '../metrics/exemplars.ts';
import { checkObservation, TimedChild } from '../metrics/timing.ts';
import type { ExemplarLabels } from '../model/exemplar.ts';
import type { Exemplar, NativeHistogram } from '../model/family.ts';
import type { LabelValue } from '../model/label-value.ts';
import { describe } from '../model/names.ts';
import { copyNative } from '../model/snapshot.ts';
import {
  addTo,
  BIAS,
  bucketCountOf,
  countsBySign,
  HEAD,
  moveBuckets,
  nearestKeyOf,
  newCells,
  PLAIN_ABOVE,
  placeOfKey,
  RESET_AT,
  REVISION,
  SUM,
  ZERO_COUNT,
  ZERO_THRESHOLD,
} from './cells.ts';
import { addToClassic, endsOf } from './classic-counts.ts';
import { SpreadExemplars } from './exemplars.ts';
import type { NativeLimits } from './limits.ts';
import { totalOf } from './merge.ts';
import { keyOf, MIN_SCHEMA, type Resolution, resolutionOf, upperBoundOf, widened } from './resolution.ts';
import { NativeSnapshot } from './snapshot.ts';

/** One series of a histogram with native buckets; also a recorder of latencies. Hold it where every nanosecond counts. */
export class NativeHistogramChild extends TimedChild {
  readonly #limits: NativeLimits;
  #resolution: Resolution;
  #cells: Float64Array;
  /** When the series was created or last reset, and when it will be, in milliseconds of the monotonic clock. */
  #resets: { last: number; next: number } | undefined = undefined;

  constructor(parent: LabelBranch, lastValue: LabelValue | undefined, limits: NativeLimits) {
    super(parent, lastValue);
    this.#limits = limits;
    this.#resolution = resolutionOf(limits.schema);
    this.#cells = newCells(limits.zeroThreshold);
    if (limits.minResetDuration > 0) this.#resets = { last: performance.now(), next: Infinity };
  }

  /**
   * Counts `value` in its bucket. Allocates nothing, unless its bucket is new. `exemplar`, labels such as a `trace_id` that
   * identify the event, may be stored with the value and the time.
   *
   * Throws a TypeError unless `value` is a number, a RangeError if it is `NaN` or infinite: one such observation would
   * make the sum useless forever. Also throws if the exemplar's labels are invalid or have more than 128 characters
   * together. The histogram is then unchanged.
   */
  override observe(value: number, exemplar?: ExemplarLabels): void {
    const cells = this.#cells;
    // Small enough for V8 to inline, so that a caller need not box the value.
    if (!Number.isFinite(value) || exemplar !== undefined || !(Math.abs(value) > cells[PLAIN_ABOVE]!))
      return this.#observeRare(value, exemplar);
    let key = keyOf(Math.abs(value), this.#resolution);
    if (value < 0) key = -key;
    const wrap = cells.length - HEAD - 2;
    let at = HEAD + ((key << 1) & wrap);
    if (cells[at] !== key) {
      at = placeOfKey(cells, key);
      if (cells[at] === 0) return this.#observeRare(value, undefined);
    }
    cells[at + 1]! += 1;
    cells[SUM]! += value;
  }

  /** Returns the time of the monotonic clock, for {@link stop}. Unlike `startTimer()` it creates no function. */
  start(): number {
    return performance.now();
  }

  /** Observes the seconds since `start()` returned `startedAt`, and returns them. */
  stop(startedAt: number): number {
    const seconds = (performance.now() - startedAt) / 1000;
    this.observe(seconds);
    return seconds;
  }

  /**
   * Observes `value` and, for each `expectedInterval` that it was longer, what would have been observed meanwhile: `value -
   * expectedInterval`, and so on. For a load generator that waits for each answer before it sends the next request: while one
   * hangs, the requests that it does not send would have been slow too (coordinated omission).
   *
   * Throws as {@link observe} does, and a RangeError unless the interval is above 0 and at least a millionth of the value.
   */
  observeWithExpectedInterval(value: number, expectedInterval: number): void {
    checkObservation(this.metricName, value);
    if (!(expectedInterval > 0 && value / expectedInterval <= MAX_OMITTED)) {
      throw new RangeError(
        `Cannot observe a value of histogram "${this.metricName}": expected an interval above 0, and at least ` +
          `1/${MAX_OMITTED} of the value, got ${describe(expectedInterval)}. Pass both in the same unit.`,
      );
    }
    this.observe(value);
    for (let missing = value - expectedInterval; missing >= expectedInterval; missing -= expectedInterval)
      this.observe(missing);
  }

  /** Returns the counts of this moment, for quantiles, differences and dumps. */
  snapshot(): NativeSnapshot {
    return new NativeSnapshot(copyNative(this.native));
  }

  /** As encoders read it: like {@link snapshot}, in arrays that the next reading of any series may overwrite. */
  get native(): NativeHistogram {
    this.#resetIfDue();
    const cells = this.#cells;
    const { positive, negative } = countsBySign(cells);
    return {
      schema: this.#resolution.schema,
      zeroThreshold: cells[ZERO_THRESHOLD]!,
      zeroCount: cells[ZERO_COUNT]!,
      positive,
      negative,
      sum: cells[SUM]!,
      count: cells[ZERO_COUNT]! + totalOf(positive) + totalOf(negative),
      createdSeconds: cells[RESET_AT]! > 0 ? cells[RESET_AT]! : undefined,
      exemplars: this.#stored?.read() ?? NO_EXEMPLARS,
    };
  }

  /** See `HistogramSeries.revision`. Costs the next observation a few nanoseconds, and no other one. */
  get revision(): number {
    this.#resetIfDue();
    this.#cells[PLAIN_ABOVE] = Infinity;
    return this.#cells[REVISION]!;
  }

  /**
   * Estimates a quantile, `q` from 0 to 1, as PromQL's `histogram_quantile` does: it is in the bucket of the exact one. `NaN`
   * if nothing was observed.
   */
  quantile(q: number): number {
    return this.snapshot().quantile(q);
  }

  /**
   * Observations per classic bucket at this moment, not cumulative: one entry for each upper bound, and a last one for those
   * above all. After the resolution was halved, a native bucket may contain a bound; it then counts below it, so that no
   * cumulative count falls.
   */
  get bucketCounts(): readonly number[] {
    this.#resetIfDue();
    const { upperBounds } = this.#limits;
    const zeroCount = this.#cells[ZERO_COUNT]!;
    const counted = new Array<number>(upperBounds.length + 1).fill(0);
    addToClassic(counted, { zeroCount, ...countsBySign(this.#cells) }, endsOf(upperBounds, this.#resolution.schema));
    return counted;
  }

  /** Sum of all observations. */
  get sum(): number {
    this.#resetIfDue();
    return this.#cells[SUM]!;
  }

  /** How many observations there were. */
  get count(): number {
    return this.native.count;
  }

  /** By classic bucket: its latest exemplar. */
  get exemplars(): readonly (Exemplar | undefined)[] | undefined {
    return this.#stored?.byBucket;
  }

  override reset(): void {
    this.#clear(0);
    this.tree.exemplars?.delete(this);
  }

  override get isUpdated(): boolean {
    return bucketCountOf(this.#cells) > 0 || this.#cells[ZERO_COUNT]! > 0;
  }

  override giveTo(overflow: this): boolean {
    overflow.#load(overflow.snapshot().merge(this.snapshot()));
    this.reset();
    return true;
  }

  get #stored(): SpreadExemplars | undefined {
    return storedExemplars<SpreadExemplars>(this.tree, this);
  }

  #keep(labels: ExemplarLabels, value: number): void {
    const stored = this.#stored ?? storeExemplars(this.tree, this, new SpreadExemplars(this.#limits));
    stored.add(this.tree, labels, value);
  }

  /** Observes with everything that {@link observe} leaves out: zero and new buckets, exemplars, limits, the revision. */
  #observeRare(value: number, exemplar: ExemplarLabels | undefined): void {
    if (!Number.isFinite(value)) checkObservation(this.metricName, value);
    if (exemplar !== undefined) this.#keep(exemplar, value);
    this.#resetIfDue();
    this.#cells[REVISION]! += 1;
    this.#count(value);
    if (bucketCountOf(this.#cells) > this.#limits.maxBuckets) this.#limit(value);
    const isLimited =
      bucketCountOf(this.#cells) > this.#limits.maxBuckets || (this.#resets?.next ?? Infinity) < Infinity;
    this.#cells[PLAIN_ABOVE] = isLimited ? Infinity : this.#cells[ZERO_THRESHOLD]!;
  }

  #count(value: number): void {
    const cells = this.#cells;
    cells[SUM]! += value;
    if (Math.abs(value) <= cells[ZERO_THRESHOLD]!) cells[ZERO_COUNT]! += 1;
    else {
      const key = keyOf(Math.abs(value), this.#resolution);
      this.#cells = addTo(cells, value < 0 ? -key : key, 1);
    }
  }

  /**
   * Reduces the buckets, in the order of client_golang: resets the series, or widens its zero bucket to the nearest bucket, or
   * halves its resolution. One step for each observation, as there.
   */
  #limit(value: number): void {
    const { minResetDuration } = this.#limits;
    const resets = this.#resets;
    if (resets !== undefined && resets.next === Infinity) {
      const now = performance.now();
      if (now - resets.last >= minResetDuration * 1000) {
        this.#restart(now);
        this.#count(value); // so as not to lose it
        return;
      }
      resets.next = resets.last + minResetDuration * 1000;
    }
    if (!this.#widenZeroBucket()) this.#halveResolution();
  }

  /** Whether there is a bucket that the zero bucket may be widened to. */
  #widenZeroBucket(): boolean {
    const { maxZeroThreshold } = this.#limits;
    if (this.#cells[ZERO_THRESHOLD]! >= maxZeroThreshold) return false;
    const nearest = nearestKeyOf(this.#cells);
    const threshold = upperBoundOf(nearest - BIAS, this.#resolution.schema);
    if (threshold > maxZeroThreshold) return false;
    this.#cells = moveBuckets(this.#cells, undefined, (key) => (Math.abs(key) === nearest ? 0 : key));
    this.#cells[ZERO_THRESHOLD] = threshold;
    return true;
  }

  #halveResolution(): void {
    const { schema } = this.#resolution;
    if (schema === MIN_SCHEMA) return;
    this.#resolution = resolutionOf(schema - 1);
    this.#cells = moveBuckets(this.#cells, undefined, (key) => {
      const index = widened(Math.abs(key) - BIAS, 1);
      return key < 0 ? -index - BIAS : index + BIAS;
    });
  }

  #resetIfDue(): void {
    const resets = this.#resets;
    if (resets !== undefined && resets.next < Infinity && performance.now() >= resets.next) this.#restart(resets.next);
  }

  /** Sets the series to 0 at a time of the monotonic clock. */
  #restart(at: number): void {
    this.#clear((Date.now() - (performance.now() - at)) / 1000);
    this.#resets = { last: at, next: Infinity };
  }

  #clear(resetAt: number): void {
    this.#resolution = resolutionOf(this.#limits.schema);
    const revision = this.#cells[REVISION]! + 1;
    this.#cells = newCells(this.#limits.zeroThreshold);
    this.#cells[REVISION] = revision;
    this.#cells[RESET_AT] = resetAt;
    if (this.#resets !== undefined) this.#resets = { last: performance.now(), next: Infinity };
  }

  /** Takes over the counts of a snapshot. */
  #load(snapshot: NativeSnapshot): void {
    this.#clear(snapshot.createdSeconds ?? 0);
    this.#resolution = resolutionOf(snapshot.schema);
    this.#cells[SUM] = snapshot.sum;
    this.#cells[ZERO_COUNT] = snapshot.zeroCount;
    this.#cells[ZERO_THRESHOLD] = this.#cells[PLAIN_ABOVE] = snapshot.zeroThreshold;
    const { positive, negative } = snapshot;
    for (const [{ indexes, counts }, sign] of [
      [positive, 1],
      [negative, -1],
    ] as const)
      for (let i = 0; i < indexes.length; i++)
        this.#cells = addTo(this.#cells, sign * (indexes[i]! + BIAS), counts[i]!);
    while (bucketCountOf(this.#cells) > this.#limits.maxBuckets && this.#resolution.schema > MIN_SCHEMA)
      this.#halveResolution();
  }
}

const NO_EXEMPLARS: readonly Exemplar[] = [];

/** The most observations of one {@link NativeHistogramChild.observeWithExpectedInterval}. */
const MAX_OMITTED = 1_000_000;
