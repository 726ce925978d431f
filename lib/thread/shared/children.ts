import type { BucketTable } from '../../metrics/bucket-table.ts';
import type { Departure, LabelBranch } from '../../metrics/child.ts';
import { CounterChild, checkIncrease } from '../../metrics/counter.ts';
import { checkIsNumber, GaugeChild } from '../../metrics/gauge.ts';
import { HistogramChild } from '../../metrics/histogram-child.ts';
import type { ExemplarLabels } from '../../model/exemplar.ts';
import type { LabelValue } from '../../model/label-value.ts';
import type { CellPlace } from './cells.ts';
import { beginChange, endChange, giveCopy, isCopyWanted, lockOf } from './histogram-lock.ts';

// Children whose numbers are in shared memory. They behave like those that they extend; their updates allocate nothing either.
// While the series of a child is removed, or no registry has its metric, its numbers are elsewhere, so that another series can
// have the memory.

/** The metric of such children. */
export interface SharedHome {
  /** Where a histogram puts copies for readers. */
  readonly copy: CellPlace | undefined;
  /** Takes a place out of shared memory, if it is there. */
  leave(place: CellPlace): void;
  /** Brings a place back, if the metric is exposed, and lists the child. */
  enter(place: CellPlace, child: { readonly labelValues: readonly string[] }): void;
}

/** One series of a counter. */
export class SharedCounterChild extends CounterChild {
  /** Where the numbers are. */
  readonly place: CellPlace;
  readonly #home: SharedHome;

  constructor(parent: LabelBranch, lastValue: LabelValue | undefined, place: CellPlace, home: SharedHome) {
    super(parent, lastValue);
    this.place = place;
    this.#home = home;
  }

  override get value(): number {
    return this.place.cells[this.place.start]! + 0;
  }

  override inc(amount = 1, exemplar?: ExemplarLabels): void {
    if (exemplar !== undefined || typeof amount !== 'number' || !(amount >= 0 && amount < Infinity)) {
      checkIncrease(this.metricName, amount);
      amount ??= 1; // null, as prom-client's users pass it
      if (exemplar !== undefined) super.inc(amount, exemplar); // which keeps the exemplar
    }
    this.place.cells[this.place.start]! += amount + 0;
  }

  override reset(): void {
    super.reset();
    this.place.cells[this.place.start] = -0;
  }

  override get isUpdated(): boolean {
    return !Object.is(this.place.cells[this.place.start], -0);
  }

  override giveTo(overflow: this): boolean {
    overflow.inc(this.value);
    this.reset();
    return true;
  }

  override arrive(parent: LabelBranch): void {
    super.arrive(parent);
    this.#home.enter(this.place, this);
  }

  override depart(departure: Departure): void {
    super.depart(departure);
    this.leave();
  }

  /** Called when the series is removed, before its numbers are reset. */
  leave(): void {
    this.#home.leave(this.place);
  }

  /** Called when the numbers have been moved. */
  follow(): void {
    // Each update looks at the place.
  }
}

/** One series of a gauge. */
export class SharedGaugeChild extends GaugeChild {
  /** Where the numbers are. */
  readonly place: CellPlace;
  readonly #home: SharedHome;
  /** What the overflow series has of the value. */
  #given: number | undefined;

  constructor(parent: LabelBranch, lastValue: LabelValue | undefined, place: CellPlace, home: SharedHome) {
    super(parent, lastValue);
    this.place = place;
    this.#home = home;
  }

  override get value(): number {
    const value = this.place.cells[this.place.start]!;
    return value === 0 && this.departure !== undefined ? 0 : value;
  }

  override set(value: number): void {
    if (typeof value !== 'number') checkIsNumber(this.metricName, value);
    // While the series is removed, -0 means that there was no update.
    this.place.cells[this.place.start] = value === 0 && this.departure !== undefined ? 0 : value;
  }

  override inc(amount = 1): void {
    if (typeof amount !== 'number') checkIsNumber(this.metricName, amount);
    this.place.cells[this.place.start]! += amount + 0;
  }

