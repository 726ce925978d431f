import { emptyNative, type NativeShape, type NativeState } from './native-model.ts';

/** The kinds of metrics, by the names of their classes. */
export type Kind = 'Counter' | 'Gauge' | 'Histogram' | 'Summary' | 'Info' | 'StateSet';

/** An event that was counted. */
export interface ModelExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestampSeconds: number;
}

/** What one series holds at a moment; never changed, but replaced. What its kind does not need stays as it is at first. */
export interface State {
  readonly value: number;
  readonly exemplar: ModelExemplar | undefined;
  /** By bucket, not cumulative. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly exemplars: readonly (ModelExemplar | undefined)[];
  /** Of a histogram with native buckets; the counts and exemplars above follow from them. */
  readonly native: NativeState | undefined;
  /** Of a summary, the oldest first. */
  readonly observations: readonly number[];
}

/** Options for a metric. */
export interface Shape {
  readonly kind: Kind;
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  /** Of a state set without that of the state. */
  readonly labelNames: readonly string[];
  readonly upperBounds: readonly number[];
  /** Of a histogram with native buckets, whose bounds are among theirs. */
  readonly native: NativeShape | undefined;
  readonly quantiles: readonly number[];
  readonly states: readonly string[];
  readonly maxSeries: number;
  /** Whether series expire: all at once, when the clock leaps. */
  readonly canExpire: boolean;
}

/** Counts the changes of a model, and whether somebody needs to know their order. */
export interface Clock {
  tick: number;
  isWatched: boolean;
}

/** What something was over a time; while nobody watches, only what it is. */
export class Timeline<T> {
  readonly #clock: Clock;
  #entries: (readonly [tick: number, value: T])[];

  constructor(clock: Clock, value: T, before: T) {
    this.#clock = clock;
    this.#entries = clock.isWatched ? [[0, before]] : [];
    this.#entries.push([clock.tick, value]);
  }

  get now(): T {
    return this.#entries.at(-1)![1];
  }

  set(value: T): void {
    if (!this.#clock.isWatched) this.#entries = [];
    this.#entries.push([this.#clock.tick, value]);
  }

  /** All that it was from one tick to another, both included. */
  between(from: number, to: number): T[] {
    const first = this.#entries.findLastIndex(([tick]) => tick <= from);
    return this.#entries
      .slice(Math.max(first, 0))
      .filter(([tick]) => tick <= to)
      .map(([, value]) => value);
  }

  forget(): void {
    this.#entries.splice(0, this.#entries.length - 1);
  }
}

/** A series of the model: what it holds, undefined while it is not there. */
export interface ModelSeries {
  readonly labelValues: readonly string[];
  readonly state: Timeline<State | undefined>;
  /** Its labels as formats have them, by escaping, once they have been looked for. */
  readonly keys: { [escaping: string]: string };
}

/** The value that every label of the overflow series has. */
const OVERFLOW = 'overflow';

/** A metric as a plain map: from the label values as they were given to what has been counted. */
export class ModelMetric {
  readonly shape: Shape;
  readonly series = new Map<string, ModelSeries>();
  readonly isRegistered: Timeline<boolean>;
  readonly createdSeconds: Timeline<number>;
  /** Whether a series has an exemplar: a scrape that has found none when it came to the metric looks for none. */
  readonly hasExemplars: Timeline<boolean>;
  readonly #clock: Clock;
  #hasOverflow = false;

  constructor(shape: Shape, clock: Clock, nowSeconds: number) {
    this.shape = shape;
    this.#clock = clock;
    this.isRegistered = new Timeline(clock, true, false);
    this.createdSeconds = new Timeline(clock, nowSeconds, nowSeconds);
    this.hasExemplars = new Timeline(clock, false, false);
    this.#createFixed();
  }

  /** The series that exist now. */
  get live(): ModelSeries[] {
    return [...this.series.values()].filter(({ state }) => state.now !== undefined);
  }

