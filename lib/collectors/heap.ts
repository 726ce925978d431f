import type { HeapInfo } from 'node:v8';
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
 * The limit is that of `--max-old-space-size` and the young generation. The others are from `process.memoryUsage()`, as in
 * prom-client: tests replace that function. It takes 9 µs, most of it for the resident memory (EPYC, Node 20).
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
      const statistics = process.getBuiltinModule('node:v8').getHeapStatistics();
      const { heapTotal, heapUsed, external } = memoryUsage(statistics);
      return [heapTotal, heapUsed, statistics.heap_size_limit, external];
    },
  );
}

/** What V8 itself says where Node's function throws: it reads the resident memory from `/proc`, which may not be mounted. */
function memoryUsage(statistics: HeapInfo): Pick<NodeJS.MemoryUsage, 'heapTotal' | 'heapUsed' | 'external'> {
  try {
    return process.memoryUsage();
  } catch {
    const { total_heap_size, used_heap_size, external_memory } = statistics;
    return { heapTotal: total_heap_size, heapUsed: used_heap_size, external: external_memory };
  }
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
