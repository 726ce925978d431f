import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import { heapSpaces } from '../../lib/collectors/heap-spaces.ts';
import { valueOf } from './value-of.ts';

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
