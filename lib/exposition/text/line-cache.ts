import type { Family } from '../../model/family.ts';
import { HistogramLines, SummaryLines } from './distribution-lines.ts';
import { type FamilyLines, type LineOptions, type LineStyle, PLAIN } from './family-lines.ts';
import { NumberLines } from './number-lines.ts';

/** Returns what a family caches under a key, made by `make` if need be. */
export function cached<T extends object>(family: Family, key: string, make: () => T): T {
  let value = family.cache.get(key) as T | undefined;
  if (value === undefined) {
    value = make();
    family.cache.set(key, value);
  }
  return value;
}

/** Caches the lines of one family in one style. */
export class LineCache {
  readonly #style: LineStyle;
  readonly #newLines: NewLines;
  #lines: FamilyLines | undefined;
  #options: LineOptions = PLAIN;

  constructor(style: LineStyle, newLines: NewLines = newTextLines) {
    this.#style = style;
    this.#newLines = newLines;
  }

  /** Returns the cache of a family for single numbers without more, which formats of the same sample name share. */
  static shared(family: Family, style: LineStyle): LineCache {
    const labels = [...family.labelNames, ...family.constantLabels.map(([name]) => name)].map((name) =>
      style.names.label(name),
    );
    const key = JSON.stringify([style.sampleName, labels, style.hasPointsFirst]);
    return cached(family, key, () => new LineCache(style));
  }

  /**
   * Returns the lines of a family's series. After a removal the series are another array, which gets other lines: a
   * scrape that is under way goes on with those that it began with.
   */
  linesOf(family: Family, series: Family['series'], options: LineOptions): FamilyLines {
    const { hasExemplars, createdSeconds } = this.#options;
    const isSame = hasExemplars === options.hasExemplars && createdSeconds === options.createdSeconds;
    if (this.#lines === undefined || this.#lines.series !== series || !isSame) {
      this.#lines = this.#newLines(family, this.#style, options);
      this.#options = options;
    }
    return this.#lines;
  }
}

/** Creates what writes the lines of a family. */
export type NewLines = (family: Family, style: LineStyle, options: LineOptions) => FamilyLines;

/** Those of text and OpenMetrics 1.0. */
function newTextLines(family: Family, style: LineStyle, options: LineOptions): FamilyLines {
  switch (family.type) {
    case 'histogram':
    case 'gaugehistogram':
      return new HistogramLines(family, style, options);
    case 'summary':
      return new SummaryLines(family, style, options);
    default:
      return new NumberLines(family, style, options);
  }
}
