import type { ParsedType } from '../../parse/parsed-family.ts';
import type { Reading, ScrapedFamily } from './readings.ts';
import { HISTORY_SCRAPES, HistogramSeries, NumberSeries, ScrapeClock } from './series.ts';

/** The history of one series. */
export type SeriesHistory = NumberSeries | HistogramSeries;

/** The history of one metric family. */
export interface FamilyHistory {
  readonly name: string;
  readonly type: ParsedType;
  readonly help: string;
  readonly unit: string;
  /** By key, in the order of the exposition. Includes series that are missing from the last scrape. */
  readonly series: ReadonlyMap<string, SeriesHistory>;
}

interface OpenFamily extends FamilyHistory {
  help: string;
  unit: string;
  readonly series: Map<string, SeriesHistory>;
  lastScrape: number;
}

/**
 * The last scrapes, by family. A series that is missing from a scrape stays until its last value leaves the history, so
 * that it continues where it stopped if it comes back.
 */
export class History {
  readonly clock = new ScrapeClock();
  readonly #families = new Map<string, OpenFamily>();

  /** Adds a scrape, taken at `seconds` on a monotonic clock. */
  add(seconds: number, families: readonly ScrapedFamily[]): void {
    this.clock.tick(seconds);
    for (const family of families) this.#addFamily(family);
    this.#evict();
  }

  /** The families of the last scrape that have series, in the order of the exposition. */
  families(): FamilyHistory[] {
    const last = this.clock.count - 1;
    return [...this.#families.values()].filter(({ lastScrape, series }) => lastScrape === last && series.size > 0);
  }

  /** The family of this name in the last scrape; undefined if it has none. */
  family(name: string): FamilyHistory | undefined {
    const family = this.#families.get(name);
    return family?.lastScrape === this.clock.count - 1 ? family : undefined;
  }

  /** The series of a family in the last scrape. */
  seriesOf({ series }: FamilyHistory): SeriesHistory[] {
    const last = this.clock.count - 1;
    return [...series.values()].filter(({ lastScrape }) => lastScrape === last);
  }

  #addFamily({ name, type, help, unit, readings }: ScrapedFamily): void {
    let family = this.#families.get(name);
    // A family of another type is another metric: its old values do not compare with the new ones.
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

  #evict(): void {
    const oldest = this.clock.count - HISTORY_SCRAPES;
    for (const [name, family] of this.#families) {
      if (family.lastScrape < oldest) this.#families.delete(name);
      else for (const [key, { lastScrape }] of family.series) if (lastScrape < oldest) family.series.delete(key);
    }
  }
}

function isSame(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((bound, i) => bound === right[i]);
}
