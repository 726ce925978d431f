import type { Family, MetricType } from './family.ts';

/**
 * Keeps the numbers of a metric's series elsewhere than in the objects of its children. `sharedMemory()` of
 * `@finpilot/metrics/thread` returns one.
 */
export interface MetricStorage {
  /**
   * Called by each metric before it has series. `upperBounds` are those of fixed
   * buckets. Throws if it cannot store the metric; returns undefined if only the registry has asked for it.
   */
  store(type: MetricType, options: object, upperBounds?: readonly number[]): StoredMetric | undefined;
}

/** A metric as its storage sees it. The three functions are properties of the object itself. */
export interface StoredMetric {
  /** Creates a child, as `CreateChild` says. Called without the object. */
  readonly createChild: (parent: never, lastValue: never, tree: never) => unknown;
  /** Called with the child of each removed series before it is reset: somebody may hold it. Called without the object. */
  readonly onRemove: (child: never) => void;
  /** Called with all children before their series are removed together, likewise. */
  readonly onClear: (children: readonly unknown[]) => void;
  /** Notes how the first registry of the metric exposes it, or that it no longer does. */
  expose(family: Family | undefined): void;
}