  override dec(amount = 1): void {
    if (typeof amount !== 'number') checkIsNumber(this.metricName, amount);
    this.place.cells[this.place.start]! += 0 - amount;
  }

  override setToCurrentTime(): void {
    this.set(Date.now() / 1000);
  }

  override reset(): void {
    super.reset();
    this.place.cells[this.place.start] = this.lastValue === undefined && this.departure === undefined ? 0 : -0;
    this.#given = undefined;
  }

  override get isUpdated(): boolean {
    return !Object.is(this.place.cells[this.place.start], -0);
  }

  override arrive(parent: LabelBranch): void {
    super.arrive(parent);
    if (!this.isUpdated) this.place.cells[this.place.start] = 0;
    this.#home.enter(this.place, this);
  }

  override giveTo(overflow: this): boolean {
    const { value } = this;
    const before = this.#given ?? 0;
    if (this.#given !== undefined && Object.is(value, before)) return false;
    overflow.set(Number.isFinite(before) ? overflow.value + (value - before) : value);
    this.#given = value;
    return true;
  }

  override takeBackFrom(overflow: this): void {
    overflow.dec(this.#given ?? 0);
    this.#given = undefined;
  }

  override depart(departure: Departure): void {
    super.depart(departure);
    this.leave();
  }

  /** Called when the series is removed, before its numbers are reset. */
  leave(): void {
    this.#home.leave(this.place);
  }

  /** Called when the numbers have been moved. */
  follow(): void {
    // Each update looks at the place.
  }
}

/** One series of a histogram. Its buckets and sum change under a lock, so another thread reads them whole. */
export class SharedHistogramChild extends HistogramChild {
  /** Where the numbers are. */
  readonly place: CellPlace;
  readonly #home: SharedHome;
  #words: Int32Array;
  #lock: number;

  constructor(
    parent: LabelBranch,
    lastValue: LabelValue | undefined,
    place: CellPlace,
    home: SharedHome,
    table: BucketTable,
  ) {
    super(parent, lastValue, table, place);
    this.place = place;
    this.#home = home;
    this.#words = place.words;
    this.#lock = lockOf(place);
  }

  override observe(value: number, exemplar?: ExemplarLabels): void {
    if (exemplar !== undefined || !Number.isFinite(value)) return this.#observeWith(value, exemplar);
    const words = this.#words;
    const lock = this.#lock;
    beginChange(words, lock);
    super.observe(value);
    endChange(words, lock);
    if (isCopyWanted(words, lock)) giveCopy(this.place, this.#home.copy!);
  }

  override reset(): void {
    beginChange(this.#words, this.#lock);
    super.reset();
    endChange(this.#words, this.#lock);
  }

  override giveTo(overflow: this): boolean {
    beginChange(overflow.#words, overflow.#lock);
    const hasGiven = super.giveTo(overflow);
    endChange(overflow.#words, overflow.#lock);
    return hasGiven;
  }

  override arrive(parent: LabelBranch): void {
    super.arrive(parent);
    this.#home.enter(this.place, this);
    this.follow();
  }

  override depart(departure: Departure): void {
    super.depart(departure);
    this.leave();
  }

  /** Called when the series is removed, before its numbers are reset. */
  leave(): void {
    this.#home.leave(this.place);
    this.follow();
  }

  /** Called when the numbers have been moved. */
  follow(): void {
    this.moveOut({ exchange: () => this.place });
    this.#words = this.place.words;
    this.#lock = lockOf(this.place);
  }

  /** An observation that may be refused. */
  #observeWith(value: number, exemplar: ExemplarLabels | undefined): void {
    beginChange(this.#words, this.#lock);
    try {
      super.observe(value, exemplar);
    } finally {
      endChange(this.#words, this.#lock);
    }
    if (isCopyWanted(this.#words, this.#lock)) giveCopy(this.place, this.#home.copy!);
  }
}
