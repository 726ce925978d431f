import { History } from '../../lib/page/history/history.ts';
import { readingsOf } from '../../lib/page/history/readings-of.ts';
import type { ScrapedFamily } from '../../lib/page/history/scraped-family.ts';
import { parse } from '../../lib/parse/parse.ts';

/** A history of expositions, one every `intervalSeconds`, the first at second 1000; undefined is one that did not come. */
export function scraped(expositions: readonly (string | undefined)[], intervalSeconds = 5): History {
  const history = new History();
  expositions.forEach((exposition, i) => {
    if (exposition !== undefined) history.add(1000 + i * intervalSeconds, scrapedFamilies(exposition));
  });
  return history;
}

/** What an exposition says, family by family. */
export function scrapedFamilies(exposition: string): ScrapedFamily[] {
  return parse(exposition).map((family) => ({ ...family, readings: readingsOf(family) }));
}
