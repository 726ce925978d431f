/** Writes the labels of a series in one format. */
export interface LabelWriter {
  /** The most bytes that the labels with these values take. */
  maxBytes(values: readonly string[]): number;
  /** Writes the labels at `at`, where {@link maxBytes} must be free, and returns the position behind them. */
  write(values: readonly string[], bytes: Uint8Array, at: number): number;
}
