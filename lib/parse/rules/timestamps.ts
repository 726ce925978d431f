import type { SampleLine } from '../sample-line.ts';

/**
 * Whether a sample begins the next point of its metric, whose current point has the given time.
 *
 * OpenMetrics 1.0, "Metric": the points of a metric have increasing timestamps, and either all samples of a metric have
 * one or none has.
 */
export function isNextPoint(line: SampleLine, current: number | undefined): boolean {
  const next = line.timestampSeconds;
  if (next === current) return false;
  if (next === undefined) line.failSample('a timestamp on every sample of the metric', 'none');
  if (current === undefined) line.scanner.fail(line.timestampStart, 'no timestamp on a metric that began without');
  if (next < current) line.scanner.fail(line.timestampStart, `a timestamp of ${current} or later`);
  return true;
}
