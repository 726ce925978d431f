import type { Strategy } from './strategy.ts';

/** Follows a move: a close above (below) all others of its window is likely to be followed by a higher (lower) one. */
export const momentum: Strategy = {
  name: 'momentum',
  windowSize: 12,
  judge(closes) {
    const before = closes.slice(0, -1);
    const last = closes.at(-1) ?? NaN;
    if (last > Math.max(...before)) return 'long';
    if (last < Math.min(...before)) return 'short';
    return undefined;
  },
};
