import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import { heap, heapSpaces } from '../../lib/collectors/heap.ts';
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

test('heapSpaces() shows each space of V8 under its name without "_space"', () => {
  const spaces = getHeapSpaceStatistics().map(({ space_name }) => space_name.replace('_space', ''));
  for (const family of heapSpaces().collect()) {
    assert.deepEqual(
      family?.series.map(({ labels }) => labels?.['space']),
      spaces,
    );
  }
});

test('heapSpaces() shows sizes in bytes that agree with each other', () => {
  const size = (part: string) => valueOf(heapSpaces(), `nodejs_heap_space_size_${part}_bytes`, { space: 'old' })!;
  assert.ok(size('used') > 1e5 && size('used') <= size('total'));
  assert.ok(size('available') >= 0);
});
