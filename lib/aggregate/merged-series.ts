import type {
  Aggregator,
  Exemplar,
  HistogramSeries,
  NativeHistogram,
  NumberSeries,
  SummarySeries,
} from '../model/family.ts';
import type { NativePart } from './native-part.ts';

/** How gauges and the like are merged. Counters, histograms and summaries are always added up. */
export type Merging = Exclude<Aggregator, 'omit'>;

/** The parts of its family that a merged series uses. */
export interface SeriesOwner {
  readonly name: string;
  readonly labelNames: readonly string[];
  readonly upperBounds: readonly number[];
  /** Whether the native buckets of its series are exposed. */
  readonly isNative: boolean;
  /** The class of native parts; undefined before a worker has reported one. */
  readonly nativePart: typeof NativePart | undefined;
  readonly quantiles: readonly number[];
  readonly merging: Merging;
  /** Whether counts stay after their worker has ended. */
  readonly isCumulative: boolean;
  /** The number of numbers per series, and what they are before the first report of them: an info is always 1. */
  readonly width: number;
  readonly initialNumber: 0 | 1;
  /** The range of numbers that fall only when they restart from 0. */
  readonly countsStart: number;
  readonly countsEnd: number;
  /** Whether some series are to be removed. */
  hasInvisible: boolean;
}

/** One series of a merged family. It holds the numbers of all workers and merges them when it is read. */
export class MergedSeries implements NumberSeries, HistogramSeries, SummarySeries {
  readonly #family: SeriesOwner;
  /** In the order of the family's label names at the time the series was created. */
  readonly #labelValues: readonly string[];
  /** In order of arrival. `Part.total()` says why the order must not change. */
  #parts: Part[] = [];
  /** The latest of any worker, by bucket; a counter has one. */
  #exemplars: (Exemplar | undefined)[] | undefined;
  /** As {@link HistogramSeries.revision}. */
  revision = 0;

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
    const { upperBounds } = this.#family;
    const counts = new Array<number>(upperBounds.length + 1);
    for (let i = 0; i < counts.length; i++) counts[i] = this.#sum(i);
    for (const { native } of this.#parts) native?.addToClassic(counts, upperBounds);
    // No format carries counts above 2^53. Each worker's count is below, but forged ones could add up to more.
    let rest = Number.MAX_SAFE_INTEGER;
    for (let i = 0; i < counts.length; i++) rest -= counts[i] = Math.min(counts[i]!, rest);
    return counts;
  }

