/** The direction of a signal: buy, or sell. */
export type Direction = 'long' | 'short';

/** A rule that looks at a rolling window of prices. */
export interface Strategy {
  readonly name: string;
  /** Closing prices that it needs. */
  readonly windowSize: number;
  /** Judges `windowSize` closing prices, the oldest first; undefined if they show nothing. */
  judge(closes: readonly number[]): Direction | undefined;
}
