import type { Exemplar } from '../model/family.ts';
import { refuse } from '../model/names.ts';
import { checkLabelValues, checkNumbers } from './check-report.ts';
import type { MergedFamily } from './merged-families.ts';
import type { MergedSeries, Part, PartOwner } from './merged-series.ts';
import { type FamilyDescription, NATIVE_RECORD, numbersPerSeries } from './message.ts';

/** A label and its value. */
export type LabelPair = readonly [name: string, value: string];

/** Options for a family of a source. */
interface SourceFamilyOptions {
  readonly owner: PartOwner;
  readonly place: number;
  readonly description: FamilyDescription;
  readonly merged: MergedFamily;
  /** Labels that all series have in addition to those of the description. */
  readonly constantLabels: readonly LabelPair[];
}

/** A family of one source, and the merged series that its series belong to. */
export class SourceFamily {
  readonly description: FamilyDescription;
  readonly merged: MergedFamily;
  /** How many numbers the source reports for a series. */
  readonly width: number;
  readonly #owner: PartOwner;
  readonly #place: number;
  readonly #constantValues: readonly string[];
  readonly #names: readonly string[];
  /** The indices of the names in sorted order, so that a key does not depend on the worker's order of labels. */
  readonly #sorted: readonly number[];
  /** The index of each label in the merged family. */
  readonly #positions: readonly number[];
  /** The merged series by the source's index, and the source's part of each. */
  readonly #series: MergedSeries[] = [];
  readonly #parts: Part[] = [];

  constructor({ owner, place, description, merged, constantLabels }: SourceFamilyOptions) {
    this.#owner = owner;
    this.#place = place;
    this.description = description;
    this.merged = merged;
    this.width = numbersPerSeries(description);
    this.#constantValues = constantLabels.map(([, value]) => value);
    const names = [...description.labelNames, ...constantLabels.map(([name]) => name)];
    this.#names = names;
    this.#sorted = names.map((_, i) => i).sort((a, b) => (names[a]! < names[b]! ? -1 : 1));
    merged.addLabelNames(names);
    this.#positions = names.map((name) => merged.labelNames.indexOf(name));
    merged.addSource(description);
  }

  /** How many series the source has. */
  get count(): number {
    return this.#series.length;
  }

  /** Appends a series. Throws a RangeError unless its label values are valid and new. */
  add(labelValues: readonly string[]): void {
    const { labelNames, name } = this.description;
    checkLabelValues(labelValues, labelNames.length, name);
    const values = this.#constantValues.length === 0 ? labelValues : [...labelValues, ...this.#constantValues];
    const series = this.merged.seriesOf(this.#keyOf(values), () => this.#inOrder(values));
    const part = series.attach(this.#owner, this.#place);
    this.#series.push(series);
    this.#parts.push(part);
  }

  /** Keeps the first `count` series and removes the rest. */
  keep(count: number): void {
    const parts = this.#parts.splice(count);
    for (const [i, series] of this.#series.splice(count).entries()) series.detach(parts[i]!);
  }

  /** Removes a series. The last one gets its index. */
  remove(index: number): void {
    const series = this.#at(index);
    const part = this.#parts[index]!;
    const lastSeries = this.#series.pop()!;
    const lastPart = this.#parts.pop()!;
    if (index < this.count) {
      this.#series[index] = lastSeries;
      this.#parts[index] = lastPart;
    }
    series.detach(part);
  }

  /** Takes the numbers of series from `first` on, which fill `start` to `end`. Throws a RangeError if a format cannot carry them. */
  update(first: number, numbers: Float64Array, start: number, end: number): void {
    checkNumbers(this.description, numbers, start, end);
    const { width } = this;
    const isSame = width === this.merged.width;
    for (let index = first, at = start; at < end; index++, at += width) {
      const series = this.#at(index);
      const part = this.#parts[index]!;
      if (isSame) series.update(part, numbers, at);
      else series.update(part, converted(numbers[at]!, width === 2 ? numbers[at + 1] : undefined), 0);
    }
  }

  /** Takes a record of native buckets, see `NATIVE_RECORD`. Throws a RangeError if a format cannot carry them, or there is no such series. */
  updateNative(record: Float64Array): void {
    const { name, isNative } = this.description;
    const index = record[NATIVE_RECORD.SERIES]!;
    if (isNative !== true) refuse(`update "${name}"`, 'native buckets of a family that has some', index, RangeError);
    this.#at(index).updateNative(this.#parts[index]!, record);
  }

  /** Takes an exemplar of a series. Throws a RangeError if there is no such series. */
  keepExemplar(index: number, bucket: number, exemplar: Exemplar): void {
    this.#at(index).keepExemplar(this.#bucketOf(bucket, exemplar), exemplar);
    this.merged.hasExemplars = true;
  }

  /** The source no longer has the family. */
  release(): void {
    this.keep(0);
    this.merged.removeSource(this.description);
  }

  /** The source's worker has ended. */
  vacate(): void {
    for (const [i, series] of this.#series.splice(0).entries()) series.vacate(this.#parts[i]!);
    this.merged.removeSource(this.description);
  }

  /** Of native buckets the merged family may have other bounds than the source. */
  #bucketOf(bucket: number, { value }: Exemplar): number {
    if (this.description.isNative !== true) return bucket;
    const found = this.merged.upperBounds.findIndex((bound) => value <= bound);
    return found === -1 ? this.merged.upperBounds.length : found;
  }

  #at(index: number): MergedSeries {
    const series = this.#series[index];
    if (series !== undefined) return series;
    refuse(`update "${this.merged.name}"`, `one of ${this.count} series`, index, RangeError);
  }

  /** Returns a key for the labels. It contains lengths, so that no two label sets share a key. Empty labels are left out. */
  #keyOf(values: readonly string[]): string {
    let key = '';
    for (const i of this.#sorted) {
      const value = values[i]!;
      if (value !== '') key += `${this.#names[i]!.length}:${this.#names[i]}${value.length}:${value}`;
    }
    return key;
  }

  #inOrder(values: readonly string[]): readonly string[] {
    const inOrder = new Array<string>(this.merged.labelNames.length).fill('');
    for (const [i, position] of this.#positions.entries()) inOrder[position] = values[i]!;
    return inOrder;
  }
}

/** Converts a value to a ratio, or a ratio to a value, if workers of two versions declare different aggregators. */
function converted(numerator: number, denominator: number | undefined): Float64Array {
  if (denominator === undefined) return Float64Array.of(numerator, 1);
  return Float64Array.of(denominator > 0 ? numerator / denominator : numerator);
}
