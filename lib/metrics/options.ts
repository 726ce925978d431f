import type { Aggregator } from '../model/family.ts';
import type { Labels, LabelValue } from '../model/label-value.ts';
import type { MetricStorage } from '../model/metric-storage.ts';
import type { MetricsRegistry } from '../registry/metrics-registry.ts';

/** Options of every metric. `L` are its label names. */
export interface MetricOptions<L extends string> {
  /** Letters, digits, `_` and `:`; the unit at its end, and for a counter `_total` behind it. */
  readonly name: string;
  /** Describes what the metric counts or measures; exposed as `# HELP`. */
  readonly help: string;
  readonly labelNames?: readonly L[];
  /** Base unit, such as `seconds` or `bytes`, with which the name must end (a counter's before `_total`). */
  readonly unit?: string;
  /**
   * How `@finpilot/metrics/aggregate` merges the values of several processes or threads: for a gauge `sum` (the default),
   * `min`, `max`, `average`, `ratio` or `first`; for other types always `sum`. `omit` leaves the metric out.
   */
  readonly aggregator?: Aggregator;
  /** The registries to join: the default registry unless given; none if empty. */
  readonly registers?: readonly MetricsRegistry[];
  /**
   * Maximum number of series; further label values go to one overflow series. The registry's `maxSeries` unless given;
   * `Infinity` for no limit.
   */
  readonly maxSeries?: number;
  /**
   * Seconds without an update after which a series is removed from the exposition and from memory; the registry's
   * `idleSeconds` unless given, else `Infinity` for never. The next update of its labels, or of a child that is held, brings
   * it back, from 0. A metric without labels keeps its only series. Updates read the clock, which costs 30 to 80 ns.
   */
  readonly idleSeconds?: number;
  /**
   * What to do when the registry has a metric of this name: `throw`, or with `reuse` return that one, provided that
   * type, labels and buckets agree (for modules that are evaluated twice: hot reload, double bundling).
   */
  readonly ifExists?: 'throw' | 'reuse';
}

/** Where the numbers of a counter, gauge or histogram are. */
export interface StorageOption {
  /**
   * `sharedMemory()` of `@finpilot/metrics/thread`, whose numbers a metrics thread sees while the event loop is blocked. The
   * storage of the first registry unless given, else the objects of the series, whose updates are faster.
   */
  readonly storage?: MetricStorage;
}

/** A function that brings a metric up to date at the start of each scrape; `this` is the metric. */
export interface CollectOption<M> {
  readonly collect?: (this: M) => void | Promise<void>;
}

/** Whether a counter or histogram is updated with exemplars. */
export interface ExemplarOption {
  /**
   * If true, `inc()` and `observe()` of the metric take one object, `{ labels, value, exemplarLabels }`, as in prom-client.
   * Held children take exemplars without it.
   */
  readonly enableExemplars?: boolean;
}

/** Labels, all of them optional. */
export type LabelValues<L extends string = string> = { readonly [name in L]?: LabelValue | undefined };

/**
 * `Known`, but `Generic` in code that is generic in `L`. Such code cannot construct {@link Labels}; it passes
 * {@link LabelValues}, as prom-client's types have it.
 *
 * For a type parameter the compiler has to leave the choice open. It then tries it as `any`, which makes the mapped type an
 * index signature: `Known` is impossible, so that what is assignable to `Generic` is enough.
 */
export type IfNamesKnown<L extends string, Known, Generic> = { '': 1 } extends { [_ in '' as L]?: 2 } & { '': 1 }
  ? Known
  : Generic;

/** Labels in code that is generic in `L`; no labels elsewhere. */
export type GenericLabels<L extends string> = IfNamesKnown<L, never, LabelValues<L>>;

/** The arguments of a method that takes labels first, where the metric has any. */
export type WithLabels<L extends string, A extends readonly unknown[]> = IfNamesKnown<
  L,
  [L] extends [never] ? A : string extends L ? A | [labels: Labels<L>, ...A] : [labels: Labels<L>, ...A],
  A | [labels: LabelValues<L>, ...A]
>;

/** The arguments of a method that takes an amount, 1 by default, and labels before it, where the metric has any. */
export type WithAmount<L extends string> = IfNamesKnown<
  L,
  [L] extends [never]
    ? [amount?: number]
    : string extends L
      ? [labelsOrAmount?: Labels<L> | number, amount?: number]
      : [labels: Labels<L>, amount?: number],
  [labelsOrAmount?: LabelValues<L> | number, amount?: number]
>;

/** `F` if the metric has no labels, or may have none; otherwise `never`. */
export type OnlyWithoutLabels<L extends string, F> = [L] extends [never] ? F : string extends L ? F : never;

/** Labels, some of which may be passed later, when a timer ends. */
export type SomeLabels<L extends string> = Partial<Labels<L>> | GenericLabels<L>;

/**
 * Ends a timer; returns its seconds. The type of a method, and so bivariant in its labels like the metrics' own methods: a
 * `Histogram<'a'>` is assignable to `Histogram<string>`.
 */
export type EndTimer<L extends string> = { end(endLabels?: SomeLabels<L>): number }['end'];

/** Ends a timer of a child, for its own series or for that of other labels; returns its seconds. */
export type EndChildTimer = (endLabels?: LabelValues) => number;

/** The options of a metric that has no labels. */
export type WithoutLabels<O> = Omit<O, 'labelNames'> & { readonly labelNames?: readonly [] };
