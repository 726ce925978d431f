import { History } from '../../lib/page/history/history.ts';
import { readingsOf, type ScrapedFamily } from '../../lib/page/history/readings.ts';
import { parse } from '../../lib/parse/parse.ts';

/** A history of expositions, one every `intervalSeconds` from second 1000 on; undefined is a failed scrape. */
export function scraped(expositions: readonly (string | undefined)[], intervalSeconds = 5): History {
  const history = new History();
  expositions.forEach((exposition, i) => {
    if (exposition !== undefined) history.add(1000 + i * intervalSeconds, scrapedFamilies(exposition));
  });
  return history;
}

/** The families of an exposition. */
export function scrapedFamilies(exposition: string): ScrapedFamily[] {
  return parse(exposition).map((family) => ({ ...family, readings: readingsOf(family) }));
}
