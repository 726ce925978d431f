import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Counter, Histogram, MetricsRegistry } from '../../lib/core.ts';
import type { HistogramSeries, NumberSeries } from '../../lib/model/family.ts';
import type { Announcement } from '../../lib/thread/shared/announcements.ts';
import type { SharedHistogramChild } from '../../lib/thread/shared/children.ts';
import { HistogramReader, type LockedNumbers, lockOf } from '../../lib/thread/shared/histogram-lock.ts';
import { SharedMemory } from '../../lib/thread/shared/shared-memory.ts';
import { SharedReader } from '../../lib/thread/shared/shared-reader.ts';
import { collectWarnings } from '../support/collect-warnings.ts';
import { until } from '../support/until.ts';
import { collectWorkers, startThread, textOf, valueOf } from './start-thread.ts';

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** A counter and a histogram in memory of their own, and where the histogram puts copies. */
function createMetrics() {
  const memory = new SharedMemory();
  const registers = [new MetricsRegistry({ storage: memory })];
  const counter = new Counter({ name: 'c_total', help: 'C.', registers }).labels();
  const histogram = new Histogram({ name: 'h', help: 'H.', buckets: [1, 2], registers });
  const child = histogram.labels() as SharedHistogramChild;
  const all: Announcement[] = [...memory.announcements()];
  const { copy } = all.find((one) => one.kind === 'family' && one.description.name === 'h') as {
    readonly copy: { readonly buffer: number; readonly start: number };
  };
  const { buffer } = all.find((one) => one.kind === 'cells' && one.index === copy.buffer) as {
    readonly buffer: SharedArrayBuffer;
  };
  const placeOfCopy: LockedNumbers = {
    start: copy.start,
    count: child.place.count,
    cells: new Float64Array(buffer),
    words: new Int32Array(buffer),
  };
  return { memory, counter, child, placeOfCopy };
}

/** The count of `c_total`, and the buckets and the sum of `h`. */
function readBy(reader: SharedReader): readonly [number, readonly number[], number] {
  const families = reader.families();
  const [counter, histogram] = ['c_total', 'h'].map((name) => families.find((one) => one.name === name)!.series[0]);
  const { bucketCounts, sum } = histogram as HistogramSeries;
  return [(counter as NumberSeries).value, bucketCounts, sum];
}

test('HistogramReader.read() gets a whole copy of a histogram that changes at every moment', () => {
  const { child, placeOfCopy } = createMetrics();
  for (const { observe } of [
    { observe: () => child.observe(1) },
    { observe: () => child.observe(1, { trace_id: 'x' }) },
  ]) {
    let updates = 0;
    const cells = new Proxy(child.place.cells, {
      get(numbers, key) {
        observe(); // as if by another thread, between any two reads
        updates++;
        return Reflect.get(numbers, key);
      },
    });
    const into = new Float64Array(6);
    assert.equal(new HistogramReader().read({ ...child.place, cells }, placeOfCopy, false, into, 1), true);
    const [before, one, two, more, sum, after] = into;
    assert.deepEqual([before, two, more, after], [0, 0, 0, 0]);
    assert.ok(one! > 0 && updates > 0);
    assert.equal(sum, one);
    // Asked for once, and given once.
    assert.equal(child.place.words[lockOf(child.place) + 1], 0);
  }
});

test('HistogramReader.read() leaves out what stands in the middle of a change, and takes it after a second', () => {
  const { child, placeOfCopy } = createMetrics();
  child.observe(1);
  const { words } = child.place;
  const lock = lockOf(child.place);
  words[lock]! |= 1;
  let now = 0;
  const reader = new HistogramReader(() => now);
  const into = new Float64Array(4);
  const read = (isOver = false): boolean => {
    reader.begin();
    return reader.read(child.place, placeOfCopy, isOver, into, 0);
  };
  assert.equal(read(), false);
  now = 999;
  assert.equal(read(), false);
  assert.deepEqual([...into], [0, 0, 0, 0]);
  assert.equal(read(true), true);
  assert.deepEqual([...into], [1, 0, 0, 1]);
  now = 1001;
  assert.equal(read(), true);
  // The next update ends the change, and stays whole for readers.
  child.observe(2);
  assert.equal(words[lock]! & 1, 0);
  assert.equal(read(), true);
  assert.deepEqual([...into], [1, 1, 0, 3]);
  words[lock]! |= 1; // another change
  assert.equal(read(), false);
});

test('A thread that ends in the middle of an observation loses no count, and the rest of it is current', async (t) => {
  const warnings = await collectWarnings(t);
  const { memory, counter, child } = createMetrics();
  counter.inc(3);
  child.observe(1);
  const announcements = [...memory.announcements()];
  const readers = [new SharedReader(), new SharedReader()] as const;
  for (const reader of readers) for (const one of announcements) reader.take(one);
  assert.deepEqual(readBy(readers[0]), [3, [1, 0, 0], 1]);
  counter.inc();
  child.observe(2);
  const lock = lockOf(child.place);
  child.place.words[lock]! |= 1;
  assert.deepEqual(readBy(readers[0]), [4, [1, 0, 0], 1]);
  // One reader has read before, and one has not.
  for (const reader of readers) {
    reader.take({ kind: 'ended', threadId: 0 });
    assert.deepEqual(readBy(reader), [4, [1, 1, 0], 3]);
  }
  assert.deepEqual(warnings, []);
});

test('A worker thread that is terminated while it updates at full speed loses no count', async (t) => {
  const metricsThreads = collectWorkers(t);
  const thread = await startThread(t);
  let reported = 0;
  for (let time = 1; time <= 10; time++) {
    const updates = new SharedArrayBuffer(8);
    const worker = new Worker(new URL(`./shared-worker.${EXTENSION}`, import.meta.url), {
      workerData: { updates: Infinity, counted: updates },
    });
    const counted = new BigInt64Array(updates);
    await until('updates', () => (counted[0]! > 1000n ? true : undefined));
    await worker.terminate();
    reported += Number(counted[0]!);
    const read = async (): Promise<string | undefined> => {
      const text = await textOf(thread, '/metrics');
      // Each update counts itself last: at most one of each thread is not counted there.
      const isDone = [valueOf(text, 'updates_total{parity="even"}')! + valueOf(text, 'updates_total{parity="odd"}')!]
        .concat(valueOf(text, 'values_count')!)
        .every((count) => count >= reported && count <= reported + time);
      return isDone ? text : undefined;
    };
    await until('all updates', read);
    // A metrics thread that starts later has them from the program.
    if (time === 10) await metricsThreads[0]!.terminate();
    await until('all updates', () => read().catch(() => undefined));
  }
});
