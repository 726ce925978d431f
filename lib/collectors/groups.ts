import type { MetricType } from '../model/family.ts';
import { activeResources } from './active-resources.ts';
import { eventLoopDelay, eventLoopUtilization } from './event-loop.ts';
import { gc } from './gc.ts';
import type { Group } from './group.ts';
import { heap, heapSpaces } from './heap.ts';
import { processCpu, processFileDescriptors, processMemory, processStartTime, processThreads } from './process.ts';
import { versionInfo } from './version-info.ts';

/** Options of single groups. */
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

/** The families of each group, so that another metric of one of these names is refused when the second is created. */
export const FAMILIES: Readonly<Record<keyof typeof GROUPS, readonly (readonly [name: string, type: MetricType])[]>> = {
  processCpu: counters(
    'process_cpu_user_seconds_total',
    'process_cpu_system_seconds_total',
    'process_cpu_seconds_total',
  ),
  processMemory: gauges(
    'process_resident_memory_bytes',
    'process_virtual_memory_bytes',
    'process_virtual_memory_max_bytes',
    'process_heap_bytes',
  ),
  processStartTime: gauges('process_start_time_seconds'),
  processFileDescriptors: gauges('process_open_fds', 'process_max_fds'),
  processThreads: gauges('process_threads'),
  heap: gauges('nodejs_heap_size_total_bytes', 'nodejs_heap_size_used_bytes', 'nodejs_external_memory_bytes'),
  heapSpaces: gauges(...['total', 'used', 'available'].map((part) => `nodejs_heap_space_size_${part}_bytes`)),
  eventLoopDelay: gauges(
    ...['', 'min_', 'max_', 'mean_', 'stddev_', 'p50_', 'p90_', 'p99_'].map(
      (part) => `nodejs_eventloop_lag_${part}seconds`,
    ),
  ),
  eventLoopUtilization: [...gauges('nodejs_eventloop_utilization'), ...counters('nodejs_eventloop_time_seconds_total')],
  gc: [['nodejs_gc_duration_seconds', 'histogram']],
  activeResources: gauges(
    ...['resources', 'handles', 'requests'].flatMap((part) => [`nodejs_active_${part}`, `nodejs_active_${part}_total`]),
  ),
  versionInfo: gauges('nodejs_version_info'),
};

function counters(...names: readonly string[]): [name: string, type: MetricType][] {
  return names.map((name) => [name, 'counter']);
}

function gauges(...names: readonly string[]): [name: string, type: MetricType][] {
  return names.map((name) => [name, 'gauge']);
}
