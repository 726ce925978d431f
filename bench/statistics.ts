/** Returns the value below which the share `q` (0 to 1) of the numbers lies, by linear interpolation. */
export function quantileOf(numbers: readonly number[], q: number): number {
  if (numbers.length === 0) {
    throw new RangeError('Cannot take a quantile: expected at least one number, got none.');
  }
  const sorted = numbers.toSorted((a, b) => a - b);
  const rank = q * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? NaN;
  const above = sorted[Math.ceil(rank)] ?? NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** Returns the middle value of the numbers. */
export function medianOf(numbers: readonly number[]): number {
  return quantileOf(numbers, 0.5);
}

/** Says how far apart the rounds lie: smallest and largest. */
export interface Spread {
  readonly min: number;
  readonly max: number;
}

/** Returns the smallest and the largest of the numbers. */
export function spreadOf(numbers: readonly number[]): Spread {
  return { min: quantileOf(numbers, 0), max: quantileOf(numbers, 1) };
}
