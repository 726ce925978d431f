import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Repeat, timeOperations } from '../../lib/cli/measure.ts';
import { Counter, Histogram, MetricsRegistry } from '../../lib/core.ts';
import { type MetricsThread, sharedMemory, startMetricsThread } from '../../lib/thread/index.ts';
import type { Case, Measurement } from '../case.ts';
import { VALUES_LENGTH } from '../floors.ts';
import { bytesPerOperation } from '../harness.ts';
import { type Felt, feltWhileDownloading, LINE_BYTES, longestOf, p99Of, SCRAPES } from './stall.ts';
import { observedValues } from './updates.ts';

// Metrics in shared memory, and scrapes that a metrics thread answers.

const INC = 'held shared counter child inc()';
const OBSERVE = 'held shared histogram child observe(v)';

/** Updates in shared memory. The floor is the same update of a metric that is not shared, in the same process. */
const sharedUpdateCases: readonly Case[] = [updateCase(INC, 2), updateCase(OBSERVE, 2)].flat();

function updateCase(name: string, timesFloor: number): readonly Case[] {
  const allocated = `allocated by ${name}`;
  return [
    {
      figures: [{ name, unit: 'ns', target: { timesFloor }, isGuarded: true }],
      isForPeers: false,
      run: async () => ({ [name]: await runUpdate(name, timeOperations) }),
    },
    {
      figures: [{ name: allocated, unit: 'B', target: { atMost: 0 }, isGuarded: true }],
      isForPeers: false,
      nodeFlags: ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'],
      run: async () => ({ [allocated]: await runUpdate(name, bytesPerOperation) }),
    },
  ];
}

async function runUpdate(
  name: string,
  measure: (repeat: Repeat, floor: Repeat) => Promise<Measurement>,
): Promise<Measurement> {
  const values = observedValues();
  const [shared, plain] = [{ storage: sharedMemory() }, {}].map((storage, i) => {
    const options = { help: 'Measured.', labelNames: ['method'], registers: [], ...storage };
    const counter = new Counter({ ...options, name: `bench_${i}_total` }).labels('GET');
    const histogram = new Histogram({ ...options, name: `bench_${i}_seconds` }).labels('GET');
    const repeat: Repeat =
      name === INC
        ? (count) => {
            for (let n = 0; n < count; n++) counter.inc();
          }
        : (count) => {
            for (let n = 0; n < count; n++) histogram.observe(values[n & (VALUES_LENGTH - 1)]! * 1.0001);
          };
    return { repeat, read: () => (name === INC ? counter.value : histogram.count) };
  });
  let updates = 0;
  const measurement = await measure((count) => {
    shared!.repeat(count);
    updates += count;
  }, plain!.repeat);
  if (shared!.read() !== updates)
    throw new RangeError(`Cannot trust "${name}": expected ${updates} updates, got ${shared!.read()}.`);
  return measurement;
}

/**
 * What the program's loop feels while a client in another process scrapes its metrics thread. The floor is what it feels while
 * another thread serves as many bytes from memory.
 */
const threadStallCases: readonly Case[] = [100_000, 1_000_000].flatMap((seriesCount) => [
  stallCase('shared', seriesCount),
  stallCase('reported', seriesCount),
]);

function stallCase(kind: 'shared' | 'reported', seriesCount: number): Case {
  const of = `while a thread serves ${seriesCount.toLocaleString('en')} ${kind} series`;
  const longest = `longest stall ${of}`;
  const p99 = `p99 of the loop's delay ${of}`;
  const limits = kind === 'shared' ? { longest: 1, p99: 1 } : { longest: 3, p99: 2 };
  return {
    figures: [
      { name: longest, unit: 'ms', target: { atMost: limits.longest }, isGuarded: false },
      { name: p99, unit: 'ms', target: { atMost: limits.p99 }, isGuarded: false },
    ],
    isForPeers: false,
    nodeFlags: ['--expose-gc', '--max-old-space-size=8000'],
    processRounds: 3,
    run: async () => {
      const { felt, bare } = await serveAndRecord(kind, seriesCount);
      return {
        [longest]: { rounds: felt.map(longestOf), floorRounds: bare.map(longestOf) },
        [p99]: { rounds: felt.map(p99Of), floorRounds: bare.map(p99Of) },
      };
    },
  };
}

