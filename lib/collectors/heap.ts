import { type DeclaredMetric, type Group, type Naming, readTogether } from './group.ts';

/**
 * V8's heap, and the memory outside it that its objects hold.
 *
 * ```text
 * nodejs_heap_size_total_bytes 10461184
 * nodejs_heap_size_used_bytes 7485744
 * nodejs_heap_size_limit_bytes 4345298944
 * nodejs_external_memory_bytes 1687503
 * ```
 *
 * The limit is that of `--max-old-space-size` and the young generation. The others are the numbers of
 * `process.memoryUsage()`, read where it reads them: 0.5 µs in place of 9 (EPYC, Node 20), most of which goes into the
 * resident memory, which is in another group.
 */
export function heapSizeAndUsed(naming: Naming): Group {
  return readTogether(
    naming,
    [
      { type: 'gauge', name: 'nodejs_heap_size_total_bytes', help: 'Process heap size from Node.js in bytes.' },
      { type: 'gauge', name: 'nodejs_heap_size_used_bytes', help: 'Process heap size used from Node.js in bytes.' },
      { type: 'gauge', name: 'nodejs_heap_size_limit_bytes', help: 'Process heap size limit from Node.js in bytes.' },
      { type: 'gauge', name: 'nodejs_external_memory_bytes', help: 'Node.js external memory size in bytes.' },
    ],
    () => {
      const heap = process.getBuiltinModule('node:v8').getHeapStatistics();
      return [heap.total_heap_size, heap.used_heap_size, heap.heap_size_limit, heap.external_memory];
    },
  );
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
export function heapSpacesSizeAndUsed(naming: Naming): Group {
  const gauge = (part: string): DeclaredMetric => ({
    type: 'gauge',
    name: `nodejs_heap_space_size_${part}_bytes`,
    help: `Process heap space size ${part} from Node.js in bytes.`,
    labelNames: ['space'],
  });
  return readTogether(naming, [gauge('total'), gauge('used'), gauge('available')], () => {
    const spaces = process.getBuiltinModule('node:v8').getHeapSpaceStatistics();
    return (['space_size', 'space_used_size', 'space_available_size'] as const).map((size) =>
      spaces.map((space) => [[space.space_name.replace(/_space$/, '')], space[size]] as const),
    );
  });
}
