import type { Exemplar } from '../model/exemplar.ts';
import type { ExemplarChange, PartContent, SeriesChange } from './message.ts';

/** Of numbers: 32 KiB, which both sides work off in well under a millisecond. One series may have more. */
const FULL_NUMBERS = 4096;
/** Of series whose labels are told, which cost ten times what numbers cost. */
const FULL_LABELS = 512;

/** One part of a report while it is put together. */
export class GrowingPart {
  readonly #changes: (SeriesChange & { add: (readonly string[])[] })[] = [];
  readonly #runs: number[] = [];
  readonly #exemplars: ExemplarChange[] = [];
  #numbers = new Float64Array(256);
  #length = 0;
  #labels = 0;

  /** Whether it should be sent before the next series is added. */
  get isFull(): boolean {
    return this.#length >= FULL_NUMBERS || this.#labels >= FULL_LABELS || this.#exemplars.length >= FULL_LABELS;
  }

  /** Adds what has changed in a family. */
  change(change: Omit<SeriesChange, 'add'>): void {
    this.#changes.push({ ...change, add: [] });
  }

  /** Adds a series behind the `keep` that its family has so far. */
  addSeries(id: number, keep: number, labelValues: readonly string[]): void {
    if (this.#changes.at(-1)?.id !== id) this.change({ id, keep });
    this.#changes.at(-1)!.add.push(labelValues);
    this.#labels++;
  }

  /** Adds the numbers of a series. */
  addNumbers(id: number, series: number, numbers: Float64Array): void {
    const runs = this.#runs;
    const last = runs.length - 3;
    if (runs[last] === id && runs[last + 1]! + runs[last + 2]! === series) runs[last + 2]!++;
    else runs.push(id, series, 1);
    const end = this.#length + numbers.length;
    if (end > this.#numbers.length) {
      const grown = new Float64Array(2 * end);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers.set(numbers, this.#length);
    this.#length = end;
  }

  /** Adds an exemplar. */
  addExemplar(id: number, series: number, bucket: number, { labels, value, timestampSeconds }: Exemplar): void {
    this.#exemplars.push([id, series, bucket, labels, String(value), timestampSeconds ?? null]);
  }

  /** What it says; `gone` are families that the aggregator may forget. */
  content(gone: readonly number[] = []): PartContent {
    return {
      changes: this.#changes,
      gone,
      runs: this.#runs,
      numbers: this.#numbers.slice(0, this.#length),
      exemplars: this.#exemplars,
    };
  }
}
