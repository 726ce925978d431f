import type { ParsedType } from '../../parse/parsed-family.ts';
import { HistogramSeries } from './histogram-series.ts';
import { NumberSeries } from './number-series.ts';
import type { Reading } from './reading.ts';
import { HELD_SCRAPES, ScrapeClock } from './scrape-clock.ts';
import type { ScrapedFamily } from './scraped-family.ts';

/** One series over the scrapes that are remembered. */
export type SeriesHistory = NumberSeries | HistogramSeries;

/** One metric family over the scrapes that are remembered. */
export interface FamilyHistory {
  readonly name: string;
  readonly type: ParsedType;
  readonly help: string;
  readonly unit: string;
  /** By their keys, in the order of the exposition; also those that the last scrape did not have. */
  readonly series: ReadonlyMap<string, SeriesHistory>;
}

interface OpenFamily extends FamilyHistory {
  help: string;
  unit: string;
  readonly series: Map<string, SeriesHistory>;
  lastScrape: number;
}

/**
 * What the last scrapes said, family by family. A series that is missing from a scrape is kept for as long as its last
 * value is remembered, so that it goes on where it stopped if it comes back.
 */
export class History {
  readonly clock = new ScrapeClock();
  readonly #families = new Map<string, OpenFamily>();

  /** Takes a scrape of `seconds` on a clock that never goes back. */
  add(seconds: number, families: readonly ScrapedFamily[]): void {
    this.clock.tick(seconds);
    for (const family of families) this.#addFamily(family);
    this.#forget();
  }

  /** The families of the last scrape that have series, in the order of the exposition. */
  families(): FamilyHistory[] {
    const last = this.clock.count - 1;
    return [...this.#families.values()].filter(({ lastScrape, series }) => lastScrape === last && series.size > 0);
  }

  /** The series of a family that the last scrape had. */
  seriesOf({ series }: FamilyHistory): SeriesHistory[] {
    const last = this.clock.count - 1;
    return [...series.values()].filter(({ lastScrape }) => lastScrape === last);
  }

  #addFamily({ name, type, help, unit, readings }: ScrapedFamily): void {
    let family = this.#families.get(name);
    // With another type it is another metric, and its numbers mean something else.
    if (family?.type !== type) {
      this.#families.set(name, (family = { name, type, help, unit, series: new Map(), lastScrape: -1 }));
    }
    family.help = help;
    family.unit = unit;
    family.lastScrape = this.clock.count - 1;
    for (const reading of readings) this.#addReading(family, reading);
  }

  #addReading(family: OpenFamily, reading: Reading): void {
    const { key } = reading;
    let series = family.series.get(key);
    if (reading.kind === 'histogram') {
      if (series?.kind !== 'histogram' || !isSame(series.upperBounds, reading.upperBounds)) {
        family.series.set(key, (series = new HistogramSeries(this.clock, reading)));
      }
      series.add(reading);
    } else {
      if (series === undefined || series.kind === 'histogram') {
        family.series.set(key, (series = new NumberSeries(this.clock, reading)));
      }
      series.add(reading);
    }
  }

  #forget(): void {
    const oldest = this.clock.count - HELD_SCRAPES;
    for (const [name, family] of this.#families) {
      if (family.lastScrape < oldest) this.#families.delete(name);
      else for (const [key, { lastScrape }] of family.series) if (lastScrape < oldest) family.series.delete(key);
    }
  }
}

function isSame(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((bound, i) => bound === right[i]);
}
