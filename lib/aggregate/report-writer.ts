import type {
  BucketOptions,
  Exemplar,
  Family,
  HistogramFamily,
  HistogramSeries,
  NumberSeries,
  SummarySeries,
} from '../model/family.ts';
import {
  type ExemplarChange,
  type FamilyDescription,
  numbersPerSeries,
  type PartContent,
  type SeriesChange,
} from './message.ts';
import { NativeChanges } from './native-changes.ts';

/** The part of a family that the aggregator has received. */
interface CachedFamily {
  readonly id: number;
  readonly description: FamilyDescription;
  /** The description as text, for comparison. */
  readonly descriptionText: string;
  readonly width: number;
  family: Family;
  constantLabels: Family['constantLabels'];
  series: Family['series'];
  count: number;
  createdSeconds: number | undefined;
  numbers: Float64Array;
  /** Instead of `numbers`, if the family is native. */
  readonly native: NativeChanges | undefined;
  /** By series and bucket. */
  readonly exemplars: Map<number, Exemplar>;
}

/**
 * Writes the reports to one aggregator: only what has changed since the last one. Both sides cache the families and label
 * values, so that a report is mostly numbers. The cache takes 8 bytes per number, and 16 per native bucket.
 *
 * A report may span several turns of the event loop. Each series is read in one step, as for a scrape.
 */
export class ReportWriter {
  readonly #cache = new Map<string, CachedFamily>();
  readonly #acceptsNative: boolean;
  #lastId = 0;
  /** Of the part that is being written. Kept, since new ones for each part of a large report start garbage collections. */
  readonly #numbers = new GrowingNumbers();
  #part = new GrowingPart(this.#numbers);

  /** `acceptsNative`: the aggregator can merge native buckets. If not, it gets classic ones. */
  constructor(acceptsNative = false) {
    this.#acceptsNative = acceptsNative;
  }

  /** Yields the parts of a report, at least one, each as soon as it is full. */
  *parts(families: readonly Family[]): Generator<PartContent, void> {
    const names = new Set<string>();
    const gone: number[] = [];
    for (const family of families) {
      names.add(family.name);
      const cached = this.#cached(family, gone);
      yield* this.#seriesOf(cached);
    }
    for (const [name, { id }] of this.#cache) {
      if (names.has(name)) continue;
      this.#cache.delete(name);
      gone.push(id);
    }
    yield this.#cut(gone);
  }

