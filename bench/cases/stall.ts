import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { quantileOf } from '../../lib/cli/measure.ts';
import { actAsApplication } from '../application.ts';
import type { Case } from '../case.ts';
import type { Download } from '../download.ts';
import { collectGarbage } from '../harness.ts';
import type { Library } from '../library.ts';
import { fillCounters } from './scrapes.ts';

const runFile = promisify(execFile);

/**
 * What the serving process feels while a client in another process downloads `/metrics`: the delay of a 1 ms interval,
 * and the growth of its resident memory. The floor is what it feels while a bare node:http server sends as many bytes
 * from memory: what the machine, the client and the sockets do to it by themselves.
 */
export const stallCases: readonly Case[] = [
  stallCase('100,000 series', 100_000, { longest: 3, p99: 2 }),
  stallCase('1,000,000 series', 1_000_000, { longest: 8, p99: 2, residentMegabytes: 20 }),
];

/** The first scrape finds cold code and composes its lines; the later ones find them. */
export const SCRAPES = 3;

/** About what a line of the served counter takes. */
export const LINE_BYTES = 70;

interface Limits {
  readonly longest: number;
  readonly p99: number;
  readonly residentMegabytes?: number;
}

function stallCase(size: string, seriesCount: number, limits: Limits): Case {
  const longest = `longest stall while serving ${size}`;
  const p99 = `p99 of the loop's delay while serving ${size}`;
  const firstGrowth = `resident growth while first serving ${size}`;
  const laterGrowth = `resident growth while serving ${size} again`;
  const residentTarget = limits.residentMegabytes === undefined ? {} : { atMost: limits.residentMegabytes };
  return {
    figures: [
      { name: longest, unit: 'ms', target: { atMost: limits.longest }, isGuarded: false },
      { name: p99, unit: 'ms', target: { atMost: limits.p99 }, isGuarded: false },
      { name: firstGrowth, unit: 'MB', target: residentTarget, isGuarded: false },
      { name: laterGrowth, unit: 'MB', target: residentTarget, isGuarded: false },
    ],
    isForPeers: true,
    nodeFlags: ['--expose-gc', '--max-old-space-size=12000'],
    processRounds: 3,
    run: async (library) => {
      const { felt, bare } = await serveAndRecord(library, seriesCount);
      const growths = felt.map(({ residentGrowth }) => residentGrowth);
      return {
        // The worst of the scrapes counts, the first and cold one among them.
        [longest]: { rounds: [Math.max(...felt.map(longestOf))], floorRounds: [Math.max(...bare.map(longestOf))] },
        [p99]: { rounds: [Math.max(...felt.map(p99Of))], floorRounds: [Math.max(...bare.map(p99Of))] },
        [firstGrowth]: { rounds: growths.slice(0, 1) },
        [laterGrowth]: { rounds: [Math.max(...growths.slice(1))] },
      };
    },
  };
}

/** The effect of one download or push on the process: delays in milliseconds, memory growth in megabytes. */
export interface Felt {
  readonly delays: readonly number[];
  readonly residentGrowth: number;
}

/** The longest delay. */
export function longestOf({ delays }: Felt): number {
  return Math.max(...delays);
}

/** The delay that one in a hundred exceeds. */
export function p99Of({ delays }: Felt): number {
  return quantileOf(delays, 0.99);
}

async function serveAndRecord(library: Library, seriesCount: number): Promise<{ felt: Felt[]; bare: Felt[] }> {
  await actAsApplication(library);
  const registry = new library.Registry();
  const { change } = fillCounters(library, registry, seriesCount, 1);
  const url = await library.serve(registry);
  // The bare server goes first: what node:http needs to get going in this process is not the library's doing.
  const bareUrl = await serveBytes(Buffer.alloc(seriesCount * LINE_BYTES, 'bare\n'));
  const bare: Felt[] = [];
  for (let i = 0; i < SCRAPES; i++) bare.push(await feltWhileDownloading(bareUrl));
  const felt: Felt[] = [];
  for (let i = 0; i < SCRAPES; i++) {
    change();
    const { download, ...rest } = await feltWhileDownloading(url);
    if (download.lineCount < seriesCount) {
      throw new RangeError(
        `Cannot trust the stall of ${library.name}: expected ${seriesCount} lines, got ${download.lineCount}.`,
      );
    }
    felt.push(rest);
  }
  return { felt, bare };
}

async function serveBytes(bytes: Buffer): Promise<string> {
  const server = createServer((_request, response) => response.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Downloads a URL by another process. */
export async function feltWhileDownloading(url: string): Promise<Felt & { readonly download: Download }> {
  collectGarbage();
  await setTimeout(200);
  const stopRecording = recordDelays();
  const download = await downloadElsewhere(url);
  return { download, ...feltDuring(download, stopRecording()) };
}

async function downloadElsewhere(url: string): Promise<Download> {
  const client = fileURLToPath(new URL('../download.js', import.meta.url));
  const { stdout } = await runFile(process.execPath, [client, url]);
  return JSON.parse(stdout) as Download;
}

/** One firing of the interval: when, how late, and how much memory was resident. Times in milliseconds. */
interface Tick {
  readonly at: number;
  readonly delay: number;
  readonly resident: number;
}

/** Starts an interval of 1 ms; returns the function that stops it and returns its ticks. */
export function recordDelays(): () => readonly Tick[] {
  const ticks: Tick[] = [];
  let last = performance.now();
  const interval = setInterval(() => {
    const now = performance.now();
    ticks.push({ at: performance.timeOrigin + now, delay: now - last - 1, resident: process.memoryUsage.rss() });
    last = now;
  }, 1);
  return () => {
    clearInterval(interval);
    return ticks;
  };
}

/** Picks what was felt between two Unix times in milliseconds. */
export function feltDuring(download: Pick<Download, 'start' | 'end'>, ticks: readonly Tick[]): Felt {
  // A stall that hides the end of the download shows in the first tick after it.
  const end = ticks.findIndex(({ at }) => at > download.end) + 1;
  const during = ticks.slice(0, end === 0 ? undefined : end).filter(({ at }) => at >= download.start);
  const before = ticks.findLast(({ at }) => at < download.start)?.resident ?? during[0]!.resident;
  return {
    delays: during.map(({ delay }) => Math.max(0, delay)),
    residentGrowth: (Math.max(...during.map(({ resident }) => resident)) - before) / 2 ** 20,
  };
}
