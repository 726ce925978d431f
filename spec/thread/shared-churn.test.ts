import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, MetricsRegistry } from '../../lib/core.ts';
import type { Family, HistogramSeries, NumberSeries } from '../../lib/model/family.ts';
import { SharedMemory } from '../../lib/thread/shared/shared-memory.ts';
import { SharedReader } from '../../lib/thread/shared/shared-reader.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { turn } from '../support/turn.ts';

// Series in shared memory that come and go.

/** The labels and numbers of each series, sorted. */
function numbersOf(families: readonly Family[]): string[] {
  return families
    .flatMap(({ name, type, series }) =>
      series.map((one) => {
        const { value } = one as NumberSeries;
        const { bucketCounts, sum } = one as HistogramSeries;
        return JSON.stringify([name, one.labelValues, type === 'histogram' ? [bucketCounts, sum] : value]);
      }),
    )
    .sort();
}

function readerOf(memory: SharedMemory): SharedReader {
  const reader = new SharedReader();
  for (const announcement of memory.announcements()) reader.take(announcement);
  return reader;
}

test('SharedReader agrees with the registry when series are created, removed, held and brought back at random', async () => {
  const random = new SeededRandom(181);
  const memory = new SharedMemory();
  const registry = new MetricsRegistry({ storage: memory, maxSeries: 30 });
  const registers = [registry];
  const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['a'], registers });
  const gauge = new Gauge({ name: 'g', help: 'G.', labelNames: ['a', 'b'], registers });
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['a'], buckets: [1, 2], registers });
  const alone = new Gauge({ name: 'alone', help: 'A.', registers });
  const held = new Map<string, ReturnType<typeof histogram.labels>>();
  const lasting = new SharedReader();
  const integer = (below: number): number => Math.floor(random.next() * below);
  for (let step = 0; step < 4000; step++) {
    const a = `${integer(40)} é\n"`;
    switch (integer(11)) {
      case 0:
        counter.inc({ a }, integer(5));
        break;
      case 1:
        gauge.set({ a, b: String(integer(2)) }, integer(100) - 50);
        break;
      case 2:
      case 3:
        if (!held.has(a)) held.set(a, histogram.labels(a));
        held.get(a)!.observe(integer(4));
        break;
      case 4:
        histogram.observe({ a }, 1);
        break;
      case 5:
        counter.remove({ a });
        break;
      case 6:
        gauge.remove({ a, b: '1' });
        break;
      case 7:
        histogram.remove({ a });
        break;
      case 8:
        if (integer(10) > 0) alone.remove();
        else [counter, gauge, histogram][integer(3)]!.clear();
        break;
      case 9:
        alone.inc();
        break;
      default:
        held.delete(a);
        for (let i = integer(20); i > 0; i--) memory.look(); // as if seconds had gone by
    }
    if (step % 7 !== 0) continue;
    const expected = numbersOf((await registry.gather()).filter(({ name }) => !name.startsWith('metrics_client_')));
    assert.deepEqual(numbersOf(readerOf(memory).families()), expected, `step ${step}`);
    for (const announcement of memory.announcements()) lasting.take(announcement);
    // Counts never fall for a reader that has seen them, but gauges are what they are.
    const isOfGauge = (line: string): boolean => /^\["(g|alone)"/.test(line);
    assert.deepEqual(numbersOf(lasting.families()).filter(isOfGauge), expected.filter(isOfGauge), `step ${step}`);
  }
});

test('SharedReader.catchUp() takes many series in slices, and a thread that ends meanwhile', async () => {
  const memory = new SharedMemory();
  const registers = [new MetricsRegistry({ storage: memory, maxSeries: Infinity })];
  const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['id'], registers });
  for (let i = 0; i < 20_000; i++) counter.inc({ id: `${i} ${'é'.repeat(i % 50)}` });
  const reader = readerOf(memory);
  let turns = 0;
  const timer = setInterval(() => turns++);
  const catchingUp = reader.catchUp();
  assert.equal(reader.catchUp(), catchingUp);
  await catchingUp;
  clearInterval(timer);
  assert.ok(turns > 2, `${turns} turns`);
  const [family] = reader.families();
  assert.deepEqual(
    [family!.series.length, new Set(family!.series.map(({ labelValues }) => labelValues[0])).size],
    [20_000, 20_000],
  );

  const other = readerOf(memory);
  const stopped = other.catchUp();
  other.take({ kind: 'ended', threadId: 0 });
  await stopped;
  assert.equal(other.families()[0]!.series.length, 20_000);
});

test('SharedReader has 0 for series in memory that is not announced yet, and then their numbers', async (t) => {
  const warnings = await collectWarnings(t);
  const memory = new SharedMemory();
  const registers = [new MetricsRegistry({ storage: memory })];
  new Counter({ name: 'c_total', help: 'C.', registers }).inc(3);
  new Histogram({ name: 'h', help: 'H.', buckets: [1], registers }).observe(0.5);
  const reader = new SharedReader();
  // A list is shared, but the announcement of a buffer is a message: it may be on its way.
  const [buffers, families] = [[...memory.announcements()], [...memory.announcements()]];
  for (const announcement of families) if (announcement.kind === 'family') reader.take(announcement);
  assert.deepEqual(numbersOf(reader.families()), ['["c_total",[],0]', '["h",[],[[0,0],0]]']);
  for (const announcement of buffers) reader.take(announcement);
  assert.deepEqual(numbersOf(reader.families()), ['["c_total",[],3]', '["h",[],[[1,0],0.5]]']);
  assert.deepEqual(warnings, []);
});

