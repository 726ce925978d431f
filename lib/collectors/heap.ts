import type { CollectedFamily } from '../model/collector.ts';
import { type Group, singleSeries } from './group.ts';

/**
 * V8's heap, and the memory outside it that its objects hold.
 *
 * ```text
 * nodejs_heap_size_total_bytes 10461184
 * nodejs_heap_size_used_bytes 7485744
 * nodejs_external_memory_bytes 1687503
 * ```
 *
 * The numbers of `process.memoryUsage()`, read where it reads them: 0.5 µs in place of 9 (EPYC, Node 20), most of which
 * goes into the resident memory, which is in another group.
 */
export function heap(): Group {
  return {
    collect() {
      const { total_heap_size, used_heap_size, external_memory } = process
        .getBuiltinModule('node:v8')
        .getHeapStatistics();
      return [
        singleSeries('gauge', 'nodejs_heap_size_total_bytes', 'Size of the V8 heap in bytes.', total_heap_size),
        singleSeries('gauge', 'nodejs_heap_size_used_bytes', 'Used size of the V8 heap in bytes.', used_heap_size),
        singleSeries('gauge', 'nodejs_external_memory_bytes', 'Memory outside the V8 heap in bytes.', external_memory),
      ];
    },
  };
}

/**
 * The spaces of V8's heap. Their names depend on the version of Node.
 *
 * ```text
 * nodejs_heap_space_size_total_bytes{space="old"} 4816896
 * nodejs_heap_space_size_used_bytes{space="old"} 4540016
 * nodejs_heap_space_size_available_bytes{space="old"} 134720
 * ```
 */
export function heapSpaces(): Group {
  return {
    collect() {
      const spaces = process.getBuiltinModule('node:v8').getHeapSpaceStatistics();
      const family = (part: string, read: (space: (typeof spaces)[number]) => number): CollectedFamily => ({
        name: `nodejs_heap_space_size_${part}_bytes`,
        help: `V8 heap: ${part} size of each space in bytes.`,
        type: 'gauge',
        series: spaces.map((space) => ({
          labels: { space: space.space_name.replace(/_space$/, '') },
          value: read(space),
        })),
      });
      return [
        family('total', (space) => space.space_size),
        family('used', (space) => space.space_used_size),
        family('available', (space) => space.space_available_size),
      ];
    },
  };
}
