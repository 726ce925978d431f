const SPACE = '\u00a0';

const STEPS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** Returns how long something lasted in its two greatest units: `3 h 12 min`, `45 s`. Not below 0. */
export function formatSpan(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const first = STEPS.findIndex(([, size]) => rest >= size);
  if (first === -1) return `0${SPACE}s`;
  const parts = STEPS.slice(first, first + 2).map(([symbol, size]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return count === 0 ? '' : `${count}${SPACE}${symbol}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}
