import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { heapSizeAndUsed, heapSpacesSizeAndUsed } from '../../lib/collectors/heap.ts';
import { packageRoot } from '../support/package-root.ts';
import { runProgram } from '../support/run-program.ts';
import { PLAIN, valueOf } from './value-of.ts';

test('heapSizeAndUsed() shows the numbers of process.memoryUsage()', async () => {
  const group = heapSizeAndUsed(PLAIN);
  const { heapTotal, heapUsed, external } = process.memoryUsage();
  assertNear(await valueOf(group, 'nodejs_heap_size_total_bytes'), heapTotal);
  assertNear(await valueOf(group, 'nodejs_heap_size_used_bytes'), heapUsed);
  assertNear(await valueOf(group, 'nodejs_external_memory_bytes'), external);
});

test('heapSizeAndUsed() shows what a test puts in place of process.memoryUsage()', async (t) => {
  const group = heapSizeAndUsed(PLAIN);
  const usage = { rss: 5, heapTotal: 1000, heapUsed: 500, external: 100, arrayBuffers: 0 };
  t.mock.method(process, 'memoryUsage', () => usage);
  assert.equal(await valueOf(group, 'nodejs_heap_size_total_bytes'), 1000);
  assert.equal(await valueOf(group, 'nodejs_heap_size_used_bytes'), 500);
  assert.equal(await valueOf(group, 'nodejs_external_memory_bytes'), 100);
});

test('heapSizeAndUsed() asks V8 itself if process.memoryUsage() throws', async (t) => {
  const group = heapSizeAndUsed(PLAIN);
  t.mock.method(process, 'memoryUsage', () => {
    throw new Error('ENOENT: /proc/self/stat');
  });
  const { total_heap_size, used_heap_size } = getHeapStatistics();
  assertNear(await valueOf(group, 'nodejs_heap_size_total_bytes'), total_heap_size);
  assertNear(await valueOf(group, 'nodejs_heap_size_used_bytes'), used_heap_size);
});

test('heapSizeAndUsed() shows the limit that --max-old-space-size sets', () => {
  const limitAt = (megabytes: number): number => {
    const program = `
      const { collectDefaultMetrics, register } = await import('@finpilot/metrics');
      collectDefaultMetrics();
      console.log(await register.getSingleMetricAsString('nodejs_heap_size_limit_bytes'));`;
    const args = [`--max-old-space-size=${megabytes}`, '--input-type=module', '-e', program];
    const { stdout } = runProgram(process.execPath, args, packageRoot());
    return Number(/^nodejs_heap_size_limit_bytes (\d+)$/m.exec(stdout)?.[1]);
  };
  // The young generation comes on top, and is the same for both.
  assert.equal(limitAt(200) - limitAt(100), 100 << 20);
});

test('heapSizeAndUsed() follows what is held outside the heap', async () => {
  const group = heapSizeAndUsed(PLAIN);
  const before = (await valueOf(group, 'nodejs_external_memory_bytes'))!;
  const held = Buffer.alloc(50 << 20);
  assert.ok((await valueOf(group, 'nodejs_external_memory_bytes'))! - before > held.length / 2);
});

function assertNear(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs(actual! - expected) < expected / 4, `expected about ${expected}, got ${actual}`);
}

test('heapSpacesSizeAndUsed() shows each space of V8 under its name without "_space"', () => {
  const spaces = getHeapSpaceStatistics().map(({ space_name }) => space_name.replace('_space', ''));
  const { metrics } = heapSpacesSizeAndUsed(PLAIN);
  assert.equal(metrics.length, 3);
  for (const metric of metrics) {
    void metric.collect?.();
    assert.deepEqual(
      metric.series.map(({ labelValues }) => labelValues),
      spaces.map((space) => [space]),
    );
  }
});

test('heapSpacesSizeAndUsed() shows sizes in bytes that agree with each other', async () => {
  const group = heapSpacesSizeAndUsed(PLAIN);
  const size = (part: string) => valueOf(group, `nodejs_heap_space_size_${part}_bytes`, { space: 'old' });
  const [total, used, available] = [(await size('total'))!, (await size('used'))!, (await size('available'))!];
  assert.ok(used > 1e5 && used <= total);
  assert.ok(available >= 0);
});