  /** Changes the series of these label values, which is created first if need be, as overflow if there is no room. */
  update(labelValues: readonly string[], change: (state: State) => State): void {
    const { shape } = this;
    const values = this.#isFull(labelValues) ? shape.labelNames.map(() => OVERFLOW) : labelValues;
    if (values !== labelValues) this.#hasOverflow = true;
    const before = this.stateOf(values);
    const after = change(before ?? this.#zero());
    this.#put(values, after);
    const hasExemplars = after.exemplar !== undefined || after.exemplars.some((exemplar) => exemplar !== undefined);
    if (hasExemplars && !this.hasExemplars.now) this.hasExemplars.set(true);
  }

  /** The series of these label values now. */
  stateOf(labelValues: readonly string[]): State | undefined {
    return this.series.get(JSON.stringify(labelValues))?.state.now;
  }

  /** Removes the series of these label values; returns whether there was one. */
  remove(labelValues: readonly string[]): boolean {
    const series = this.series.get(JSON.stringify(labelValues));
    if (series?.state.now === undefined || (this.shape.kind === 'StateSet' && this.shape.labelNames.length === 0))
      return false;
    if (this.#hasOverflow && labelValues.every((value) => value === OVERFLOW)) this.#hasOverflow = false;
    series.state.set(undefined);
    return true;
  }

  /** Removes every series; one that needs no labels goes back to 0. */
  clear(nowSeconds: number): void {
    this.createdSeconds.set(nowSeconds);
    this.hasExemplars.set(false);
    this.#hasOverflow = false;
    for (const { state } of this.live) state.set(undefined);
    this.#createFixed();
  }

  /** As `clear()`, but a summary keeps the series that it has, and a histogram without labels loses its only one. */
  reset(nowSeconds: number): void {
    const { kind, labelNames } = this.shape;
    const kept = kind === 'Summary' ? this.live.map(({ labelValues }) => labelValues) : [];
    const hadOverflow = this.#hasOverflow;
    this.clear(nowSeconds);
    for (const labelValues of kept) this.#put(labelValues, this.#zero());
    this.#hasOverflow = kind === 'Summary' && hadOverflow;
    const hasNone = kind === 'Histogram' || (kind === 'Summary' && kept.length === 0);
    if (hasNone && labelNames.length === 0) this.remove([]);
  }

  /** Removes every series that has labels: none was updated for as long as they live. */
  expire(): void {
    if (this.shape.labelNames.length === 0) return;
    for (const { labelValues } of this.live) this.remove(labelValues);
  }

  /** Forgets what was, once nobody watches. */
  forget(): void {
    for (const [key, { state }] of this.series) {
      state.forget();
      if (state.now === undefined) this.series.delete(key);
    }
    this.isRegistered.forget();
    this.createdSeconds.forget();
    this.hasExemplars.forget();
  }

  #createFixed(): void {
    const { kind, labelNames, states } = this.shape;
    if (labelNames.length > 0) return;
    for (const values of kind === 'StateSet' ? states.map((state) => [state]) : [[]]) this.#put(values, this.#zero());
  }

  #isFull(labelValues: readonly string[]): boolean {
    if (this.stateOf(labelValues) !== undefined || this.shape.maxSeries === Infinity) return false;
    return this.live.length - (this.#hasOverflow ? 1 : 0) >= this.shape.maxSeries;
  }

  #put(labelValues: readonly string[], state: State): void {
    const key = JSON.stringify(labelValues);
    const series = this.series.get(key);
    if (series !== undefined) series.state.set(state);
    else
      this.series.set(key, {
        labelValues,
        state: new Timeline<State | undefined>(this.#clock, state, undefined),
        keys: {},
      });
  }

  #zero(): State {
    const { upperBounds, native } = this.shape;
    const counts = [...upperBounds, Infinity].map(() => 0);
    return {
      value: 0,
      exemplar: undefined,
      counts,
      sum: 0,
      exemplars: counts.map(() => undefined),
      native: native && emptyNative(native),
      observations: [],
    };
  }
}
