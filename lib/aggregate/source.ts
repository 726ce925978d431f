import { describe, refuse, underscoredLabelName } from '../model/names.ts';
import { checkDescription, checkExemplar, checkSeconds, widthOfRefused } from './check-report.ts';
import type { MergedFamilies } from './merged-families.ts';
import type { PartOwner } from './merged-series.ts';
import {
  base64Numbers,
  type ExemplarChange,
  type FamilyDescription,
  NATIVE_RECORD,
  type ReportPart,
  type SeriesChange,
} from './message.ts';
import { type LabelPair, SourceFamily } from './source-family.ts';

/** More than any real worker has. A hostile one must not fill the memory of the primary. */
const MAX_FAMILIES = 10_000;

/** The parts of the aggregator that a source uses. */
interface SourceOptions {
  readonly families: MergedFamilies;
  /** The place of its worker, as `WorkerState.place`. */
  readonly place: number;
  /** The label that keeps workers apart; undefined if they are merged. */
  readonly workerLabel: string | undefined;
  /** Called for each refused family: with an error if it is invalid, without one if it conflicts with other workers. */
  readonly onRefused: (error?: unknown) => void;
}

/** One reporter as the aggregator sees it: the counterpart of `ReportWriter`. */
export class Source implements PartOwner {
  /** The last request that it has answered. */
  answered = 0;
  /** Whether some of its families conflicted with other workers. They may be merged once those are gone. */
  hasConflicts = false;
  hasEnded = false;
  /** Whether a part of its last report was malformed. */
  isBroken = false;
  readonly #options: SourceOptions;
  readonly #byId = new Map<number, SourceFamily>();
  /** The ids of its families by name. */
  readonly #ids = new Map<string, number>();
  /** The numbers per series of refused families, to skip them. */
  readonly #refused = new Map<number, number>();

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /**
   * Takes a part of a report. An invalid family is refused, and the rest is taken. If the part as a whole is malformed, drops
   * everything, as {@link forget} does, and throws a TypeError or RangeError.
   */
  take(part: ReportPart): void {
    try {
      if (part.isFresh) this.forget();
      for (const id of part.gone) this.#release(id);
      for (const change of part.changes) this.#change(change);
      this.#update(part.runs, base64Numbers.decode(part.numbers));
      if (part.native !== undefined) this.#updateNative(base64Numbers.decode(part.native));
      for (const change of part.exemplars) this.#keepExemplar(change);
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Removes a series of a family. The last one gets its index: reports remove series at the end only. */
  remove(id: number, index: number): void {
    this.#ofFamily(id, (family) => family.remove(index));
  }

  /** Drops everything that was reported. A full report brings it back, and no count is lost or doubled. */
  forget(): void {
    for (const family of this.#byId.values()) family.release();
    this.#byId.clear();
    this.#ids.clear();
    this.#refused.clear();
    this.hasConflicts = false;
  }

  /** Keeps the counts for good and drops the rest, since the worker has ended. */
  end(): void {
    this.hasEnded = true;
    for (const family of this.#byId.values()) family.vacate();
    this.#byId.clear();
    this.#ids.clear();
  }

  #change({ id, description, createdSeconds, keep, add }: SeriesChange): void {
    if (!isIndex(id) || !isIndex(keep) || !Array.isArray(add)) {
      throw new TypeError(
        'Cannot take a report: expected changes with an id, series to keep and series to add, got others.',
      );
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
      if (description.isNative === true && families.nativePart === undefined)
        refuse(`merge metric ${describe(description.name)} from a worker`, 'fixed buckets', 'native ones', RangeError);
      const { name, labelNames } = description;
      // A family that is described again replaces the former one, whose removal may be reported later.
      const before = this.#ids.get(name);
      if (before !== undefined) this.#release(before);
      const allLabels = [...description.constantLabels];
      if (workerLabel !== undefined) allLabels.push([workerLabel, String(place)]);
      const constantLabels = withoutTaken(allLabels, labelNames);
      const names = [...labelNames, ...constantLabels.map(([label]) => label)];
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
      if (width === undefined) throw error; // the numbers of the families behind it cannot be found
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
      this.#ofFamily(id, (family) => family.update(first, numbers, at, end));
      at = end;
    }
  }

  #updateNative(numbers: Float64Array): void {
    const { FAMILY, POSITIVES, NEGATIVES, BUCKETS } = NATIVE_RECORD;
    for (let at = 0; at < numbers.length; ) {
      const [positives, negatives] = [numbers[at + POSITIVES], numbers[at + NEGATIVES]];
      const end = isIndex(positives) && isIndex(negatives) ? at + BUCKETS + 2 * (positives + negatives) : Infinity;
      if (end > numbers.length) {
        throw new RangeError('Cannot take a report: expected whole records of native histograms, got others.');
      }
      const record = numbers.subarray(at, end);
      this.#ofFamily(record[FAMILY]!, (family) => family.updateNative(record));
      at = end;
    }
  }

  #keepExemplar(change: ExemplarChange): void {
    const [id, series, bucket] = change;
    this.#ofFamily(id, (family) => family.keepExemplar(series, bucket, checkExemplar(change, family.description)));
  }

  /** Calls `act` with a family, unless it was refused, and refuses it if that throws. */
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
    refuse('take a report', 'a family that was described', id, RangeError);
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

/** Leaves out labels whose name, escaped, another label has: the metric's own wins, as in a registry, then the first. */
function withoutTaken(labels: readonly LabelPair[], labelNames: readonly string[]): LabelPair[] {
  const taken = new Set(labelNames.map(underscoredLabelName));
  return labels.filter(([name]) => {
    const escaped = underscoredLabelName(name);
    return !taken.has(escaped) && taken.add(escaped);
  });
}
