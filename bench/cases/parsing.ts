import type { Case } from '../case.ts';
import { timeScrapes } from '../harness.ts';
import { entryUrl } from '../library.ts';
import { OPENMETRICS } from '../total.ts';
import { fillCounters } from './scrapes.ts';

const SERIES = 100_000;
const NAME = 'bench_requests_total';

interface ParseModule {
  parse(
    text: Uint8Array,
    contentType?: string,
  ): readonly { readonly samples: readonly { readonly name: string; readonly value: number }[] }[];
}

/** Milliseconds to parse the scrape of as many counters as the encoders are measured with. */
export const parsingCases: readonly Case[] = [
  { name: 'parsing 100,000 counters', accept: undefined },
  { name: 'parsing 100,000 counters (OpenMetrics)', accept: OPENMETRICS },
].map(({ name, accept }) => ({
  figures: [{ name, unit: 'ms', target: {}, isGuarded: true }],
  isForPeers: false,
  run: async (library) => {
    const { parse } = (await import(entryUrl(library.name, './parse'))) as ParseModule;
    const registry = new library.Registry();
    const { change, expected } = fillCounters(library, registry, SERIES, 1);
    const render = library.scraperOf(registry, accept);
    let exposition = await render();
    let families = parse(exposition, accept);
    const { measurement } = await timeScrapes({
      change: () => {},
      render: async () => {
        families = parse(exposition, accept);
        return exposition;
      },
      scrapesPerRound: 1,
    });
    change();
    exposition = await render();
    families = parse(exposition, accept);
    const total = families[0]!.samples.reduce((sum, sample) => (sample.name === NAME ? sum + sample.value : sum), 0);
    if (total !== expected())
      throw new RangeError(`Cannot trust "${name}": expected a sum of ${expected()}, got ${total}.`);
    return { [name]: measurement };
  },
}));
