import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartContent } from '../../lib/aggregate/message.ts';
import { ReportWriter } from '../../lib/aggregate/report-writer.ts';
import { Counter, Histogram, MetricsRegistry } from '../../lib/core.ts';

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