  #cut(gone?: readonly number[]): PartContent {
    const content = this.#part.content(gone);
    this.#part = new GrowingPart(this.#numbers);
    return content;
  }

  /** Returns the cache of a family. Adds its description if it is new, and how many of the cached series stay. */
  #cached(family: Family, gone: number[]): CachedFamily {
    const cached = this.#cache.get(family.name);
    if (cached !== undefined && this.#isDescribed(family, cached)) {
      cached.family = family;
      const keep = unchangedSeries(family.series, cached);
      const hasNewTime = cached.createdSeconds !== family.createdSeconds;
      cached.createdSeconds = family.createdSeconds;
      if (keep < cached.count || hasNewTime) this.#part.change({ id: cached.id, keep, ...timeOf(family) });
      if (keep < cached.count) forget(cached, keep);
      cached.series = family.series;
      return cached;
    }
    if (cached !== undefined) gone.push(cached.id);
    const description = this.#describe(family);
    const added: CachedFamily = {
      id: ++this.#lastId,
      description,
      descriptionText: JSON.stringify(description),
      width: numbersPerSeries(description),
      family,
      constantLabels: family.constantLabels,
      series: family.series,
      count: 0,
      createdSeconds: family.createdSeconds,
      numbers: new Float64Array(0),
      native: description.isNative === true ? new NativeChanges() : undefined,
      exemplars: new Map(),
    };
    this.#cache.set(family.name, added);
    this.#part.change({ id: added.id, description, keep: 0, ...timeOf(family) });
    return added;
  }

  #describe(family: Family): FamilyDescription {
    const { name, help, type, unit, labelNames, constantLabels, aggregator } = family;
    return {
      name,
      help,
      type,
      unit,
      labelNames,
      constantLabels,
      aggregator,
      upperBounds: type === 'histogram' || type === 'gaugehistogram' ? family.upperBounds : [],
      isNative: this.#isNative(family) || undefined,
      isAlsoClassic: (this.#isNative(family) && family.bucketOptions.isAlsoClassic) || undefined,
      quantiles: type === 'summary' ? family.quantiles : [],
    };
  }

  #isNative(family: Family): family is HistogramFamily & { readonly bucketOptions: BucketOptions } {
    return this.#acceptsNative && family.type === 'histogram' && family.bucketOptions !== undefined;
  }

  /** Whether a family still has its cached description. The same object does, unless what may change of it has. */
  #isDescribed(family: Family, cached: CachedFamily): boolean {
    const isSame = family === cached.family && family.constantLabels === cached.constantLabels;
    if (isSame && this.#isNative(family) === (cached.native !== undefined)) return true;
    return JSON.stringify(this.#describe(family)) === cached.descriptionText;
  }

  *#seriesOf(cached: CachedFamily): Generator<PartContent, void> {
    const { id, width, series, family, native } = cached;
    const { type } = family;
    const { length } = series; // series added from now on belong to the next report
    growNumbers(cached, length);
    const current = new Float64Array(width);
    for (let i = 0; i < length; i++) {
      const one = series[i]!;
      const isNew = i >= cached.count;
      if (isNew) {
        this.#part.addSeries(id, i, one.labelValues);
        cached.count = i + 1;
      }
      if (native !== undefined) this.#part.addNative(native.recordOf(id, i, one as HistogramSeries));
      else {
        readSeriesNumbers(type, one, current);
        if (isNew || differ(current, cached.numbers, i * width)) {
          cached.numbers.set(current, i * width);
          this.#part.addNumbers(id, i, current);
        }
      }
      if (family.hasExemplars === true) this.#exemplarsOf(cached, i);
      if (this.#part.isFull) yield this.#cut();
    }
  }

  #exemplarsOf({ id, description, series, exemplars }: CachedFamily, i: number): void {
    const { exemplar, exemplars: byBucket = [exemplar] } = series[i] as Partial<NumberSeries & HistogramSeries>;
    for (const [bucket, one] of byBucket.entries()) {
      const place = i * exemplarsPerSeries(description) + bucket;
      if (one === undefined || exemplars.get(place) === one) continue;
      exemplars.set(place, one);
      this.#part.addExemplar(id, i, bucket, one);
    }
  }
}

/** How many exemplars a series may have. */
function exemplarsPerSeries({ upperBounds }: FamilyDescription): number {
  return upperBounds.length + 1;
}

function timeOf({ createdSeconds }: Family): { createdSeconds?: number } {
  return createdSeconds === undefined ? {} : { createdSeconds };
}

/**
 * Returns how many of the cached series are unchanged: all if the array is the same; otherwise (after a removal, or if a
 * collector creates its series at each scrape) those before the first with other labels.
 */
function unchangedSeries(series: Family['series'], cached: CachedFamily): number {
  if (series === cached.series) return cached.count;
  const most = Math.min(series.length, cached.count);
  let keep = 0;
  while (keep < most && haveSameLabels(series[keep]!, cached.series[keep]!)) keep++;
  return keep;
}

function haveSameLabels(a: Family['series'][number], b: Family['series'][number]): boolean {
  if (a === b) return true;
  const { labelValues } = b;
  return a.labelValues.every((value, i) => value === labelValues[i]);
}

function forget(cached: CachedFamily, keep: number): void {
  cached.count = keep;
  cached.native?.forget(keep);
  const firstPlace = keep * exemplarsPerSeries(cached.description);
  for (const place of cached.exemplars.keys()) if (place >= firstPlace) cached.exemplars.delete(place);
}

function growNumbers(cached: CachedFamily, count: number): void {
  if (cached.numbers.length >= count * cached.width) return;
  const grown = new Float64Array(Math.ceil(count * 1.25) * cached.width);
  grown.set(cached.numbers);
  cached.numbers = grown;
}

