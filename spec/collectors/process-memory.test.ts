import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processMemory } from '../../lib/collectors/process-memory.ts';
import { valueOf } from './value-of.ts';

const STATUS = 'Name:\tnode\nVmPeak:\t999 kB\nVmSize:\t 1071872 kB\nVmRSS:\t   55848 kB\nVmData:\t  116772 kB\n';
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max address space         8589934592           unlimited            bytes
`;

function memoryOf(files: Readonly<Record<string, string>>) {
  return processMemory((path) => files[path]);
}

test('processMemory() shows what the operating system says, in bytes', () => {
  const group = memoryOf({ '/proc/self/status': STATUS, '/proc/self/limits': LIMITS });
  assert.equal(valueOf(group, 'process_resident_memory_bytes'), 55848 * 1024);
  assert.equal(valueOf(group, 'process_virtual_memory_bytes'), 1071872 * 1024);
  assert.equal(valueOf(group, 'process_virtual_memory_max_bytes'), 8589934592);
  assert.equal(valueOf(group, 'process_heap_bytes'), 116772 * 1024);
});

test('processMemory() shows no limit as infinite', () => {
  const group = memoryOf({ '/proc/self/limits': LIMITS.replace('8589934592', 'unlimited ') });
  assert.equal(valueOf(group, 'process_virtual_memory_max_bytes'), Infinity);
});

test('processMemory() leaves out what is unavailable, but finds the resident memory anywhere', () => {
  const group = memoryOf({});
  assert.ok(valueOf(group, 'process_resident_memory_bytes')! > 1e6);
  const names = group.collect().map((family) => family?.name);
  assert.deepEqual(names, ['process_resident_memory_bytes', undefined, undefined, undefined]);
});

test('processMemory() shows the highest resident memory where Node cannot read the current one, as without /proc', (t) => {
  t.mock.method(process.memoryUsage, 'rss', () => {
    throw new Error('ENOENT: no such file or directory, uv_resident_set_memory');
  });
  const before = process.resourceUsage().maxRSS * 1024;
  const shown = valueOf(memoryOf({}), 'process_resident_memory_bytes')!;
  assert.ok(shown >= before && shown <= process.resourceUsage().maxRSS * 1024, `${shown}`);
});

test('processMemory() agrees with Node about this process', { skip: process.platform !== 'linux' }, () => {
  const resident = valueOf(processMemory(), 'process_resident_memory_bytes')!;
  const fromNode = process.memoryUsage.rss();
  assert.ok(Math.abs(resident - fromNode) < fromNode / 4, `${resident} ${fromNode}`);
});
