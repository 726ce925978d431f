/** Least and greatest value of a vertical axis. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Returns the range in which values are drawn. What only has a height when compared with nothing (`fromZero`) begins at
 * 0. Without a value that can be drawn it is 0 to 1; if all are the same, they lie in the middle.
 */
export function rangeOf(values: readonly number[], { fromZero }: { readonly fromZero: boolean }): ValueRange {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { min: 0, max: 1 };
  const greatest = Math.max(...finite);
  const least = Math.min(...finite);
  if (fromZero && least >= 0) return { min: 0, max: greatest === 0 ? 1 : greatest };
  if (greatest > least) return { min: least, max: greatest };
  const margin = Math.abs(least) / 2 || 1;
  return { min: least - margin, max: least + margin };
}
