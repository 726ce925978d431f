/** Where the rows of a list are, one below the other, for a list that draws only those in sight. */
export class RowLayout {
  /** Of each row, and at the end the height of all. */
  readonly #tops: Float64Array;

  /** Takes the heights of the rows in pixels, top to bottom. */
  constructor(heights: readonly number[]) {
    this.#tops = new Float64Array(heights.length + 1);
    for (const [i, height] of heights.entries()) this.#tops[i + 1] = this.#tops[i]! + height;
  }

  /** Height of all rows. */
  get height(): number {
    return this.#tops.at(-1)!;
  }

  /** Distance of a row from the top of the first one. */
  topOf(row: number): number {
    return this.#tops[row]!;
  }

  /** The rows that lie at least partly between two distances: from `first` up to, and without, `end`. */
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
