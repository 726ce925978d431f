import { activeResources } from './active-resources.ts';
import { eventLoopDelay } from './event-loop-delay.ts';
import { eventLoopUtilization } from './event-loop-utilization.ts';
import { gc } from './gc.ts';
import type { Group } from './group.ts';
import { heapSpaces } from './heap-spaces.ts';
import { heap } from './heap.ts';
import { processCpu } from './process-cpu.ts';
import { processFileDescriptors } from './process-file-descriptors.ts';
import { processMemory } from './process-memory.ts';
import { processStartTime } from './process-start-time.ts';
import { processThreads } from './process-threads.ts';
import { versionInfo } from './version-info.ts';

/** What single groups can be told. */
export interface GroupOptions {
  /** Upper bounds of `nodejs_gc_duration_seconds`, in seconds; 0.001, 0.01, 0.1, 1, 2, 5 unless given. */
  readonly gcDurationBuckets?: readonly number[];
  /**
   * Milliseconds between two measurements of the event loop's lag, a positive integer; 200 unless given, for 0.05 % of
   * a core. At prom-client's 10 it is 0.7 %.
   */
  readonly eventLoopMonitoringPrecision?: number;
}

/** All groups, in the order of the exposition. Starting one that holds an observer sets it going. */
export const GROUPS = {
  processCpu: () => processCpu(),
  processMemory: () => processMemory(),
  processStartTime: () => processStartTime(),
  processFileDescriptors: () => processFileDescriptors(),
  processThreads: () => processThreads(),
  heap: () => heap(),
  heapSpaces: () => heapSpaces(),
  eventLoopDelay: (options) => eventLoopDelay({ resolutionMilliseconds: options.eventLoopMonitoringPrecision }),
  eventLoopUtilization: () => eventLoopUtilization(),
  gc: (options) => gc({ buckets: options.gcDurationBuckets }),
  activeResources: () => activeResources(),
  versionInfo: () => versionInfo(),
} as const satisfies Readonly<Record<string, (options: GroupOptions) => Group>>;
