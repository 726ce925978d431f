import { setTimeout } from 'node:timers/promises';
import { type Repeat, ROUNDS, sink, startClock, WARM_UP_MILLISECONDS, warmUp } from '../lib/cli/measure.ts';
import type { Measurement } from './case.ts';

/**
 * Measures bytes allocated per operation: the growth of the heap over many operations.
 *
 * Needs `--expose-gc` and a young generation of 512 MB (`--min-semi-space-size`), so that nothing is collected between
 * the two readings. The engine counts the rest of a 256 KB page as used, so a reading is off by that much; where a
 * million operations say "hardly anything", twenty million tell it from nothing.
 */
export async function bytesPerOperation(repeat: Repeat): Promise<Measurement> {
  await warmUp(repeat);
  const count = heapGrowth(repeat, 1_000_000) < 1 ? 20_000_000 : 1_000_000;
  const rounds: number[] = [];
  for (let round = 0; round < 5; round++) rounds.push(Math.round(heapGrowth(repeat, count) * 10) / 10);
  return { rounds };
}

/** One scrape, prepared outside the clock. */
export interface Scrape {
  /** Changes what shall differ from the last scrape; not timed. */
  readonly change: () => void;
  readonly render: () => Promise<Uint8Array>;
  /** Scrapes to average in one round: more than 1 where one is over before the clock can tell. */
  readonly scrapesPerRound: number;
}

/** What {@link timeScrapes} returns: the figures, and the last scrape for the check of its answer. */
export interface TimedScrapes {
  readonly measurement: Measurement;
  readonly lastScrape: Uint8Array;
}

/** Measures milliseconds per scrape, and those of a bare copy of the same bytes in turn with it. */
export async function timeScrapes(scrape: Scrape): Promise<TimedScrapes> {
  let lastScrape = await scrape.render();
  const warmUntil = performance.now() + 2 * WARM_UP_MILLISECONDS;
  for (let scrapes = 0; scrapes < 4 || performance.now() < warmUntil; scrapes++) {
    scrape.change();
    lastScrape = await scrape.render();
  }
  const rounds: number[] = [];
  const floorRounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let milliseconds = 0;
    for (let i = 0; i < scrape.scrapesPerRound; i++) {
      scrape.change();
      const stop = startClock();
      lastScrape = await scrape.render();
      milliseconds += stop();
    }
    rounds.push(milliseconds / scrape.scrapesPerRound);
    floorRounds.push(copyMilliseconds(lastScrape));
  }
  return { measurement: { rounds, floorRounds }, lastScrape };
}

/**
 * Returns the bytes that live on the heap and outside it (array buffers are part of `external`), garbage collected.
 *
 * The memory of dead array buffers, such as those that modules were read into, is given back some time after a collection,
 * and code that no longer runs after several: so it collects until that has settled. After a fixed number of collections one
 * and the same server weighed anything from 800 to 1,130 KB, where it now weighs 963 to 970.
 */
export async function liveBytes(): Promise<number> {
  const readings: number[] = [];
  while (readings.length < MAX_COLLECTIONS) {
    collectGarbage();
    await setTimeout(25);
    const { heapUsed, external } = process.memoryUsage();
    readings.push(heapUsed + external);
    const last = readings.slice(-8);
    if (readings.length > 10 && Math.max(...last) - Math.min(...last) < 4096) break;
  }
  return readings.at(-1)!;
}

const MAX_COLLECTIONS = 80;

/** Runs a full collection; the process needs `--expose-gc`. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new TypeError('Cannot collect garbage: expected node --expose-gc, got none.');
  void globalThis.gc();
}

function heapGrowth(repeat: Repeat, count: number): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  repeat(count);
  return (process.memoryUsage().heapUsed - before) / count;
}

let copyTarget = new Uint8Array(0);

function copyMilliseconds(bytes: Uint8Array): number {
  if (copyTarget.length < bytes.length) copyTarget = new Uint8Array(bytes.length);
  // Small scrapes are copied many times, 4 MB in all, so that the clock can tell.
  const copies = Math.max(1, Math.round(4e6 / bytes.length));
  copyTarget.set(bytes);
  const stop = startClock();
  for (let i = 0; i < copies; i++) copyTarget.set(bytes);
  const milliseconds = stop() / copies;
  sink(copyTarget[bytes.length >> 1] ?? 0);
  return milliseconds;
}
