import type { Group } from './group.ts';
import { procNumber } from './proc-number.ts';
import { type ReadProcFile, readProcFile } from './read-proc-file.ts';
import { singleSeries } from './single-series.ts';

/** Where the number of open descriptors is read from. */
interface DescriptorFolder {
  readonly stat: (path: string) => { readonly size: number };
  readonly list: (path: string) => { readonly length: number };
}

/**
 * File descriptors of the process, and its soft limit on them, `+Inf` if there is none. Linux only.
 *
 * ```text
 * process_open_fds 23
 * process_max_fds 1024
 * ```
 *
 * The limit is read at each scrape, since it can be changed from outside; prom-client reads it once.
 */
export function processFileDescriptors(
  read: ReadProcFile = readProcFile,
  folder: DescriptorFolder = openFolder(),
): Group {
  return {
    collect() {
      const max = procNumber(read('/proc/self/limits'), 'Max open files');
      return [
        singleSeries('gauge', 'process_open_fds', 'Number of open file descriptors.', countOpen(folder)),
        singleSeries('gauge', 'process_max_fds', 'Limit of the number of open file descriptors.', max),
      ];
    },
  };
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
