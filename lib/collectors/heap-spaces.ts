import type { CollectedFamily } from '../model/collector.ts';
import type { Group } from './group.ts';

/**
 * The spaces that V8's heap is made of; which there are depends on the version of Node.
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
