import type { Group } from './group.ts';
import { singleSeries } from './single-series.ts';

/**
 * CPU time of the process, all its threads together. One reading feeds the three, so the total is the sum of the parts.
 *
 * ```text
 * process_cpu_user_seconds_total 1.25
 * process_cpu_system_seconds_total 0.25
 * process_cpu_seconds_total 1.5
 * ```
 */
export function processCpu(readCpuMicroseconds: () => NodeJS.CpuUsage = () => process.cpuUsage()): Group {
  return {
    collect() {
      const { user, system } = readCpuMicroseconds();
      // Added as integers: the sum of two rounded quotients may differ from the rounded quotient of the sum.
      const total = user + system;
      return [
        singleSeries('counter', 'process_cpu_user_seconds_total', 'User CPU time spent in seconds.', user / 1e6),
        singleSeries('counter', 'process_cpu_system_seconds_total', 'System CPU time spent in seconds.', system / 1e6),
        singleSeries('counter', 'process_cpu_seconds_total', 'User and system CPU time spent in seconds.', total / 1e6),
      ];
    },
  };
}