test('SharedReader.catchUp() reports once what it cannot read, and never rejects', async (t) => {
  const warnings = await collectWarnings(t);
  const memory = new SharedMemory();
  new Counter({ name: 'c_total', help: 'C.', registers: [new MetricsRegistry({ storage: memory })] }).inc();
  const list = new SharedArrayBuffer(16);
  new Int32Array(list)[0] = 4;
  new Uint8Array(list).set(Buffer.from('bad\n'), 4);
  const reader = new SharedReader();
  for (const announcement of memory.announcements())
    reader.take(announcement.kind === 'family' ? { ...announcement, list } : announcement);
  await reader.catchUp();
  assert.deepEqual(reader.families(), []);
  await reader.catchUp();
  await turn();
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['METRICS_SHARED_MEMORY'],
  );
});

test('SharedMemory uses the numbers of removed series again, after ten seconds', () => {
  const memory = new SharedMemory();
  const registers = [new MetricsRegistry({ storage: memory, maxSeries: Infinity })];
  const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['id'], registers });
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['id'], registers });
  const held = histogram.labels('held');
  const COUNT = 200;
  let next = 0;
  /** A second with new series, and the removal of those before. */
  const pass = (): void => {
    for (let i = 0; i < COUNT; i++, next++) {
      counter.inc({ id: String(next) });
      histogram.observe({ id: String(next) }, 1);
      if (next < COUNT) continue;
      counter.remove({ id: String(next - COUNT) });
      histogram.remove({ id: String(next - COUNT) });
    }
    memory.look();
  };
  for (let second = 0; second < 12; second++) pass();
  const { bytes } = memory;
  // 12 seconds of 200 series: a counter has one number, a histogram of 11 bounds 14.
  assert.ok(bytes < 2 * 12 * COUNT * (1 + 14) * 8, `${bytes} bytes`);
  for (let second = 0; second < 60; second++) {
    pass();
    held.observe(1);
    if (second === 30) histogram.remove({ id: 'held' });
  }
  assert.equal(memory.bytes, bytes);
  const lists = [...memory.announcements()].flatMap((one) => (one.kind === 'family' ? [one.list.byteLength] : []));
  // Lines of the living, as many of the dead and some more, in a buffer that doubles.
  assert.ok(Math.max(...lists) < 2 * (4 * COUNT + 1000) * '[0,32768,["100000"]]\n'.length, `${lists} bytes`);
  assert.equal(held.count, 29);
  // What lives is what it was.
  const families = readerOf(memory).families();
  const series = new Map(families.map((family) => [family.name, family.series]));
  assert.equal(series.get('c_total')!.length, COUNT);
  for (const { value } of series.get('c_total') as readonly NumberSeries[]) assert.equal(value, 1);
  assert.equal(series.get('h')!.length, COUNT + 1);
});

test('SharedMemory uses the numbers of metrics that no registry has again', () => {
  const memory = new SharedMemory();
  const registry = new MetricsRegistry({ storage: memory, maxSeries: Infinity });
  const registers = [registry];
  const cycle = (): void => {
    const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['id'], registers });
    const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['id'], registers });
    for (let id = 0; id < 200; id++) {
      counter.inc({ id });
      histogram.observe({ id }, 1);
    }
    memory.look();
  };
  for (let time = 0; time < 12; time++) {
    cycle();
    registry.clear();
  }
  const { bytes } = memory;
  for (let time = 0; time < 40; time++) {
    cycle();
    if (time % 2 === 0) registry.clear();
    else for (const name of ['c_total', 'h']) registry.removeSingleMetric(name);
  }
  assert.equal(memory.bytes, bytes);
  cycle();
  for (const { type, series } of readerOf(memory).families()) {
    assert.equal(series.length, 200);
    for (const one of series) {
      if (type === 'counter') assert.equal((one as NumberSeries).value, 1);
      else assert.equal((one as HistogramSeries).sum, 1);
    }
  }
});

test('Shared metrics count on while no registry has them, and show it when one has them again', () => {
  const memory = new SharedMemory();
  const registry = new MetricsRegistry({ storage: memory });
  const registers = [registry];
  const counter = new Counter({ name: 'c_total', help: 'C.', labelNames: ['id'], registers });
  const histogram = new Histogram({ name: 'h', help: 'H.', labelNames: ['id'], buckets: [1], registers });
  const gauge = new Gauge({ name: 'g', help: 'G.', registers });
  const held = histogram.labels('a');
  const update = (): void => {
    counter.inc({ id: 'a' });
    held.observe(1);
    gauge.dec();
  };
  update();
  registry.clear();
  update();
  histogram.remove({ id: 'a' });
  counter.inc({ id: 'b' });
  assert.deepEqual(readerOf(memory).families(), []);
  for (const metric of [counter, histogram, gauge]) registry.register(metric);
  update();
  memory.look(); // which brings back what has been updated
  assert.deepEqual(numbersOf(readerOf(memory).families()), [
    '["c_total",["a"],3]',
    '["c_total",["b"],1]',
    '["g",[],-3]',
    '["h",["a"],[[1,0],1]]',
  ]);
});