async function serveAndRecord(
  kind: 'shared' | 'reported',
  seriesCount: number,
): Promise<{ felt: Felt[]; bare: Felt[] }> {
  const registry = new MetricsRegistry(kind === 'shared' ? { storage: sharedMemory() } : {});
  const labelNames = ['method', 'route'] as const;
  const options = { help: 'Requests.', labelNames, maxSeries: Infinity, registers: [registry] };
  const counter = new Counter({ ...options, name: 'bench_requests_total' });
  const children = Array.from({ length: seriesCount }, (_, i) => counter.labels(`method${i % 10}`, `/api/route/${i}`));
  const thread = await startThread(registry);
  const bare = new Worker(BARE_SERVER, { eval: true, workerData: seriesCount * LINE_BYTES });
  const [port] = (await once(bare, 'message')) as [number];
  // The first of each finds cold code, and the series, in the thread.
  const felt: Felt[] = [];
  const feltBare: Felt[] = [];
  for (let scrape = 0; scrape <= SCRAPES; scrape++) {
    for (const child of children) child.inc();
    const byBare = await feltWhileDownloading(`http://127.0.0.1:${port}/`);
    const { download, ...rest } = await feltWhileDownloading(`${thread.url}/metrics`);
    if (download.lineCount < seriesCount)
      throw new RangeError(`Cannot trust the stall: expected ${seriesCount} lines, got ${download.lineCount}.`);
    if (scrape === 0) continue;
    feltBare.push(byBare);
    felt.push(rest);
  }
  await bare.terminate();
  await thread.close();
  return { felt, bare: feltBare };
}

const BARE_SERVER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const bytes = Buffer.alloc(workerData, 'bare\\n');
  const server = require('node:http').createServer((_request, response) => response.end(bytes));
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;

function startThread(registry: MetricsRegistry): Promise<MetricsThread> {
  return startMetricsThread({ port: 0, host: '127.0.0.1', registry, selfMetrics: false, drainTimeoutSeconds: 0 });
}

const WORKERS = 8;
const SERIES_PER_WORKER = 10_000;
const FIRST = `first scrape of ${WORKERS} worker threads with 10,000 shared series each`;
const LATER = `scrape of ${WORKERS} worker threads with 10,000 shared series each`;

const workerCases: readonly Case[] = [
  {
    figures: [
      { name: FIRST, unit: 'ms', target: {}, isGuarded: false },
      { name: LATER, unit: 'ms', target: { atMost: 50 }, isGuarded: false },
    ],
    isForPeers: false,
    processRounds: 3,
    run: async () => {
      const thread = await startThread(new MetricsRegistry());
      const file = new URL('../counting-thread.js', import.meta.url);
      const workerData = { seriesCount: SERIES_PER_WORKER };
      const workers = Array.from({ length: WORKERS }, () => new Worker(file, { workerData }));
      const rounds: number[] = [];
      for (let counted = 1; counted <= 16; counted++) {
        for (const worker of workers) worker.postMessage('count');
        await Promise.all(workers.map((worker) => once(worker, 'message')));
        await setTimeout(20);
        const start = performance.now();
        const text = await (await fetch(`${thread.url}/metrics`)).text();
        rounds.push(performance.now() - start);
        const sums = [...text.matchAll(/^bench_jobs_total\S+ (\d+)$/gm)].map(([, sum]) => Number(sum));
        if (sums.length !== SERIES_PER_WORKER || sums.some((sum) => sum !== WORKERS * counted))
          throw new RangeError(`Cannot trust "${LATER}": expected sums of ${WORKERS * counted}, got others.`);
      }
      await Promise.all(workers.map((worker) => worker.terminate()));
      await thread.close();
      return { [FIRST]: { rounds: rounds.slice(0, 1) }, [LATER]: { rounds: rounds.slice(6) } };
    },
  },
];

/** Every case of the metrics thread. */
export const threadCases: readonly Case[] = [...sharedUpdateCases, ...threadStallCases, ...workerCases];