  /** The native buckets of all workers. Those that had fixed buckets and have ended are in {@link bucketCounts} only. */
  get native(): NativeHistogram | undefined {
    if (!this.#family.isNative) return undefined;
    const parts = this.#parts.map(({ native }) => native).filter((native) => native !== undefined);
    const exemplars = (this.#exemplars ?? []).filter((exemplar) => exemplar?.timestampSeconds !== undefined);
    return parts.length === 0 ? undefined : this.#family.nativePart!.merge(parts, exemplars as readonly Exemplar[]);
  }

  get sum(): number {
    const place = this.#family.width - 1;
    let sum = 0;
    for (const part of this.#parts) sum += part.total(place) + (part.native?.sum ?? 0);
    return sum;
  }

  get count(): number {
    return Math.min(this.#sum(this.#family.width - 2), Number.MAX_SAFE_INTEGER);
  }

  /** The quantiles of the only worker that has the series, since those of several cannot be merged. */
  get quantileValues(): readonly number[] {
    const attached = this.isVisible ? this.#parts.filter(({ isAttached }) => isAttached) : this.#parts;
    return this.#family.quantiles.map((_, k) => (attached.length === 1 ? attached[0]!.numbers[k]! : NaN));
  }

  get exemplar(): Exemplar | undefined {
    return this.#exemplars?.[0];
  }

  get exemplars(): readonly (Exemplar | undefined)[] | undefined {
    return this.#exemplars;
  }

  /** Whether a worker has the series, or had it when it ended and left counts that are kept. */
  get isVisible(): boolean {
    return this.#parts.some(({ isAttached, isOfTheEnded }) => isAttached || isOfTheEnded);
  }

  /** Returns the part of a source: its own former one, that of an ended worker in the same place, or a new one. */
  attach(owner: PartOwner, place: number): Part {
    if (!this.#family.isCumulative) this.#parts = this.#parts.filter(({ isAttached }) => isAttached);
    const free = this.#parts.filter(({ isAttached }) => !isAttached);
    if (free.length < this.#parts.length && this.#parts.some((one) => one.owner === owner && one.isAttached)) {
      throw new RangeError('Cannot merge a series: expected each set of label values once, got one twice.');
    }
    const part =
      free.find((one) => one.owner === owner) ?? free.find((one) => one.owner.hasEnded && one.place === place);
    if (part !== undefined) {
      if (part.owner !== owner) part.beginAgain();
      part.owner = owner;
      part.isAttached = true;
      return part;
    }
    const { width, initialNumber } = this.#family;
    const added = new Part(place, owner, new Array<number>(width).fill(initialNumber));
    this.#parts.push(added);
    return added;
  }

  /**
   * The source no longer has the series. If no other has it, a scrape may still be reading it, so its last numbers stay
   * until it is removed or comes back: without any, a state would be NaN.
   */
  detach(part: Part): void {
    part.isAttached = false;
    if (!this.isVisible) this.#family.hasInvisible = true;
    else if (!this.#family.isCumulative) this.#parts = this.#parts.filter((one) => one !== part);
  }

  /** The source has ended. Its counts stay for good. */
  vacate(part: Part): void {
    part.isOfTheEnded = this.#family.isCumulative;
    this.detach(part);
  }

  /** Takes the numbers at `at`. Counts that have fallen have restarted from 0. */
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
    this.revision++;
  }

  /** Takes a record of native buckets. Throws as `NativePart.take()` does. */
  updateNative(part: Part, record: Float64Array): void {
    const { name, nativePart } = this.#family;
    part.native ??= new nativePart!();
    part.native.take(record, name);
    this.revision++;
  }

  /** Takes an exemplar, unless there is a later one. */
  keepExemplar(bucket: number, exemplar: Exemplar): void {
    this.#exemplars ??= new Array<Exemplar | undefined>(Math.max(1, this.#family.width - 1)).fill(undefined);
    const kept = this.#exemplars[bucket];
    if ((kept?.timestampSeconds ?? -Infinity) > (exemplar.timestampSeconds ?? Infinity)) return;
    this.#exemplars[bucket] = exemplar;
    this.revision++;
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

  /** The sum of the numerators divided by the sum of the denominators; undefined if all denominators are 0. */
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

/** The reporter of a part's numbers. */
export interface PartOwner {
  readonly hasEnded: boolean;
}

/** The numbers that one place reports for one series. When its worker ends, the next one may take the place. */
export class Part {
  readonly place: number;
  /** The reporter of the current numbers. */
  owner: PartOwner;
  /** Whether the owner has the series. Counts from before a removal still count. */
  isAttached = true;
  /** Whether a worker had the series when it ended, so that its counts are kept for good. */
  isOfTheEnded = false;
  /** As last reported by the owner. */
  readonly numbers: number[];
  /** Its native buckets. */
  native: NativePart | undefined = undefined;
  /** The totals from before the numbers restarted from 0; undefined if they never did. */
  #before: number[] | undefined;

  constructor(place: number, owner: PartOwner, numbers: number[]) {
    this.place = place;
    this.owner = owner;
    this.numbers = numbers;
  }

  /**
   * Returns a number including the totals from before restarts. {@link beginAgain} does not change it, not even in the last
   * bit. It never falls while the number rises, and neither does the sum of parts in a fixed order, since rounded addition
   * is monotonic. (Adding up ended workers elsewhere would change the order. The sum could then fall by its last bit, which
   * Prometheus takes for a restart from 0.)
   */
  total(k: number): number {
    return this.#before === undefined ? this.numbers[k]! : this.#before[k]! + this.numbers[k]!;
  }

  /** Keeps the totals so far, since the numbers restart from 0. */
  beginAgain(): void {
    this.#before = this.numbers.map((_, k) => this.total(k));
    this.numbers.fill(0);
    this.native?.beginAgain();
  }
}
