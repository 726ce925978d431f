import type { Group } from './group.ts';
import { procNumber } from './proc-number.ts';
import { type ReadProcFile, readProcFile } from './read-proc-file.ts';
import { singleSeries } from './single-series.ts';

/**
 * Operating-system threads of the process: Node's own, its thread pool, and worker threads. Linux only.
 *
 * ```text
 * process_threads 11
 * ```
 *
 * The official guide asks for it; prom-client does not have it.
 */
export function processThreads(read: ReadProcFile = readProcFile): Group {
  return {
    collect() {
      const threads = procNumber(read('/proc/self/status'), 'Threads:');
      return [singleSeries('gauge', 'process_threads', 'Number of operating-system threads in the process.', threads)];
    },
  };
}
