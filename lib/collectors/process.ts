import { type DeclaredMetric, type Group, type Naming, processStartSeconds, readTogether } from './group.ts';

/**
 * CPU time of the process, all its threads together. One reading feeds the three, so the total is the sum of the parts.
 *
 * ```text
 * process_cpu_user_seconds_total 1.25
 * process_cpu_system_seconds_total 0.25
 * process_cpu_seconds_total 1.5
 * ```
 */
export function processCpuTotal(
  naming: Naming,
  readCpuMicroseconds: () => NodeJS.CpuUsage = () => process.cpuUsage(),
): Group {
  const counter = (part: string, what: string): DeclaredMetric => ({
    type: 'counter',
    name: `process_cpu_${part}seconds_total`,
    help: `Total ${what} CPU time spent in seconds.`,
  });
  return readTogether(
    naming,
    [counter('user_', 'user'), counter('system_', 'system'), counter('', 'user and system')],
    () => {
      const { user, system } = readCpuMicroseconds();
      // Added as integers: the sum of two rounded quotients may differ from the rounded quotient of the sum.
      return [user / 1e6, system / 1e6, (user + system) / 1e6];
    },
  );
}

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
export function osMemoryHeap(naming: Naming, read: ReadProcFile = readProcFile): Group {
  return readTogether(
    naming,
    [
      { type: 'gauge', name: 'process_resident_memory_bytes', help: 'Resident memory size in bytes.' },
      { type: 'gauge', name: 'process_virtual_memory_bytes', help: 'Virtual memory size in bytes.' },
      { type: 'gauge', name: 'process_virtual_memory_max_bytes', help: 'Limit of virtual memory in bytes.' },
      { type: 'gauge', name: 'process_heap_bytes', help: 'Process heap size in bytes.' },
    ],
    () => {
      const status = read('/proc/self/status');
      const bytes = (key: string): number | undefined => {
        const kibibytes = procNumber(status, key);
        return kibibytes === undefined ? undefined : kibibytes * 1024;
      };
      const resident = bytes('VmRSS:') ?? residentBytes();
      const virtualMax = procNumber(read('/proc/self/limits'), 'Max address space');
      return [resident, bytes('VmSize:'), virtualMax, bytes('VmData:')];
    },
  );
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

/** Where the number of open descriptors is read from. */
interface DescriptorFolder {
  readonly stat: (path: string) => { readonly size: number };
  readonly list: (path: string) => { readonly length: number };
}

/**
 * File descriptors of the process. Linux only.
 *
 * ```text
 * process_open_fds 23
 * ```
 */
export function processOpenFileDescriptors(naming: Naming, folder: DescriptorFolder = openFolder()): Group {
  return readTogether(
    naming,
    [{ type: 'gauge', name: 'process_open_fds', help: 'Number of open file descriptors.' }],
    () => [countOpen(folder)],
  );
}

/**
 * The process's soft limit on file descriptors, `+Inf` if there is none. Linux only.
 *
 * ```text
 * process_max_fds 1024
 * ```
 *
 * Read at each scrape, since it can be changed from outside; prom-client reads it once.
 */
export function processMaxFileDescriptors(naming: Naming, read: ReadProcFile = readProcFile): Group {
  return readTogether(
    naming,
    [{ type: 'gauge', name: 'process_max_fds', help: 'Maximum number of open file descriptors.' }],
    () => [procNumber(read('/proc/self/limits'), 'Max open files')],
  );
}

/** `node:fs` is not imported, for the reason that {@link readProcFile} gives. */
function openFolder(): DescriptorFolder {
  const { statSync, readdirSync } = process.getBuiltinModule('node:fs');
  return { stat: statSync, list: readdirSync };
}

function countOpen({ stat, list }: DescriptorFolder): number | undefined {
  try {
    // Since Linux 6.2 (commit f1f1f2569901) the folder's size is the number of descriptors: 5 µs, however many.
    const { size } = stat('/proc/self/fd');
    // Before, they have to be listed, 0.7 µs each; one of them is the folder itself, opened to be listed.
    return size > 0 ? size : list('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}

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
export function processStartTime(naming: Naming): Group {
  const startSeconds = processStartSeconds();
  const help = 'Start time of the process since unix epoch in seconds.';
  return readTogether(naming, [{ type: 'gauge', name: 'process_start_time_seconds', help, aggregator: 'omit' }], () => [
    startSeconds,
  ]);
}

/**
 * Operating-system threads of the process: Node's own, its thread pool, and worker threads. Linux only.
 *
 * ```text
 * process_threads 11
 * ```
 *
 * The official guide asks for it; prom-client does not have it.
 */
export function processThreads(naming: Naming, read: ReadProcFile = readProcFile): Group {
  return readTogether(
    naming,
    [{ type: 'gauge', name: 'process_threads', help: 'Number of operating-system threads in the process.' }],
    () => [procNumber(read('/proc/self/status'), 'Threads:')],
  );
}

/**
 * Returns the number on the line of `text` that starts with `key`, as `/proc/self/status` and `/proc/self/limits` have
 * it: `Infinity` for `unlimited`, `undefined` if there is no such line or no text. Of several numbers, the first.
 */
export function procNumber(text: string | undefined, key: string): number | undefined {
  const line = text?.split('\n').find((candidate) => candidate.startsWith(key));
  const number = line?.slice(key.length).match(/^\s*(\d+|unlimited)\b/)?.[1];
  return number === undefined ? undefined : number === 'unlimited' ? Infinity : Number(number);
}

/** Reads a file of `/proc`; `undefined` where there is none, as on macOS and Windows. */
export type ReadProcFile = (path: string) => string | undefined;

/**
 * Reads a file of `/proc` in one synchronous step: 9-21 µs (EPYC, Node 20), since the kernel generates it in memory. An
 * asynchronous read would count itself as an active request. `node:fs` is not imported, which would slow the start of every
 * program, whether it collects anything or not.
 */
export const readProcFile: ReadProcFile = (path) => {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(path, 'utf8');
  } catch {
    return undefined; // the metrics that need it are left out
  }
};
