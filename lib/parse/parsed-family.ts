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

/** One sample line. */
export interface ParsedSample {
  /** The name as written: of a histogram `x` it is `x_bucket`, `x_sum` or `x_count`. */
  readonly name: string;
  /** Unescaped label values by label name, in the order of the text; `le` and `quantile` are among them, as written. */
  readonly labels: ReadonlyMap<string, string>;
  /** The double nearest to the number of the text; it may be `NaN`, `Infinity` or `-Infinity`. */
  readonly value: number;
  /**
   * Seconds since 1970, in every format: the milliseconds of the text formats are divided by 1000. Absent when the line
   * has none, which is the rule.
   */
  readonly timestampSeconds?: number;
  /** OpenMetrics only, and there only on `_total` and `_bucket`. */
  readonly exemplar?: ParsedExemplar;
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
  /** The name as the format has it: a counter's ends in `_total` in the text formats and not in OpenMetrics. */
  readonly name: string;
  readonly type: ParsedType;
  /** Unescaped; empty when there is no HELP line. */
  readonly help: string;
  /** Empty when there is no UNIT line, which only OpenMetrics has. */
  readonly unit: string;
  /** Empty if the text has only metadata of this family. */
  readonly samples: readonly ParsedSample[];
}
