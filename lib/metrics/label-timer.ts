import type { EndTimer, SomeLabels } from './options.ts';
import { startStopwatch } from './stopwatch.ts';

/**
 * Starts a timer whose seconds belong to the series of `labels`, and of those that are known only at its end. Ending it
 * calls `record`, and returns the seconds. `labels` is read at the end: programs fill the object while the timer runs.
 */
export function startLabelTimer<L extends string>(
  labels: SomeLabels<L>,
  record: (labels: SomeLabels<L>, seconds: number) => void,
): EndTimer<L> {
  const elapsed = startStopwatch();
  return (endLabels) => {
    const seconds = elapsed();
    record({ ...labels, ...endLabels }, seconds);
    return seconds;
  };
}
