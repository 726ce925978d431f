import type { NativeHistogram } from '../model/family.ts';

/** The type of a parsed family. Without a TYPE line, and where the text formats say `untyped`, it is `unknown`. */
export type ParsedType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'gaugehistogram'
  | 'unknown';

/** An event that an OpenMetrics sample has counted. */
export interface ParsedExemplar {
  /** Unescaped label values by label name, in the order of the text. */
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** Seconds since 1970; absent when the text has none. */
  readonly timestampSeconds?: number;
}

/** A classic bucket. */
export interface ParsedBucket {
  /** Observations up to this value are counted; `Infinity` in the last bucket. */
  readonly upperBound: number;
  /** Cumulative, as written. */
  readonly count: number;
}

/** The value of a histogram or gauge histogram in OpenMetrics 2.0: classic buckets, native ones, or both. */
export interface ParsedHistogram {
  readonly count: number;
  readonly sum: number;
  /** By increasing bound. */
  readonly buckets?: readonly ParsedBucket[];
  /** Without the buckets that count nothing. It also has the count, the sum, the start time and the exemplars of its sample. */
  readonly native?: NativeHistogram;
}

/** The value of a summary in OpenMetrics 2.0. */
export interface ParsedSummary {
  readonly count: number;
  readonly sum: number;
  /** By increasing quantile. */
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

/** One sample line. */
export interface ParsedSample {
  /** The name as written: of a histogram `x` it is `x_bucket`, `x_sum` or `x_count`; in OpenMetrics 2.0 it is `x`. */
  readonly name: string;
  /**
   * Unescaped label values by label name, in the order of the text; `le` and `quantile` are among them, as written. Not a
   * `Map`: `new Map(labels)` makes one.
   */
  readonly labels: ReadonlyMap<string, string>;
  /**
   * The double nearest to the number of the text; it may be `NaN`, `Infinity` or `-Infinity`. The count, if the sample has a
   * `histogram` or a `summary`.
   */
  readonly value: number;
  /**
   * Seconds since 1970, in every format: the milliseconds of the text formats are divided by 1000. Absent when the line
   * has none, which is the rule.
   */
  readonly timestampSeconds?: number;
  /** OpenMetrics 1.0 only, and there only on `_total` and `_bucket`. */
  readonly exemplar?: ParsedExemplar;
  /** OpenMetrics 2.0 only: all exemplars of the sample, in the order of the text. Absent when the line has none. */
  readonly exemplars?: readonly ParsedExemplar[];
  /** OpenMetrics 2.0 only: seconds since 1970, since when the sample counts. */
  readonly startSeconds?: number;
  /** OpenMetrics 2.0 only: the value of a histogram or gauge histogram. */
  readonly histogram?: ParsedHistogram;
  /** OpenMetrics 2.0 only: the value of a summary. */
  readonly summary?: ParsedSummary;
}

/** A fault that lenient parsing accepts. */
export interface ParseProblem {
  /** The message of the SyntaxError that strict parsing throws. */
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/** One metric family: its metadata and its samples, in the order of the text. */
export interface ParsedFamily {
  /** The name as the format has it: a counter's ends in `_total` in the text formats and not in OpenMetrics 1.0. */
  readonly name: string;
  readonly type: ParsedType;
  /** Unescaped; empty when there is no HELP line. */
  readonly help: string;
  /** Empty when there is no UNIT line, which only OpenMetrics has. */
  readonly unit: string;
  /** Empty if the text has only metadata of this family. */
  readonly samples: readonly ParsedSample[];
}
