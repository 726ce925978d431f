import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heap } from '../../lib/collectors/heap.ts';
import { valueOf } from './value-of.ts';

test('heap() shows the numbers of process.memoryUsage()', () => {
  const group = heap();
  const { heapTotal, heapUsed, external } = process.memoryUsage();
  assertNear(valueOf(group, 'nodejs_heap_size_total_bytes'), heapTotal);
  assertNear(valueOf(group, 'nodejs_heap_size_used_bytes'), heapUsed);
  assertNear(valueOf(group, 'nodejs_external_memory_bytes'), external);
});

test('heap() follows what is held outside the heap', () => {
  const group = heap();
  const before = valueOf(group, 'nodejs_external_memory_bytes')!;
  const held = Buffer.alloc(50 << 20);
  assert.ok(valueOf(group, 'nodejs_external_memory_bytes')! - before > held.length / 2);
});

function assertNear(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs(actual! - expected) < expected / 4, `expected about ${expected}, got ${actual}`);
}
