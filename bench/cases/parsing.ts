import type { Case } from '../case.ts';
import { timeScrapes } from '../harness.ts';
import { entryUrl, type Library } from '../library.ts';
import { OPENMETRICS } from '../total.ts';
import { fillCounters, fillHistograms } from './scrapes.ts';

interface ParseModule {
  parse(
    text: Uint8Array,
    contentType?: string,
  ): readonly { readonly samples: readonly { readonly name: string; readonly value: number }[] }[];
}

const FORMATS = [
  { title: '', accept: undefined },
  { title: ' (OpenMetrics)', accept: OPENMETRICS },
];

/** Milliseconds to parse the scrape of as many series as the encoders are measured with: one line, and fourteen, for each. */
export const parsingCases: readonly Case[] = [
  {
    name: 'parsing 100,000 counters',
    fill: (library: Library, registry: object) => fillCounters(library, registry, 100_000, 1),
  },
  { name: 'parsing 10,000 histogram children', fill: fillHistograms },
].flatMap(({ name, fill }) => FORMATS.map(({ title, accept }) => caseOf(name + title, fill, accept)));

function caseOf(name: string, fill: typeof fillHistograms, accept: string | undefined): Case {
  return {
    figures: [{ name, unit: 'ms', target: {}, isGuarded: true }],
    isForPeers: false,
    run: async (library) => {
      const { parse } = (await import(entryUrl(library.name, './parse'))) as ParseModule;
      const registry = new library.Registry();
      const { change, expected, sampleName } = fill(library, registry);
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
      const total = families[0]!.samples.reduce((sum, { name, value }) => (name === sampleName ? sum + value : sum), 0);
      if (total !== expected())
        throw new RangeError(`Cannot trust "${name}": expected a sum of ${expected()}, got ${total}.`);
      return { [name]: measurement };
    },
  };
}
