import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Counter, MetricsRegistry } from '../../lib/core.ts';
import type { NumberSeries } from '../../lib/model/family.ts';
import type { Announcement } from '../../lib/thread/shared/announcements.ts';
import { SharedMemory } from '../../lib/thread/shared/shared-memory.ts';
import { SharedReader } from '../../lib/thread/shared/shared-reader.ts';
import { turn } from '../support/turn.ts';
import { until } from '../support/until.ts';
import { collectWorkers, startThread, textOf, valueOf } from './start-thread.ts';

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** What a thread with a counter `c_total` announces. */
function announcementsOf(value: number): readonly Announcement[] {
  const memory = new SharedMemory();
  new Counter({ name: 'c_total', help: 'C.', registers: [new MetricsRegistry({ storage: memory })] }).inc(value);
  return [...memory.announcements()];
}

function totalOf(reader: SharedReader): number | undefined {
  return (reader.families()[0]?.series[0] as NumberSeries | undefined)?.value;
}

test('SharedReader.takeMissed() counts each thread once, whatever came before it', () => {
  const ended = { kind: 'ended', threadId: 0 } as const;
  const all = announcementsOf(3);
  const first = all.slice(0, 1);
  const cases: readonly (readonly [heard: readonly Announcement[], missed: readonly Announcement[]])[] = [
    [[], all],
    [all, all],
    [all, []],
    [first, all],
    // Main sends what was missed before or after it learns of the end, and the channel may be slower or faster.
    [[], [...all, ended]],
    [[ended], [...all, ended]],
    [
      [...all, ended],
      [...all, ended],
    ],
    [[...all, ended], all],
    [[...first, ended], all],
    [[ended], all],
  ];
  for (const [heard, missed] of cases) {
    const reader = new SharedReader(true);
    for (const one of heard) reader.take(one);
    reader.takeMissed(missed);
    assert.equal(totalOf(reader), 3);
    reader.take(ended);
    assert.equal(totalOf(reader), 3);
  }
});

test('Worker threads that end while the metrics thread is restarted lose no count', async (t) => {
  const workers = collectWorkers(t);
  const thread = await startThread(t);
  const others = new Set<Worker>();
  let isOver = false;
  let count = 0;
  const startAndEnd = async (): Promise<void> => {
    while (!isOver) {
      count++;
      const file = new URL(`./shared-worker.${EXTENSION}`, import.meta.url);
      const worker = new Worker(file, { workerData: { updates: 100 } });
      others.add(worker);
      await once(worker, 'exit');
    }
  };
  const endless = [startAndEnd(), startAndEnd()];
  for (let time = 0; time < 4; time++) {
    const own = await until('a metrics thread', () =>
      workers.find((worker) => !others.has(worker) && worker.threadId !== -1),
    );
    await own.terminate();
    const before = count;
    await until('other threads', () => count > before + 4 || undefined);
  }
  isOver = true;
  await Promise.all(endless);
  const total = async (): Promise<number> => {
    const text = await textOf(thread, '/metrics');
    const [even, odd] = ['even', 'odd'].map((parity) => valueOf(text, `updates_total{parity="${parity}"}`));
    assert.equal(valueOf(text, 'values_count'), even! + odd!);
    return even! + odd!;
  };
  await until('all counts', async () => (await total().catch(() => 0)) === count * 100 || undefined);
});

test('A worker thread with shared metrics may end after the metrics thread was closed', async (t) => {
  const thread = await startThread(t);
  const updates = new SharedArrayBuffer(8);
  const workerData = { updates: Infinity, counted: updates };
  const worker = new Worker(new URL(`./shared-worker.${EXTENSION}`, import.meta.url), { workerData });
  await until('updates', async () => (await textOf(thread, '/metrics')).includes('updates_total') || undefined);
  await thread.close();
  const failures: unknown[] = [];
  const listen = (error: unknown): void => void failures.push(error);
  process.on('uncaughtException', listen);
  t.after(() => process.off('uncaughtException', listen));
  await worker.terminate();
  await turn();
  assert.deepEqual(failures, []);
});
