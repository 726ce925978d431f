import type { Aggregator } from '../model/aggregator.ts';
import type { Exemplar } from '../model/exemplar.ts';
import type { HistogramSeries, NumberSeries, SummarySeries } from '../model/family.ts';
import { Part, type PartOwner } from './part.ts';

/** How gauges and the like are merged. Counters, histograms and summaries are always added up. */
export type Merging = Exclude<Aggregator, 'omit'>;

/** What a merged series has to know of its family. */
export interface SeriesOwner {
  readonly labelNames: readonly string[];
  readonly upperBounds: readonly number[];
  readonly quantiles: readonly number[];
  readonly merging: Merging;
  /** Whether what was counted counts for good, also when its worker has ended. */
  readonly isCumulative: boolean;
  /** How many numbers a series has. */
  readonly width: number;
  /** Which of them never fall unless they begin again at 0. */
  readonly countsStart: number;
  readonly countsEnd: number;
  /** Whether some series have to go. */
  hasInvisible: boolean;
}

/** One series of a merged family, with the numbers of all workers; added up when it is read. */
export class MergedSeries implements NumberSeries, HistogramSeries, SummarySeries {
  readonly #family: SeriesOwner;
  /** In the order of the family's label names, as far as there were any when the series came. */
  readonly #labelValues: readonly string[];
  /** In the order in which the workers came; see `Part.total()` for why it stays. */
  #parts: Part[] = [];
  /** By bucket; of a counter, one. The latest that any worker has told. */
  #exemplars: (Exemplar | undefined)[] | undefined;

  constructor(family: SeriesOwner, labelValues: readonly string[]) {
    this.#family = family;
    this.#labelValues = labelValues;
  }

  get labelValues(): readonly string[] {
    const missing = this.#family.labelNames.length - this.#labelValues.length;
    return missing === 0 ? this.#labelValues : [...this.#labelValues, ...new Array<string>(missing).fill('')];
  }

  get value(): number {
    return this.#merged(0);
  }

  get bucketCounts(): readonly number[] {
    const counts = new Array<number>(this.#family.upperBounds.length + 1);
    for (let i = 0; i < counts.length; i++) counts[i] = this.#sum(i);
    return counts;
  }

  get sum(): number {
    return this.#sum(this.#family.width - 1);
  }

  get count(): number {
    return this.#sum(this.#family.width - 2);
  }

  /** Those of the only worker that has the series; quantiles of several cannot be merged. */
  get quantileValues(): readonly number[] {
    const attached = this.#parts.filter(({ isAttached }) => isAttached);
    return this.#family.quantiles.map((_, k) => (attached.length === 1 ? attached[0]!.numbers[k]! : NaN));
  }

  get exemplar(): Exemplar | undefined {
    return this.#exemplars?.[0];
  }

  get exemplars(): readonly (Exemplar | undefined)[] | undefined {
    return this.#exemplars;
  }

  /** Whether there is a worker that has it, or one that had it when it ended and whose counts are kept. */
  get isVisible(): boolean {
    return this.#parts.some(({ isAttached, isOfTheEnded }) => isAttached || isOfTheEnded);
  }

  /** Returns the part of a source: its own of before, or that of an ended worker in whose place it is, or a new one. */
  attach(owner: PartOwner, place: number): Part {
    const free = this.#parts.filter(({ isAttached }) => !isAttached);
    const part = free.find((one) => one.owner === owner) ?? free.find((one) => one.owner.hasEnded && one.place === place);
    if (part !== undefined) {
      if (part.owner !== owner) part.beginAgain();
      part.owner = owner;
      part.isAttached = true;
      return part;
    }
    const added = new Part(place, owner, this.#family.width);
    this.#parts.push(added);
    return added;
  }

  /** The source no longer has the series. */
  detach(part: Part): void {
    part.isAttached = false;
    if (!this.#family.isCumulative) this.#parts = this.#parts.filter((one) => one !== part);
    if (!this.isVisible) this.#family.hasInvisible = true;
  }

  /** The source has ended. What it counted stays, for good. */
  vacate(part: Part): void {
    part.isOfTheEnded = this.#family.isCumulative;
    this.detach(part);
  }

  /** Takes the numbers that stand at `at`. Counts that have fallen have begun again at 0. */
  update(part: Part, numbers: Float64Array, at: number): void {
    const { isCumulative, countsStart, countsEnd } = this.#family;
    const own = part.numbers;
    if (isCumulative) {
      for (let k = countsStart; k < countsEnd; k++) {
        if (numbers[at + k]! >= own[k]!) continue;
        part.beginAgain();
        break;
      }
    }
    for (let k = 0; k < own.length; k++) own[k] = numbers[at + k]!;
  }

  /** Keeps an exemplar unless there is a later one. */
  keepExemplar(bucket: number, exemplar: Exemplar): void {
    this.#exemplars ??= new Array<Exemplar | undefined>(Math.max(1, this.#family.width - 1)).fill(undefined);
    const kept = this.#exemplars[bucket];
    if ((kept?.timestampSeconds ?? -Infinity) <= (exemplar.timestampSeconds ?? Infinity)) this.#exemplars[bucket] = exemplar;
  }

  #sum(k: number): number {
    let sum = -0; // 0 would turn the -0 of a single worker into 0
    for (const part of this.#parts) sum += part.total(k);
    return sum;
  }

  #merged(k: number): number {
    if (this.#family.isCumulative) return this.#sum(k);
    const values: number[] = [];
    for (const { numbers } of this.#parts) if (!Number.isNaN(numbers[k]!)) values.push(numbers[k]!);
    if (values.length === 0) return NaN;
    switch (this.#family.merging) {
      case 'sum':
        return sumOf(values);
      case 'average':
        return sumOf(values) / values.length;
      case 'ratio':
        return this.#ratio() ?? sumOf(values) / values.length;
      case 'min':
        return values.reduce((least, value) => Math.min(least, value));
      case 'max':
        return values.reduce((most, value) => Math.max(most, value));
      case 'first':
        return values[0]!;
    }
  }

  /** The ratio of the sums; undefined if all denominators are 0. See `numbersPerSeries()`. */
  #ratio(): number | undefined {
    let numerators = -0;
    let denominators = 0;
    for (const { numbers } of this.#parts) {
      const [numerator, denominator] = numbers as [number, number];
      if (Number.isNaN(numerator) || denominator === 0) continue;
      numerators += numerator;
      denominators += denominator;
    }
    return denominators > 0 ? numerators / denominators : undefined;
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value);
}
