import type { Row, SeriesRow } from './rows.ts';

/** Labels with more characters take two lines beside the chart, on a page 360 pixels wide. */
const LONG_LABELS = 24;

/** Returns the height of a row in pixels, matching the style sheets. On narrow pages, numbers are below names. */
export function rowHeight(row: Row, isNarrow: boolean): number {
  switch (row.kind) {
    case 'group':
      return 48;
    case 'family':
      return 52;
    case 'series':
      return isNarrow ? narrowHeight(row) : row.isAlone || row.series.kind === 'histogram' ? 52 : 40;
    case 'detail':
      return (row.series.kind === 'histogram' ? 270 : 186) + (isNarrow ? 150 : 0);
  }
}

function narrowHeight({ isAlone, series }: SeriesRow): number {
  const length = series.labels.reduce((sum, [name, value]) => sum + name.length + value.length + 2, 0);
  return isAlone || length > LONG_LABELS ? 98 : 76;
}

/** The positions of rows in a list that draws only the visible ones. */
export class RowLayout {
  /** The top of each row, then the height of the list. */
  readonly #tops: Float64Array;

  /** Takes the heights of the rows in pixels, top to bottom. */
  constructor(heights: readonly number[]) {
    this.#tops = new Float64Array(heights.length + 1);
    for (const [i, height] of heights.entries()) this.#tops[i + 1] = this.#tops[i]! + height;
  }

  /** Height of the list. */
  get height(): number {
    return this.#tops.at(-1)!;
  }

  /** Distance of a row from the top of the list. */
  topOf(row: number): number {
    return this.#tops[row]!;
  }

  /** The rows that are at least partly between two distances: from `first` to before `end`. */
  between(top: number, bottom: number): { readonly first: number; readonly end: number } {
    const count = this.#tops.length - 1;
    const first = Math.min(this.#firstEndingAfter(top), count);
    let end = first;
    while (end < count && this.#tops[end]! < bottom) end++;
    return { first, end };
  }

  #firstEndingAfter(top: number): number {
    let low = 0;
    let high = this.#tops.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#tops[middle + 1]! > top) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
