import { Agent, get } from 'node:http';
import { type ParsedFamily, parseExposition } from '../support/parse-exposition.ts';
import { scrapeFaults } from '../support/scrape-faults.ts';
import type { Scale, SoakPart, SoakResult } from './soak-part.ts';
import { startTarget } from './start-target.ts';

const SCRAPERS = 100;
const UPDATES_PER_SECOND = 1_000_000;
/** What the heap may grow while nothing new is kept: the engine's own caches and statistics. */
const GROWTH_BYTES = 2_000_000;

/** A hundred scrapers at once beside a million updates a second. */
export const scrapers: SoakPart = { name: '100 scrapers beside 1,000,000 updates a second', run };

async function run(scale: Scale): Promise<SoakResult> {
  const seconds = scale === 'full' ? 60 : 6;
  const limits = { maxScrapesInFlight: SCRAPERS };
  const target = await startTarget({ kind: 'metrics', updatesPerSecond: UPDATES_PER_SECOND, server: { limits } });
  const agent = new Agent({ keepAlive: true, maxSockets: SCRAPERS });
  try {
    const faults = new Set<string>();
    let scrapes = 0;
    const scrapeUntil = async (end: number) => {
      let last: readonly ParsedFamily[] = [];
      while (performance.now() < end) {
        const families = parseExposition(await fetchText(target.url, agent));
        for (const fault of scrapeFaults(last, families)) faults.add(fault);
        last = families;
        scrapes++;
      }
    };
    const scrapeFor = (duration: number) => {
      const end = performance.now() + duration * 1000;
      return Promise.all(Array.from({ length: SCRAPERS }, () => scrapeUntil(end)));
    };
    // Until the code is compiled and the buffers have their size.
    await scrapeFor(Math.min(5, seconds / 2));
    const before = await target.state();
    const startedAt = performance.now();
    scrapes = 0;
    await scrapeFor(seconds);
    const tookSeconds = (performance.now() - startedAt) / 1000;
    const after = await target.state();
    const updatesPerSecond = (after.updates - before.updates) / tookSeconds;
    const growth = after.heapBytes - before.heapBytes;
    if (growth > GROWTH_BYTES) faults.add(`the heap grew by ${growth} bytes`);
    if (updatesPerSecond < UPDATES_PER_SECOND * 0.95)
      faults.add(`only ${updatesPerSecond.toFixed(0)} updates a second`);
    return {
      figures: [
        ['scrapes, each parsed and compared with the one before', `${scrapes} in ${tookSeconds.toFixed(0)} s`],
        ['updates a second', updatesPerSecond.toFixed(0)],
        ['growth of the live heap', `${(growth / 1024).toFixed(0)} KiB of ${(before.heapBytes / 1024).toFixed(0)}`],
      ],
      faults: [...faults].slice(0, 10),
    };
  } finally {
    agent.destroy();
    await target.stop();
  }
}

function fetchText(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${url}/metrics`, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`Cannot scrape: expected 200, got ${response.statusCode} ${text}`));
      });
    }).on('error', reject);
  });
}
