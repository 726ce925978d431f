import type { Family } from '../../model/family.ts';
import type { NameScheme } from '../names/name-scheme.ts';
import { HistogramLines } from './histogram-lines.ts';
import { NumberLines } from './number-lines.ts';
import type { SeriesLines } from './series-lines.ts';
import { SummaryLines } from './summary-lines.ts';

/** The lines of a family. */
export type FamilyLines = NumberLines | SeriesLines;

/** The suffixes of the lines of a histogram's sum and count. */
export type TotalSuffixes = readonly [sum: string, count: string];

/** The suffixes that all formats have, but for the gauge histograms of OpenMetrics. */
export const SUM_AND_COUNT: TotalSuffixes = ['_sum', '_count'];

/**
 * The lines of one family under one set of names. Formats that write the same lines share them, so that what is kept of
 * them is kept once, whichever format the next scraper asks for.
 */
export class KeptFamilyLines {
  readonly #sampleName: string;
  readonly #names: NameScheme;
  readonly #suffixes: TotalSuffixes;
  #lines: FamilyLines | undefined;

  constructor(sampleName: string, names: NameScheme, suffixes: TotalSuffixes) {
    this.#sampleName = sampleName;
    this.#names = names;
    this.#suffixes = suffixes;
  }

  /** The kept lines of a family; `sampleName` is that of its lines, escaped, to which a histogram adds its suffixes. */
  static of(family: Family, sampleName: string, names: NameScheme, suffixes: TotalSuffixes): KeptFamilyLines {
    const labels = [...family.labelNames, ...family.constantLabels.map(([name]) => name)].map((name) => names.label(name));
    const key = JSON.stringify([sampleName, suffixes, labels]);
    const known = family.memo.get(key) as KeptFamilyLines | undefined;
    if (known !== undefined) return known;
    const lines = new KeptFamilyLines(sampleName, names, suffixes);
    family.memo.set(key, lines);
    return lines;
  }

  /**
   * Returns the lines of the family's series. After a removal the series are another array and get lines of their own:
   * a scrape that is under way goes on with those that it began with.
   */
  linesOf(family: Family): FamilyLines {
    if (this.#lines?.series !== family.series) this.#lines = this.#newLines(family);
    return this.#lines!;
  }

  #newLines(family: Family): FamilyLines {
    switch (family.type) {
      case 'histogram':
      case 'gaugehistogram':
        return new HistogramLines(this.#sampleName, family, this.#names, this.#suffixes);
      case 'summary':
        return new SummaryLines(this.#sampleName, family, this.#names);
      default:
        return new NumberLines(this.#sampleName, family, this.#names);
    }
  }
}
