/** The types that text 0.0.4 knows; a family without a TYPE line is `untyped`. */
export type ParsedType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';

/** One sample line. */
export interface ParsedSample {
  /** The name as written: of a histogram `x` it is `x_bucket`, `x_sum` or `x_count`. */
  readonly name: string;
  /** Unescaped label values by label name, in the order of the text. */
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** Milliseconds since 1970; absent when the line has none. */
  readonly timestamp?: number;
}

/** One metric family: its HELP and TYPE lines and its samples, in the order of the text. */
export interface ParsedFamily {
  readonly name: string;
  readonly type: ParsedType;
  /** Unescaped; the empty string when there is no HELP line. */
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}
