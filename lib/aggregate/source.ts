import { checkBuckets } from '../model/buckets.ts';
import { checkAggregator } from '../model/check-aggregator.ts';
import type { MetricType } from '../model/family.ts';
import { checkHelp, checkMetricName, describe } from '../model/names.ts';
import type { MergedFamilies } from './merged-families.ts';
import type { ExemplarChange, FamilyDescription, ReportPart, SeriesChange } from './message.ts';
import { numberText } from './number-text.ts';
import type { PartOwner } from './part.ts';
import { SourceFamily, type WorkerLabel } from './source-family.ts';

const TYPES: ReadonlySet<MetricType> = new Set(['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown']);

/** What an aggregator knows of one reporter: the other half of `ReportWriter`. */
export class Source implements PartOwner {
  /** The last request that it has answered. */
  answered = 0;
  /** Whether some of its families could not be merged; they may be once others have gone. */
  hasRefused = false;
  hasEnded = false;
  /** Whether a part of its last report was malformed. */
  isBroken = false;
  readonly #families: MergedFamilies;
  readonly #place: number;
  readonly #workerLabel: WorkerLabel | undefined;
  readonly #byId = new Map<number, SourceFamily>();

  constructor(families: MergedFamilies, place: number, labelName: string | undefined) {
    this.#families = families;
    this.#place = place;
    this.#workerLabel = labelName === undefined ? undefined : [labelName, String(place)];
  }

  /**
   * Takes a part of a report. Throws a TypeError or RangeError if it is malformed; what was taken before stands, and
   * {@link forget} makes the source ready for a fresh report.
   */
  take(part: ReportPart): void {
    if (part.isFresh) this.forget();
    for (const id of part.gone) {
      this.#byId.get(id)?.release();
      this.#byId.delete(id);
    }
    for (const change of part.changes) this.#change(change);
    this.#update(part.runs, typeof part.numbers === 'string' ? numberText.decode(part.numbers) : part.numbers);
    for (const change of part.exemplars) this.#keepExemplar(change);
  }

  /** Forgets what the reporter has told; a fresh report finds what it counted again. */
  forget(): void {
    for (const family of this.#byId.values()) family.release();
    this.#byId.clear();
    this.hasRefused = false;
  }

  /** Keeps what was counted, for good; the rest goes with the worker. */
  end(): void {
    this.hasEnded = true;
    for (const family of this.#byId.values()) family.vacate();
    this.#byId.clear();
  }

  #change({ id, description, createdSeconds, keep, add }: SeriesChange): void {
    if (description !== undefined) {
      checkDescription(description);
      const joined = this.#families.join(description);
      if (joined === undefined) this.hasRefused = true;
      this.#byId.get(id)?.release();
      const merged = joined ?? this.#families.unexposed(description);
      this.#byId.set(id, new SourceFamily(this, this.#place, description, merged, this.#workerLabel));
    }
    const family = this.#family(id);
    if (typeof createdSeconds === 'number') family.merged.countsSince(createdSeconds);
    if (keep < family.count) family.keep(keep);
    for (const labelValues of add) family.add(labelValues);
  }

  #update(runs: readonly number[], numbers: Float64Array): void {
    let at = 0;
    for (let i = 0; i < runs.length; i += 3) {
      const family = this.#family(runs[i]!);
      const first = runs[i + 1]!;
      const { width } = family;
      const end = first + runs[i + 2]!;
      for (let series = first; series < end; series++, at += width) {
        if (at + width > numbers.length) throw new RangeError(`Cannot update "${family.merged.name}": expected ${width} numbers for each series.`);
        family.update(series, numbers, at);
      }
    }
  }

  #keepExemplar([id, series, bucket, labels, value, timestampSeconds]: ExemplarChange): void {
    const family = this.#family(id);
    const { merged } = family;
    if (!(bucket >= 0 && bucket < Math.max(1, merged.width - 1)) || typeof labels !== 'object' || labels === null) {
      throw new RangeError(`Cannot keep an exemplar of "${merged.name}": expected one of its buckets and labels, got others.`);
    }
    family.keepExemplar(series, bucket, { labels, value: Number(value), timestampSeconds: timestampSeconds ?? undefined });
  }

  #family(id: number): SourceFamily {
    const family = this.#byId.get(id);
    if (family !== undefined) return family;
    throw new RangeError(`Cannot take a report: expected a family that was described, got ${describe(id)}.`);
  }
}

/** What would make an exposition that scrapers refuse whole must not come in from a worker. */
function checkDescription(description: FamilyDescription): void {
  const { name, help, type, unit, labelNames, constantLabels, upperBounds, quantiles, aggregator } = description;
  checkMetricName(name, 'utf8');
  checkHelp(help, name);
  checkAggregator(aggregator, name);
  checkBuckets(upperBounds, name);
  const names = Array.isArray(labelNames) && Array.isArray(constantLabels) ? [...labelNames, ...constantLabels.flat()] : [undefined];
  const isGood =
    TYPES.has(type) && typeof unit === 'string' && names.every((text) => typeof text === 'string') &&
    Array.isArray(quantiles) && quantiles.every(Number.isFinite);
  if (!isGood) throw new TypeError(`Cannot take metric "${name}": expected a type, a unit, label names and quantiles, got others.`);
}
