/** Label names and values of a series, in the order of the exposition; without `le`. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** What one scrape says of a counter or gauge, or of a single line of another type. */
export interface NumberReading {
  readonly kind: 'counter' | 'gauge';
  /** By which the series is known in its family: see `seriesKey()`. */
  readonly key: string;
  /** The name of the sample; in a summary it is not that of the family. */
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** What one scrape says of a histogram. */
export interface HistogramReading {
  readonly kind: 'histogram';
  /** As in {@link NumberReading}. */
  readonly key: string;
  readonly name: string;
  readonly labels: Labels;
  /** Increasing and finite: `+Inf` is not among them. */
  readonly upperBounds: readonly number[];
  /** Not cumulative; one more than `upperBounds`. */
  readonly bucketCounts: readonly number[];
  /** NaN if the exposition has none. */
  readonly sum: number;
}

/** What one scrape says of one series. */
export type Reading = NumberReading | HistogramReading;
