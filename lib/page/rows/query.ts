import type { FamilyHistory, SeriesHistory } from '../history/history.ts';

/** What is searched for: words that all have to occur, in a metric's name and help or in a series' labels. */
export class Query {
  readonly #words: readonly string[];

  /** Case and quotes do not count, so a copied `strategy="swing"` finds what `strategy=swing` does. */
  constructor(text: string) {
    this.#words = plain(text)
      .split(/[\s,{}]+/)
      .filter((word) => word !== '');
  }

  /** Whether there is nothing to search for, so that everything matches. */
  get isEmpty(): boolean {
    return this.#words.length === 0;
  }

  /** The series of a family that match: all, if its name and help have every word. */
  matches(family: FamilyHistory, series: readonly SeriesHistory[]): readonly SeriesHistory[] {
    const head = plain(`${family.name} ${family.help}`);
    const wanted = this.#words.filter((word) => !head.includes(word));
    if (wanted.length === 0) return series;
    return series.filter((one) => {
      const text = plain(`${one.name} ${one.labels.map(([label, value]) => `${label}=${value}`).join(' ')}`);
      return wanted.every((word) => text.includes(word));
    });
  }
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll('"', '');
}