function differ(current: Float64Array, numbers: Float64Array, at: number): boolean {
  for (let i = 0; i < current.length; i++) if (!Object.is(current[i], numbers[at + i])) return true;
  return false;
}

/** The most numbers per part, 32 KiB, so that neither side blocks its event loop for long. One series may have more. */
const FULL_NUMBERS = 4096;
/** The most new series per part. Labels cost about ten times as much as numbers. */
const FULL_LABELS = 512;

/** Collects one part of a report. */
class GrowingPart {
  readonly #changes: (SeriesChange & { add: (readonly string[])[] })[] = [];
  readonly #runs: number[] = [];
  readonly #exemplars: ExemplarChange[] = [];
  readonly #numbers: GrowingNumbers;
  #native: GrowingNumbers | undefined;
  #labels = 0;

  /** `numbers` are empty, and so they are again when {@link content} has been called. */
  constructor(numbers: GrowingNumbers) {
    this.#numbers = numbers;
  }

  /** Whether to send it before the next series is added. */
  get isFull(): boolean {
    const length = this.#numbers.length + (this.#native?.length ?? 0);
    return length >= FULL_NUMBERS || this.#labels >= FULL_LABELS || this.#exemplars.length >= FULL_LABELS;
  }

  /** Adds the changes of a family. */
  change(change: Omit<SeriesChange, 'add'>): void {
    this.#changes.push({ ...change, add: [] });
    if (change.description?.isNative === true) this.#native ??= new GrowingNumbers();
  }

  /** Appends a series to the `keep` series that its family has so far. */
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
    this.#numbers.add(numbers);
  }

  /** Adds the record of a native histogram, if there is one. */
  addNative(record: readonly number[] | undefined): void {
    if (record !== undefined) (this.#native ??= new GrowingNumbers()).add(record);
  }

  /** Adds an exemplar. */
  addExemplar(id: number, series: number, bucket: number, { labels, value, timestampSeconds }: Exemplar): void {
    this.#exemplars.push([id, series, bucket, labels, String(value), timestampSeconds ?? null]);
  }

  /** Returns the content. `gone` are families that the aggregator may drop. */
  content(gone: readonly number[] = []): PartContent {
    return {
      changes: this.#changes,
      gone,
      runs: this.#runs,
      numbers: this.#numbers.take(),
      ...(this.#native && { native: this.#native.take() }),
      exemplars: this.#exemplars,
    };
  }
}

class GrowingNumbers {
  #numbers = new Float64Array(256);
  length = 0;

  add(numbers: ArrayLike<number>): void {
    const end = this.length + numbers.length;
    if (end > this.#numbers.length) {
      const grown = new Float64Array(2 * end);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers.set(numbers, this.length);
    this.length = end;
  }

  /** Returns a copy, and empties it. */
  take(): Float64Array {
    const taken = this.#numbers.slice(0, this.length);
    this.length = 0;
    return taken;
  }
}

/** Writes the numbers of a series into `numbers`, in the layout of `numbersPerSeries()`. */
function readSeriesNumbers(type: Family['type'], series: Family['series'][number], numbers: Float64Array): void {
  switch (type) {
    case 'histogram':
    case 'gaugehistogram': {
      const { bucketCounts, sum } = series as HistogramSeries;
      for (let i = 0; i < bucketCounts.length; i++) numbers[i] = bucketCounts[i]!;
      numbers[bucketCounts.length] = sum;
      return;
    }
    case 'summary': {
      const { quantileValues, count, sum } = series as SummarySeries;
      for (let i = 0; i < quantileValues.length; i++) numbers[i] = quantileValues[i]!;
      numbers[quantileValues.length] = count;
      numbers[quantileValues.length + 1] = sum;
      return;
    }
    default: {
      const { value, ratio } = series as NumberSeries;
      numbers[0] = value;
      if (numbers.length === 1) return;
      if (ratio !== undefined && ratio[1] > 0) numbers[0] = ratio[0];
      numbers[1] = ratio === undefined ? 1 : ratio[1];
    }
  }
}
