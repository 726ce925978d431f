import type { Exemplar } from '../model/exemplar.ts';
import { describe } from '../model/names.ts';
import { checkLabelValues, checkNumbers } from './check-report.ts';
import type { MergedFamily } from './merged-families.ts';
import type { MergedSeries, Part, PartOwner } from './merged-series.ts';
import { type FamilyDescription, numbersPerSeries } from './message.ts';

/** A label and its value. */
export type LabelPair = readonly [name: string, value: string];

/** What a family of a source consists of. */
export interface SourceFamilyOptions {
  readonly owner: PartOwner;
  readonly place: number;
  readonly description: FamilyDescription;
  readonly merged: MergedFamily;
  /** Labels that are the same for all series, behind those of the description. */
  readonly constantLabels: readonly LabelPair[];
}

/** A family as one source has it, and where its series are among the merged ones. */
export class SourceFamily {
  readonly description: FamilyDescription;
  readonly merged: MergedFamily;
  /** How many numbers the source reports for a series. */
  readonly width: number;
  readonly #owner: PartOwner;
  readonly #place: number;
  readonly #constantValues: readonly string[];
  readonly #names: readonly string[];
  /** The order of the names, so that the same labels make the same key in whatever order a worker has them. */
  readonly #sorted: readonly number[];
  /** Where each value goes among those of the merged family. */
  readonly #positions: readonly number[];
  /** By the number that the source has for it, each series and the source's part of it. */
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
    merged.sources++;
  }

  /** How many series the source has. */
  get count(): number {
    return this.#series.length;
  }

  /** Adds a series at the end. Throws a RangeError unless it has a text for each label, and others than the rest. */
  add(labelValues: readonly string[]): void {
    const { labelNames, name } = this.description;
    checkLabelValues(labelValues, labelNames.length, name);
    const values = this.#constantValues.length === 0 ? labelValues : [...labelValues, ...this.#constantValues];
    const series = this.merged.seriesOf(this.#keyOf(values), () => this.#inOrder(values));
    const part = series.attach(this.#owner, this.#place);
    this.#series.push(series);
    this.#parts.push(part);
  }

  /** Takes away the series behind the first `count`. */
  keep(count: number): void {
    const parts = this.#parts.splice(count);
    for (const [i, series] of this.#series.splice(count).entries()) series.detach(parts[i]!);
  }

  /** Takes the numbers of a series, which stand at `at`. Throws a RangeError if no format can carry them. */
  update(index: number, numbers: Float64Array, at: number): void {
    const series = this.#at(index);
    checkNumbers(this.description, numbers, at, this.width);
    const { width } = this.merged;
    if (width === this.width) series.update(this.#parts[index]!, numbers, at);
    else series.update(this.#parts[index]!, asWide(width, numbers[at]!, this.width === 2 ? numbers[at + 1]! : 1), 0);
  }

  /** Takes an exemplar of a series. Throws a RangeError if there is no such series. */
  keepExemplar(index: number, bucket: number, exemplar: Exemplar): void {
    this.#at(index).keepExemplar(bucket, exemplar);
    this.merged.hasExemplars = true;
  }

  /** The source no longer has the family. */
  release(): void {
    this.keep(0);
    this.merged.sources--;
  }

  /** The source has ended, and with it its worker. */
  vacate(): void {
    for (const [i, series] of this.#series.splice(0).entries()) series.vacate(this.#parts[i]!);
    this.merged.sources--;
  }

  #at(index: number): MergedSeries {
    const series = this.#series[index];
    if (series !== undefined) return series;
    throw new RangeError(`Cannot update "${this.merged.name}": expected one of ${this.count} series, got ${describe(index)}.`);
  }

  /** Stands for the labels; with the lengths in it, no two sets of labels have the same. An empty label is none. */
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

/** A ratio for a family that is merged otherwise, or a value for one that is merged as a ratio: workers of two versions. */
function asWide(width: number, numerator: number, denominator: number): Float64Array {
  if (width === 2) return Float64Array.of(numerator, denominator);
  return Float64Array.of(denominator > 0 ? numerator / denominator : numerator);
}
