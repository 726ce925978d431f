import { readFileSync } from 'node:fs';

/** Reads a file of `/proc`; `undefined` where there is none, as on macOS and Windows. */
export type ReadProcFile = (path: string) => string | undefined;

/**
 * Reads a file of `/proc` in one synchronous step: 9-21 µs (EPYC, Node 20), since the kernel makes it up in memory. An
 * asynchronous read would be an active request of its own, and so measure itself.
 */
export const readProcFile: ReadProcFile = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // the metrics that need it are left out
  }
};
