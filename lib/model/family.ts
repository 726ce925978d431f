/** The metric types whose values encoders can write. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'unknown';

/** One series as an encoder reads it: live, so its numbers may differ at the next look. */
export interface Series {
  /** The label values, in the order of the family's `labelNames`. Computed at each look; not for a hot path. */
  readonly labelValues: readonly string[];
}

/** A series with one number: a counter, a gauge or an unknown. */
export interface NumberSeries extends Series {
  readonly value: number;
}

/** A series of a histogram. */
export interface HistogramSeries extends Series {
  /** Observations per bucket, not cumulative: one entry for each upper bound, and a last one for those above all. */
  readonly bucketCounts: readonly number[];
  /** Sum of all observations, in the metric's unit. */
  readonly sum: number;
}

interface FamilyHead {
  /** The name as exposed: a registry's prefix is part of it. */
  readonly name: string;
  readonly help: string;
  /** Base unit such as `seconds`; empty where there is none. */
  readonly unit: string;
  readonly labelNames: readonly string[];
  /** Labels that the registry adds to every series; none of them is in `labelNames`. */
  readonly constantLabels: readonly (readonly [name: string, value: string])[];
  /**
   * What an encoder keeps from one scrape to the next, under a key of its own. It lives and dies with the family, so
   * every exporter of a registry shares it, and nothing has to be evicted.
   */
  readonly memo: Map<string, object>;
}

/** A metric family whose series are single numbers. */
export interface NumberFamily extends FamilyHead {
  readonly type: 'counter' | 'gauge' | 'unknown';
  /**
   * In a stable order. While the same array comes back, series have only been added at its end; after a removal it is
   * another array.
   */
  readonly series: readonly NumberSeries[];
}

/** A metric family of fixed-bucket histograms. */
export interface HistogramFamily extends FamilyHead {
  readonly type: 'histogram';
  /** Strictly increasing and finite: `+Inf` is not among them. */
  readonly upperBounds: readonly number[];
  /** As in {@link NumberFamily.series}. */
  readonly series: readonly HistogramSeries[];
}

/** What an encoder reads: one metric family as its registry exposes it. */
export type Family = NumberFamily | HistogramFamily;

/** Where an exporter gets the families of one scrape from. */
export interface Gatherer {
  /** Runs the collectors and returns the families in a stable order. */
  gather(): Promise<readonly Family[]>;
}
