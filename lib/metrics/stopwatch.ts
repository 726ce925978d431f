/** Returns a function that tells the seconds since now, by the monotonic clock. */
export function startStopwatch(): () => number {
  const start = performance.now();
  return () => (performance.now() - start) / 1000;
}
