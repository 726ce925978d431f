import type { Exemplar } from '../model/exemplar.ts';
import type { Family, HistogramSeries, NumberSeries, SummarySeries } from '../model/family.ts';
import { type ExemplarChange, type FamilyDescription, numbersPerSeries, type PartContent, type SeriesChange } from './message.ts';

/** What the aggregator has been told of a family. */
interface ToldFamily {
  readonly id: number;
  readonly description: FamilyDescription;
  /** The description as one text, to be compared. */
  readonly descriptionText: string;
  readonly width: number;
  family: Family;
  constantLabels: Family['constantLabels'];
  series: Family['series'];
  count: number;
  createdSeconds: number | undefined;
  numbers: Float64Array;
  /** By place among the numbers. */
  readonly exemplars: Map<number, Exemplar>;
}

/**
 * Puts into parts what has changed since the last report to one aggregator: the dictionary of families and label values
 * is kept on both sides, so that a report is mostly numbers. It costs 8 bytes for each number.
 *
 * A report may be written over several turns of the event loop. A series is read in one step, as for a scrape.
 */
export class ReportWriter {
  readonly #told = new Map<string, ToldFamily>();
  #lastId = 0;
  #part = new GrowingPart();

  /** Yields the parts of a report, at least one; all but the last as soon as they are full. */
  *parts(families: readonly Family[]): Generator<PartContent, void> {
    const names = new Set<string>();
    const gone: number[] = [];
    for (const family of families) {
      names.add(family.name);
      const told = this.#tell(family, gone);
      yield* this.#seriesOf(told);
    }
    for (const [name, { id }] of this.#told) {
      if (names.has(name)) continue;
      this.#told.delete(name);
      gone.push(id);
    }
    yield this.#cut(gone);
  }

  #cut(gone?: readonly number[]): PartContent {
    const content = this.#part.content(gone);
    this.#part = new GrowingPart();
    return content;
  }

  /** Describes the family unless that has been done, and says which of its known series stay. */
  #tell(family: Family, gone: number[]): ToldFamily {
    const known = this.#told.get(family.name);
    if (known !== undefined && isDescribed(family, known)) {
      known.family = family;
      const keep = keptSeries(family.series, known);
      const hasNewTime = known.createdSeconds !== family.createdSeconds;
      known.createdSeconds = family.createdSeconds;
      if (keep < known.count || hasNewTime) this.#part.change({ id: known.id, keep, ...timeOf(family) });
      if (keep < known.count) forget(known, keep);
      known.series = family.series;
      return known;
    }
    if (known !== undefined) gone.push(known.id);
    const description = describeFamily(family);
    const told: ToldFamily = {
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
      exemplars: new Map(),
    };
    this.#told.set(family.name, told);
    this.#part.change({ id: told.id, description, keep: 0, ...timeOf(family) });
    return told;
  }

  *#seriesOf(told: ToldFamily): Generator<PartContent, void> {
    const { id, width, series, family } = told;
    const { type } = family;
    const { length } = series; // those that join while the report is written are the next one's
    growNumbers(told, length);
    const current = new Float64Array(width);
    for (let i = 0; i < length; i++) {
      const one = series[i]!;
      readSeriesNumbers(type, one, current);
      const isNew = i >= told.count;
      if (isNew) {
        this.#part.addSeries(id, i, one.labelValues);
        told.count = i + 1;
      }
      if (isNew || differ(current, told.numbers, i * width)) {
        told.numbers.set(current, i * width);
        this.#part.addNumbers(id, i, current);
      }
      if (family.hasExemplars === true) this.#exemplarsOf(told, i);
      if (this.#part.isFull) yield this.#cut();
    }
  }

  #exemplarsOf({ id, width, series, exemplars }: ToldFamily, i: number): void {
    const { exemplar, exemplars: byBucket = [exemplar] } = series[i] as Partial<NumberSeries & HistogramSeries>;
    for (const [bucket, one] of byBucket.entries()) {
      const place = i * width + bucket;
      if (one === undefined || exemplars.get(place) === one) continue;
      exemplars.set(place, one);
      this.#part.addExemplar(id, i, bucket, one);
    }
  }
}

function describeFamily(family: Family): FamilyDescription {
  const { name, help, type, unit, labelNames, constantLabels, aggregator } = family;
  return {
    name, help, type, unit, labelNames, constantLabels, aggregator,
    upperBounds: type === 'histogram' || type === 'gaugehistogram' ? family.upperBounds : [],
    quantiles: type === 'summary' ? family.quantiles : [],
  };
}

/** Whether the family is as it was described. The same one is, unless its registry has given it other constant labels. */
function isDescribed(family: Family, told: ToldFamily): boolean {
  if (family === told.family && family.constantLabels === told.constantLabels) return true;
  return JSON.stringify(describeFamily(family)) === told.descriptionText;
}

function timeOf({ createdSeconds }: Family): { createdSeconds?: number } {
  return createdSeconds === undefined ? {} : { createdSeconds };
}

/**
 * How many of the series that were told are still where they were. Of the same array all are; after a removal, and of a
 * collector that makes its series anew each time, those before the first whose labels differ.
 */
function keptSeries(series: Family['series'], told: ToldFamily): number {
  if (series === told.series) return told.count;
  const most = Math.min(series.length, told.count);
  let keep = 0;
  while (keep < most && haveSameLabels(series[keep]!, told.series[keep]!)) keep++;
  return keep;
}

function haveSameLabels(a: Family['series'][number], b: Family['series'][number]): boolean {
  if (a === b) return true;
  const { labelValues } = b;
  return a.labelValues.every((value, i) => value === labelValues[i]);
}

function forget(told: ToldFamily, keep: number): void {
  told.count = keep;
  for (const place of told.exemplars.keys()) if (place >= keep * told.width) told.exemplars.delete(place);
}

function growNumbers(told: ToldFamily, count: number): void {
  if (told.numbers.length >= count * told.width) return;
  const grown = new Float64Array(Math.ceil(count * 1.25) * told.width);
  grown.set(told.numbers);
  told.numbers = grown;
}

function differ(current: Float64Array, numbers: Float64Array, at: number): boolean {
  for (let i = 0; i < current.length; i++) if (!Object.is(current[i], numbers[at + i])) return true;
  return false;
}

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

/** Writes the numbers of a series into the first places of `numbers`, in the order that `numbersPerSeries()` tells. */
export function readSeriesNumbers(type: Family['type'], series: Family['series'][number], numbers: Float64Array): void {
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
