import type { Series } from '../../model/family.ts';
import type { LabelPairs } from './label-pairs.ts';

/**
 * The labels of a family's series as bytes, kept from the first scrape on, one after the other: how long they are is asked
 * for twice before they are written.
 */
export class KeptLabels {
  /** Those of series i are from {@link start} to {@link end}. Another array when it has grown: ask for the end first. */
  bytes = new Uint8Array(1024);
  readonly #series: readonly Series[];
  readonly #pairs: LabelPairs;
  readonly #ends: number[] = [];

  constructor(series: readonly Series[], pairs: LabelPairs) {
    this.#series = series;
    this.#pairs = pairs;
  }

  start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  end(index: number): number {
    while (this.#ends.length <= index) this.#append(this.#ends.length);
    return this.#ends[index]!;
  }

  #append(index: number): void {
    const { labelValues } = this.#series[index]!;
    const start = this.start(index);
    const most = start + this.#pairs.maxBytes(labelValues);
    if (most > this.bytes.length) {
      const grown = new Uint8Array(Math.ceil(most * 1.25));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.#ends.push(this.#pairs.write(labelValues, this.bytes, start));
  }
}
