import { processHandles, processRequests, processResources } from './active-resources.ts';
import { eventLoopLag, eventLoopUtilization } from './event-loop.ts';
import { gc } from './gc.ts';
import type { Group, Naming } from './group.ts';
import { heapSizeAndUsed, heapSpacesSizeAndUsed } from './heap.ts';
import {
  osMemoryHeap,
  processCpuTotal,
  processMaxFileDescriptors,
  processOpenFileDescriptors,
  processStartTime,
  processThreads,
} from './process.ts';
import { version } from './version.ts';

/** Options of single groups. */
export interface GroupOptions {
  /** Upper bounds of `nodejs_gc_duration_seconds`, in seconds; 0.001, 0.01, 0.1, 1, 2, 5 unless given. */
  readonly gcDurationBuckets?: readonly number[];
  /**
   * Milliseconds between two measurements of the event loop's lag while the loop turns fast, a positive integer; 10 unless
   * given. A loop that turns slowly is measured at each turn.
   */
  readonly eventLoopMonitoringPrecision?: number;
}

/** All groups, in the order of the exposition: prom-client's, by its names, and two more. Creating one sets it going. */
export const GROUPS = {
  processCpuTotal: (naming) => processCpuTotal(naming),
  processStartTime: (naming) => processStartTime(naming),
  osMemoryHeap: (naming) => osMemoryHeap(naming),
  processOpenFileDescriptors: (naming) => processOpenFileDescriptors(naming),
  processMaxFileDescriptors: (naming) => processMaxFileDescriptors(naming),
  processThreads: (naming) => processThreads(naming),
  eventLoopLag: (naming, options) => eventLoopLag(naming, options.eventLoopMonitoringPrecision ?? undefined),
  eventLoopUtilization: (naming) => eventLoopUtilization(naming),
  processResources: (naming) => processResources(naming),
  processHandles: (naming) => processHandles(naming),
  processRequests: (naming) => processRequests(naming),
  heapSizeAndUsed: (naming) => heapSizeAndUsed(naming),
  heapSpacesSizeAndUsed: (naming) => heapSpacesSizeAndUsed(naming),
  version: (naming) => version(naming),
  gc: (naming, options) => gc(naming, options.gcDurationBuckets ?? undefined),
} as const satisfies Readonly<Record<string, (naming: Naming, options: GroupOptions) => Group>>;
