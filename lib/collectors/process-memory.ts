import type { Group } from './group.ts';
import { procNumber } from './proc-number.ts';
import { type ReadProcFile, readProcFile } from './read-proc-file.ts';
import { singleSeries } from './single-series.ts';

/**
 * Memory of the process as the operating system sees it. Off Linux, and without `/proc`, only the resident memory is known.
 *
 * ```text
 * process_resident_memory_bytes 57188352
 * process_virtual_memory_bytes 1097596928
 * process_virtual_memory_max_bytes +Inf
 * process_heap_bytes 119574528
 * ```
 *
 * `process_heap_bytes` is the data segment (`VmData`), as in prom-client, not V8's heap. The maximum is the soft limit
 * on address space; without a limit it is `+Inf`, which is true, where client_golang has 2^64 - 1, a number that stands
 * for something else.
 */
export function processMemory(read: ReadProcFile = readProcFile): Group {
  return {
    collect() {
      const status = read('/proc/self/status');
      const bytes = (key: string): number | undefined => {
        const kibibytes = procNumber(status, key);
        return kibibytes === undefined ? undefined : kibibytes * 1024;
      };
      const resident = bytes('VmRSS:') ?? residentBytes();
      const virtualMax = procNumber(read('/proc/self/limits'), 'Max address space');
      return [
        singleSeries('gauge', 'process_resident_memory_bytes', 'Resident memory size in bytes.', resident),
        singleSeries('gauge', 'process_virtual_memory_bytes', 'Virtual memory size in bytes.', bytes('VmSize:')),
        singleSeries('gauge', 'process_virtual_memory_max_bytes', 'Limit of virtual memory in bytes.', virtualMax),
        singleSeries('gauge', 'process_heap_bytes', 'Size of the data segment in bytes.', bytes('VmData:')),
      ];
    },
  };
}

/**
 * The resident memory as Node knows it. On Linux Node reads it from `/proc` itself, and throws where that is not mounted; the
 * kernel's highest value so far is the nearest that is left.
 */
function residentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
