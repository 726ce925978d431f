import { describe } from '../model/names.ts';
import { checkDescription, checkExemplar, checkSeconds, widthOfRefused } from './check-report.ts';
import { areDistinct, type MergedFamilies } from './merged-families.ts';
import type { PartOwner } from './merged-series.ts';
import { type ExemplarChange, type FamilyDescription, numberText, type ReportPart, type SeriesChange } from './message.ts';
import { type LabelPair, SourceFamily } from './source-family.ts';

/** More families than any worker has: one that makes them up must not fill the memory of the primary. */
const MAX_FAMILIES = 10_000;

/** What a source needs of its aggregator. */
export interface SourceOptions {
  readonly families: MergedFamilies;
  /** Of its worker; see `WorkerState.place`. */
  readonly place: number;
  /** The label that keeps workers apart; undefined if they are merged. */
  readonly workerLabel: string | undefined;
  /** Called for each family that is refused: by `error` if no format could carry it, by none if others are in its way. */
  readonly onRefused: (error?: unknown) => void;
}

/** What an aggregator knows of one reporter: the other half of `ReportWriter`. */
export class Source implements PartOwner {
  /** The last request that it has answered. */
  answered = 0;
  /** Whether others were in the way of some of its families; they may be merged once those have gone. */
  hasConflicts = false;
  hasEnded = false;
  /** Whether a part of its last report was malformed. */
  isBroken = false;
  readonly #options: SourceOptions;
  readonly #byId = new Map<number, SourceFamily>();
  /** By name, the id of its family. */
  readonly #ids = new Map<string, number>();
  /** How many numbers a series of a family has that was refused, to skip them. */
  readonly #refused = new Map<number, number>();

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /**
   * Takes a part of a report. A family that no format could carry is refused, and the others are taken. Throws a TypeError
   * or RangeError if the part is malformed as a whole; then the source has forgotten everything, as after {@link forget}.
   */
  take(part: ReportPart): void {
    try {
      if (part.isFresh) this.forget();
      for (const id of part.gone) this.#release(id);
      for (const change of part.changes) this.#change(change);
      this.#update(part.runs, typeof part.numbers === 'string' ? numberText.decode(part.numbers) : part.numbers);
      for (const change of part.exemplars) this.#keepExemplar(change);
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Forgets what the reporter has told; a fresh report finds what it counted again. */
  forget(): void {
    for (const family of this.#byId.values()) family.release();
    this.#byId.clear();
    this.#ids.clear();
    this.#refused.clear();
    this.hasConflicts = false;
  }

  /** Keeps what was counted, for good; the rest goes with the worker. */
  end(): void {
    this.hasEnded = true;
    for (const family of this.#byId.values()) family.vacate();
    this.#byId.clear();
    this.#ids.clear();
  }

  #change({ id, description, createdSeconds, keep, add }: SeriesChange): void {
    if (!isIndex(id) || !isIndex(keep) || !Array.isArray(add)) {
      throw new TypeError('Cannot take a report: expected changes with an id, series to keep and series to add, got others.');
    }
    if (description !== undefined) this.#describe(id, description);
    this.#ofFamily(id, (family) => {
      if (createdSeconds !== undefined && createdSeconds !== null) {
        checkSeconds(createdSeconds, family.merged.name);
        family.merged.countsSince(createdSeconds);
      }
      if (keep < family.count) family.keep(keep);
      for (const labelValues of add) family.add(labelValues);
    });
  }

  #describe(id: number, description: FamilyDescription): void {
    const { families, place, workerLabel, onRefused } = this.#options;
    this.#release(id);
    if (this.#byId.size + this.#refused.size >= MAX_FAMILIES) {
      throw new RangeError(`Cannot take a report: expected at most ${MAX_FAMILIES} families of a worker, got more.`);
    }
    try {
      checkDescription(description);
      const { name, labelNames } = description;
      // What tells a family anew may say only later that the one before is gone.
      const before = this.#ids.get(name);
      if (before !== undefined) this.#release(before);
      // A label of the metric's own wins over one of the same name.
      const constantLabels = [...description.constantLabels, ...(workerLabel === undefined ? [] : [[workerLabel, String(place)] as LabelPair])].filter(
        ([label], i, all) => !labelNames.includes(label) && all.findIndex(([first]) => first === label) === i,
      );
      const names = [...labelNames, ...constantLabels.map(([label]) => label)];
      if (!areDistinct(names)) throw new RangeError(`Cannot merge metric ${describe(name)} from a worker: expected each label name once.`);
      const joined = families.join(description, names);
      if (joined === undefined) {
        this.hasConflicts = true;
        onRefused();
      }
      const merged = joined ?? families.unexposed(description);
      this.#byId.set(id, new SourceFamily({ owner: this, place, description, merged, constantLabels }));
      this.#ids.set(name, id);
    } catch (error) {
      const width = widthOfRefused(description);
      if (width === undefined) throw error; // where the numbers of the other families begin is not known then
      this.#refused.set(id, width);
      onRefused(error);
    }
  }

  #update(runs: readonly number[], numbers: Float64Array): void {
    let at = 0;
    for (let i = 0; i < runs.length; i += 3) {
      const [id, first, count] = [runs[i]!, runs[i + 1]!, runs[i + 2]!];
      const width = this.#refused.get(id) ?? this.#family(id).width;
      const end = at + count * width;
      if (!isIndex(first) || !isIndex(count) || end > numbers.length) {
        throw new RangeError('Cannot take a report: expected runs of series with their numbers, got others.');
      }
      this.#ofFamily(id, (family) => {
        for (let series = first; at < end; series++, at += width) family.update(series, numbers, at);
      });
      at = end;
    }
  }

  #keepExemplar(change: ExemplarChange): void {
    const [id, series, bucket] = change;
    this.#ofFamily(id, (family) => family.keepExemplar(series, bucket, checkExemplar(change, family.description)));
  }

  /** Does something with a family, and refuses the family if that throws. Does nothing with one that was refused before. */
  #ofFamily(id: number, act: (family: SourceFamily) => void): void {
    if (this.#refused.has(id)) return;
    const family = this.#family(id);
    try {
      act(family);
    } catch (error) {
      this.#release(id);
      this.#refused.set(id, family.width);
      this.#options.onRefused(error);
    }
  }

  #family(id: number): SourceFamily {
    const family = this.#byId.get(id);
    if (family !== undefined) return family;
    throw new RangeError(`Cannot take a report: expected a family that was described, got ${describe(id)}.`);
  }

  #release(id: number): void {
    const family = this.#byId.get(id);
    if (family !== undefined) {
      family.release();
      this.#byId.delete(id);
      this.#ids.delete(family.merged.name);
    }
    this.#refused.delete(id);
  }
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
