import { quantileOf } from '../lib/cli/measure.ts';

/** Says how far apart the rounds lie: smallest and largest. */
export interface Spread {
  readonly min: number;
  readonly max: number;
}

/** Returns the smallest and the largest of the numbers. */
export function spreadOf(numbers: readonly number[]): Spread {
  return { min: quantileOf(numbers, 0), max: quantileOf(numbers, 1) };
}
