import type { Group } from './group.ts';
import { singleSeries } from './single-series.ts';

/**
 * When the process started.
 *
 * ```text
 * process_start_time_seconds 1714564800.123
 * ```
 *
 * To the millisecond, where prom-client rounds to the second. Computed once: when the clock is set, the value must not
 * move, since a change of it means a restart. In a worker thread too it is the process's own.
 */
export function processStartTime(): Group {
  const startMilliseconds = Math.round(Date.now() - process.uptime() * 1000);
  return {
    collect() {
      const help = 'Start time of the process since the Unix epoch in seconds.';
      return [singleSeries('gauge', 'process_start_time_seconds', help, startMilliseconds / 1000, 'omit')];
    },
  };
}
