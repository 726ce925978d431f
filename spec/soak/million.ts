import { get } from 'node:http';
import type { Scale, SoakPart, SoakResult } from './soak-part.ts';
import { startTarget } from './start-target.ts';

const SERIES = 1_000_000;
const MOST_MILLISECONDS = 50;

/** What else the machine does can only make an answer later: it is late when it is so on each of these servers. */
const ATTEMPTS = 3;

/**
 * `/health` and `/ready` while a scrape of a million series runs, the first one, which writes all lines, among them. An idle
 * server is asked in turn: what it takes, on a machine that is busy with other things, is not the scrape's doing.
 */
export const million: SoakPart = { name: '/health and /ready beside a scrape of 1,000,000 series', run };

async function run(scale: Scale): Promise<SoakResult> {
  const figures: [what: string, value: string][] = [];
  let faults: string[] = [];
  for (let attempt = 1; attempt === 1 || (faults.length > 0 && attempt <= ATTEMPTS); attempt++) {
    const result = await askBesideScrapes(scale, attempt === 1 ? '' : `, server ${attempt}`);
    for (const [what, value] of result.figures) figures.push([what, value]);
    faults = [...result.faults];
  }
  return { figures, faults };
}

/** Scrapes a fresh server some times, and asks it meanwhile. */
async function askBesideScrapes(scale: Scale, label: string): Promise<SoakResult> {
  const target = await startTarget({ kind: 'metrics', series: SERIES });
  const idle = await startTarget({ kind: 'bare' });
  try {
    const figures: [string, string][] = [];
    const faults: string[] = [];
    for (const ordinal of ['first', 'second', 'third'].slice(0, scale === 'full' ? 3 : 2)) {
      const name = `${ordinal} scrape${label}`;
      const times: number[] = [];
      const idleTimes: number[] = [];
      let bytes: number | undefined;
      const startedAt = performance.now();
      const scraping = fetchLength(`${target.url}/metrics`).then((length) => (bytes = length));
      while (bytes === undefined) {
        for (const path of ['/health', '/ready']) times.push(await timeOf(target.url + path));
        idleTimes.push(await timeOf(idle.url));
      }
      await scraping;
      const slowest = Math.max(...times);
      const slowestIdle = Math.max(...idleTimes);
      const took = ((performance.now() - startedAt) / 1000).toFixed(1);
      figures.push([`${name}: ${(bytes / 1e6).toFixed(0)} MB`, `${took} s`]);
      const slow = `${slowest.toFixed(1)}, ${slowestIdle.toFixed(1)} ms`;
      figures.push([`${name}: slowest of ${times.length} answers, of ${idleTimes.length} by the idle server`, slow]);
      if (slowest > MOST_MILLISECONDS + slowestIdle) faults.push(`${name}: an answer took ${slowest.toFixed(0)} ms`);
    }
    return { figures, faults };
  } finally {
    await Promise.all([target.stop(), idle.stop()]);
  }
}

async function timeOf(url: string): Promise<number> {
  const askedAt = performance.now();
  await fetchLength(url);
  return performance.now() - askedAt;
}

function fetchLength(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => (length += chunk.length));
      response.on('error', reject);
      response.on('end', () => resolve(length));
    }).on('error', reject);
  });
}
