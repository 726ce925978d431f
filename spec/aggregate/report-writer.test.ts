import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartContent } from '../../lib/aggregate/message.ts';
import { ReportWriter } from '../../lib/aggregate/report-writer.ts';
import { Counter, Histogram, MetricsRegistry } from '../../lib/core.ts';
import { nativeBuckets } from '../../lib/native/index.ts';

async function report(writer: ReportWriter, registry: MetricsRegistry): Promise<PartContent[]> {
  return [...writer.parts(await registry.gather())];
}

test('ReportWriter tells names and labels once, and after that the numbers that changed', async () => {
  const registry = new MetricsRegistry();
  const counter = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'], registers: [registry] });
  for (const kind of ['a', 'b', 'c', 'd']) counter.inc({ kind });
  const writer = new ReportWriter();
  const [first] = await report(writer, registry);
  assert.equal(first!.changes[0]!.description!.name, 'jobs_total');
  assert.deepEqual(first!.changes[0]!.add, [['a'], ['b'], ['c'], ['d']]);
  assert.deepEqual(first!.runs, [1, 0, 4]);
  const [unchanged] = await report(writer, registry);
  assert.deepEqual(
    { ...unchanged, numbers: unchanged!.numbers.length },
    { changes: [], gone: [], runs: [], numbers: 0, exemplars: [] },
  );
  for (const kind of ['b', 'c', 'a']) counter.inc({ kind }, 4);
  const [changed] = await report(writer, registry);
  assert.deepEqual([changed!.runs, changed!.numbers], [[1, 0, 3], new Float64Array([5, 5, 5])]);
  counter.remove({ kind: 'b' });
  const [removed] = await report(writer, registry);
  const [{ id, keep, add }] = removed!.changes as [PartContent['changes'][number]];
  assert.deepEqual({ id, keep, add }, { id: 1, keep: 1, add: [['c'], ['d']] });
  registry.unregister(counter);
  const [gone] = await report(writer, registry);
  assert.deepEqual(gone!.gone, [1]);
});

test('ReportWriter cuts a report into parts between series, never in one', async () => {
  const registry = new MetricsRegistry();
  const histogram = new Histogram({
    name: 'seen',
    help: 'Seen.',
    labelNames: ['i'],
    registers: [registry],
    buckets: [1, 2, 3],
  });
  for (let i = 0; i < 3000; i++) histogram.observe({ i }, 1);
  const parts = await report(new ReportWriter(), registry);
  assert.ok(parts.length > 4);
  let next = 0;
  for (const { runs, numbers } of parts) {
    assert.deepEqual(runs.length, 3);
    assert.equal(runs[1], next);
    assert.equal(numbers.length, runs[2]! * 5);
    assert.ok(numbers.length < 5000);
    next += runs[2]!;
  }
  assert.equal(next, 3000);
});

/** A registry with a native histogram of two kinds, both with a value in bucket 0 and one in bucket 1. */
function nativeRegistry() {
  const registry = new MetricsRegistry();
  const buckets = nativeBuckets({ bucketFactor: 2, zeroThreshold: 0.25, maxBuckets: 3, classicBounds: [1] });
  const about = { name: 'wait_seconds', help: 'Wait.', labelNames: ['kind'], registers: [registry] } as const;
  const histogram = new Histogram({ ...about, buckets });
  for (const kind of ['a', 'b']) for (const value of [1, 2]) histogram.observe({ kind }, value);
  return { registry, histogram };
}

test('ReportWriter tells of a native histogram all buckets once, and after that those that changed', async () => {
  const { registry, histogram } = nativeRegistry();
  const writer = new ReportWriter(true);
  const native = async (): Promise<number[] | undefined> => {
    const [part, ...others] = await report(writer, registry);
    assert.deepEqual([others.length, part!.runs, part!.numbers.length], [0, [], 0]);
    return part!.native === undefined ? undefined : [...(part!.native as Float64Array)];
  };
  const head = (series: number, isWhole: 0 | 1, schema: number): number[] => [1, series, isWhole, schema, 0.25];
  assert.deepEqual(await native(), [
    ...[...head(0, 1, 0), 0, 3, NaN, 2, 0, 0, 1, 1, 1],
    ...[...head(1, 1, 0), 0, 3, NaN, 2, 0, 0, 1, 1, 1],
  ]);
  assert.equal(await native(), undefined);
  histogram.observe({ kind: 'b' }, 2);
  histogram.observe({ kind: 'b' }, -1);
  assert.deepEqual(await native(), [...head(1, 0, 0), 0, 4, NaN, 1, 1, 1, 2, 0, 1]);
  histogram.observe({ kind: 'a' }, 0);
  assert.deepEqual(await native(), [...head(0, 0, 0), 1, 3, NaN, 0, 0]);
  histogram.observe({ kind: 'b' }, 8); // one bucket too many: the resolution is halved
  assert.deepEqual(await native(), [...head(1, 1, -1), 0, 12, NaN, 3, 1, 0, 1, 1, 2, 2, 1, 0, 1]);
  // Another series of the same labels, which has been observed as often.
  histogram.remove({ kind: 'a' });
  histogram.remove({ kind: 'b' });
  for (const kind of ['a', 'b']) histogram.observe({ kind }, 4);
  assert.deepEqual(await native(), [
    ...[...head(0, 1, 0), 0, 4, NaN, 1, 0, 2, 1],
    ...[...head(1, 1, 0), 0, 4, NaN, 1, 0, 2, 1],
  ]);
});

test('ReportWriter tells of a native series whose revision is that of the one it replaced', async () => {
  const { registry, histogram } = nativeRegistry();
  const writer = new ReportWriter(true);
  await report(writer, registry);
  histogram.remove({ kind: 'b' });
  for (const value of [4, 8]) histogram.observe({ kind: 'b' }, value);
  const [part] = await report(writer, registry);
  assert.equal((part!.native as Float64Array)[1], 1);
});

test('ReportWriter tells an aggregator of an older version the classic buckets of a native histogram', async () => {
  const { registry } = nativeRegistry();
  const [part] = await report(new ReportWriter(), registry);
  assert.equal(part!.changes[0]!.description!.isNative, undefined);
  assert.deepEqual(
    [part!.native, part!.runs, [...(part!.numbers as Float64Array)]],
    [undefined, [1, 0, 2], [1, 1, 3, 1, 1, 3]],
  );
});

test('ReportWriter cuts a report of native histograms into parts between series, never in one', async () => {
  const registry = new MetricsRegistry();
  const about = { name: 'seen', help: 'Seen.', labelNames: ['i'], registers: [registry] } as const;
  const histogram = new Histogram({ ...about, buckets: nativeBuckets() });
  for (let i = 0; i < 400; i++) for (let value = 1; value <= 20; value++) histogram.observe({ i }, value);
  const parts = await report(new ReportWriter(true), registry);
  assert.ok(parts.length > 4);
  let next = 0;
  for (const { native } of parts) {
    const numbers = native as Float64Array;
    assert.ok(numbers.length < 4200);
    for (let at = 0; at < numbers.length; at += 10 + 2 * (numbers[at + 8]! + numbers[at + 9]!))
      assert.equal(numbers[at + 1], next++);
  }
  assert.equal(next, 400);
});
