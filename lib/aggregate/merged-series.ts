import type { Aggregator } from '../model/aggregator.ts';
import type { Exemplar } from '../model/exemplar.ts';
import type { HistogramSeries, NumberSeries, SummarySeries } from '../model/family.ts';

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
    // No format carries a count above 2^53; that of a worker is below, but workers that forge them add up.
    let rest = Number.MAX_SAFE_INTEGER;
    for (let i = 0; i < counts.length; i++) rest -= counts[i] = Math.min(this.#sum(i), rest);
    return counts;
  }

  get sum(): number {
    return this.#sum(this.#family.width - 1);
  }

  get count(): number {
    return Math.min(this.#sum(this.#family.width - 2), Number.MAX_SAFE_INTEGER);
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
    if (free.length < this.#parts.length && this.#parts.some((one) => one.owner === owner && one.isAttached)) {
      throw new RangeError('Cannot merge a series: expected each set of label values once, got one twice.');
    }
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
    let sum = 0;
    for (const part of this.#parts) sum += part.total(k);
    return sum;
  }

  #merged(k: number): number {
    const { isCumulative, merging } = this.#family;
    if (isCumulative) return this.#sum(k);
    let merged = NaN;
    let count = 0;
    for (const { numbers } of this.#parts) {
      const value = numbers[k]!;
      if (Number.isNaN(value)) continue;
      count++;
      if (count === 1) merged = value;
      else if (merging === 'min') merged = Math.min(merged, value);
      else if (merging === 'max') merged = Math.max(merged, value);
      else if (merging !== 'first') merged += value;
    }
    if (merging === 'ratio') return this.#ratio() ?? merged / count;
    return merging === 'average' ? merged / count : merged;
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

/** Who reports the numbers of a part. */
export interface PartOwner {
  readonly hasEnded: boolean;
}

/** What one place (a worker, and after its end the one that takes its place) has counted of one series. */
export class Part {
  readonly place: number;
  /** Whose numbers stand here. */
  owner: PartOwner;
  /** Whether the owner has the series now. What it counted before it removed the series still counts. */
  isAttached = true;
  /** Whether a worker had the series when it ended: what it counted is kept for good. */
  isOfTheEnded = false;
  /** As the owner reported them last. */
  readonly numbers: number[];
  /** What was counted before the numbers began again at 0; undefined if they never did. */
  #before: number[] | undefined;

  constructor(place: number, owner: PartOwner, width: number) {
    this.place = place;
    this.owner = owner;
    this.numbers = new Array<number>(width).fill(0);
  }

  /**
   * One of the numbers, with what was counted before. It stays the same when {@link beginAgain} is called, to the last
   * bit, and does not fall while the number rises; nor does the sum of parts in a fixed order, since a rounded addition
   * is monotone. (Were the totals of ended workers added up elsewhere, the order would change and a sum could fall by
   * its last bit, which Prometheus takes for a restart from 0.)
   */
  total(k: number): number {
    return this.#before === undefined ? this.numbers[k]! : this.#before[k]! + this.numbers[k]!;
  }

  /** Keeps what has been counted, for numbers that start again at 0. */
  beginAgain(): void {
    this.#before = this.numbers.map((_, k) => this.total(k));
    this.numbers.fill(0);
  }
}
