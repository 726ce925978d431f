import type { Strategy } from './strategy.ts';

/** Standard deviations from the mean beyond which a price counts as stretched. */
const STRETCH = 1.5;

/** Bets on the way back: a close far below (above) the mean of its window is likely to rise (fall) again. */
export const swing: Strategy = {
  name: 'swing',
  windowSize: 20,
  judge(closes) {
    const mean = meanOf(closes);
    const deviation = Math.sqrt(meanOf(closes.map((close) => (close - mean) ** 2)));
    const stretch = ((closes.at(-1) ?? NaN) - mean) / deviation;
    if (stretch < -STRETCH) return 'long';
    if (stretch > STRETCH) return 'short';
    return undefined;
  },
};

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
