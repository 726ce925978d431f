import { warn } from '../model/error-text.ts';
import type { Aggregator, BucketOptions, Family, MetricType } from '../model/family.ts';
import { describe, seriesNames, underscoredLabelName } from '../model/names.ts';
import { MergedSeries, type Merging, type SeriesOwner } from './merged-series.ts';
import { type FamilyDescription, numbersPerSeries } from './message.ts';
import type { NativePart } from './native-part.ts';

/** The most warnings about conflicts, so that a worker that makes up names cannot flood the log. */
const MAX_WARNINGS = 100;

/** The families of all workers, by name. */
export class MergedFamilies {
  /** The class of native parts, loaded when the first worker reports one: others save its memory. */
  nativePart: typeof NativePart | undefined;
  readonly #areApart: boolean;
  readonly #families = new Map<string, MergedFamily>();
  /** Which family exposes a series name. */
  readonly #owners = new Map<string, string>();
  /** Names that a warning was issued for. */
  readonly #refused = new Set<string>();

  /** `areApart`: each series belongs to one worker. `reserved`: names that no worker's family may have. */
  constructor(areApart: boolean, reserved: readonly string[]) {
    this.#areApart = areApart;
    for (const name of reserved) this.#owners.set(name, name);
  }

  /**
   * Returns the merged family for a description with all these labels; undefined if it conflicts with another one, such as
   * one of the same name with another type or other buckets. A family that no worker has any more is replaced.
   */
  join(description: FamilyDescription, labelNames: readonly string[]): MergedFamily | undefined {
    const { name, type } = description;
    const existing = this.#families.get(name);
    if (existing?.agreesWith(description, labelNames) === true) {
      existing.nativePart = this.nativePart;
      return existing;
    }
    const names = seriesNames(name, type);
    const inTheWay = new Set(names.map((one) => this.#owners.get(one)).filter((owner) => owner !== undefined));
    for (const owner of inTheWay) {
      if (this.#families.get(owner)?.sources === 0) this.#remove(owner);
      else return this.#refuse(description, owner);
    }
    const family = this.unexposed(description);
    this.#families.set(name, family);
    for (const one of names) this.#owners.set(one, name);
    return family;
  }

  /** Returns a family for a description that {@link join} refused. It takes its worker's values, and nothing exposes it. */
  unexposed(description: FamilyDescription): MergedFamily {
    return new MergedFamily(description, this.#areApart, this.nativePart);
  }

  /** The families to expose, in order of arrival. */
  get exposed(): Family[] {
    const exposed: Family[] = [];
    for (const family of this.#families.values()) {
      family.removeInvisible();
      if (family.series.length > 0) {
        if (this.#areApart || family.aggregator !== 'omit') exposed.push(family.live);
      } else if (family.sources === 0) this.#remove(family.name);
    }
    return exposed;
  }

  #remove(name: string): void {
    const family = this.#families.get(name)!;
    this.#families.delete(name);
    for (const one of seriesNames(name, family.type)) this.#owners.delete(one);
  }

  #refuse({ name, type }: FamilyDescription, owner: string): undefined {
    if (this.#refused.has(name) || this.#refused.size >= MAX_WARNINGS) return;
    this.#refused.add(name);
    warn(
      'METRICS_NOT_MERGED',
      `Cannot merge metric ${describe(name)} of type ${type} from a worker, so its values are missing: expected the type, ` +
        `buckets and labels of ${describe(owner)} in the other workers, got others. Rename it, or restart the other workers.`,
    );
  }
}

/** The aggregators of types whose values must not be added, the default first: an info is always 1, a state 0 or 1. */
const MERGING: Readonly<Partial<Record<MetricType, readonly Merging[]>>> = {
  info: ['first'],
  stateset: ['max', 'min', 'first'],
};

/** A family of several workers. It lives as long as one of its series does, and the encoders' caches with it. */
export class MergedFamily implements SeriesOwner {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly unit: string;
  /** Those of the source that was first, also if native buckets of others have other bounds. */
  readonly upperBounds: readonly number[];
  nativePart: typeof NativePart | undefined;
  readonly quantiles: readonly number[];
  readonly aggregator: Aggregator | undefined;
  readonly merging: Merging;
  /** Empty: constant labels may differ between workers, so they are ordinary labels here. */
  readonly constantLabels = [];
  readonly cache = new Map<string, object>();
  readonly isCumulative: boolean;
  readonly width: number;
  readonly initialNumber: 0 | 1;
  readonly countsStart: number;
  readonly countsEnd: number;
  labelNames: readonly string[] = [];
  createdSeconds: number | undefined;
  hasExemplars = false;
  /** As `NumberFamily.series` promises. */
  series: MergedSeries[] = [];
  hasInvisible = false;
  /** How many sources have the family, and how many of them report native buckets. */
  sources = 0;
  #nativeSources = 0;
  /** Whether some source has reported native buckets. */
  #hasNative = false;
  /** Whether some source has asked for classic buckets beside native ones. */
  #isAlsoClassic = false;
  readonly #quantilesOfSources: readonly number[];
  readonly #byKey = new Map<string, MergedSeries>();

  /** `hasQuantiles`: the series of workers are kept apart, so that quantiles are meaningful. */
  constructor(description: FamilyDescription, hasQuantiles: boolean, nativePart: typeof NativePart | undefined) {
    const { name, help, type, unit, upperBounds, quantiles, aggregator } = description;
    this.name = name;
    this.help = help;
    this.type = type;
    this.unit = unit;
    this.upperBounds = upperBounds;
    this.nativePart = nativePart;
    this.quantiles = hasQuantiles ? quantiles : [];
    this.#quantilesOfSources = quantiles;
    this.aggregator = aggregator;
    this.isCumulative = type === 'counter' || type === 'histogram' || type === 'summary';
    this.merging = mergingOf(type, aggregator);
    this.width = numbersPerSeries({ ...description, isNative: undefined });
    this.initialNumber = type === 'info' ? 1 : 0;
    this.countsStart = type === 'summary' ? this.width - 2 : 0;
    this.countsEnd = type === 'counter' ? 1 : this.width - 1;
  }

  /** The family as encoders read it. */
  get live(): Family {
    return this as unknown as Family; // `type` decides which of the three it is
  }

  /**
   * Whether the series have native buckets: unless some source reports fixed ones, maybe since it is of an older version. Then all are
   * classic for as long as it lives, since Prometheus takes a histogram in one form or the other.
   */
  get isNative(): boolean {
    return this.#hasNative && this.#nativeSources === this.sources;
  }

  /** As `HistogramFamily.bucketOptions` says. */
  get bucketOptions(): BucketOptions | undefined {
    return this.isNative ? { isAlsoClassic: this.#isAlsoClassic } : undefined;
  }

  /**
   * Whether a description with all these labels can be merged into it: it has the same layout of numbers, and no label
   * name that escaping turns into another one, such as `a.b` beside `a_b`. Any two histograms with native buckets can be merged.
   */
  agreesWith({ type, upperBounds, isNative, quantiles }: FamilyDescription, names: readonly string[]): boolean {
    const isSame =
      type === this.type &&
      ((isNative === true && this.#hasNative) || `${upperBounds}` === `${this.upperBounds}`) &&
      `${quantiles}` === `${this.#quantilesOfSources}`;
    return isSame && areDistinct([...new Set([...this.labelNames, ...names])]);
  }

  /** Adds missing label names. A series that lacks a label has an empty value for it. */
  addLabelNames(names: readonly string[]): void {
    const added = names.filter((name) => !this.labelNames.includes(name));
    if (added.length === 0) return;
    this.labelNames = [...this.labelNames, ...added];
    this.#outdateCaches();
  }

  /** Adds a source, which reports native buckets or does not. */
  addSource({ isNative, isAlsoClassic }: FamilyDescription): void {
    if (isAlsoClassic === true && !this.#isAlsoClassic) {
      this.#isAlsoClassic = true;
      this.#outdateCaches();
    }
    this.#count(1, isNative);
  }

  /** Removes a source with this description. */
  removeSource({ isNative }: FamilyDescription): void {
    this.#count(-1, isNative);
  }

  #count(change: 1 | -1, isNative: true | undefined): void {
    const before = this.isNative;
    this.sources += change;
    if (isNative) this.#nativeSources += change;
    if (isNative) this.#hasNative = true;
    if (this.isNative !== before) this.#outdateCaches();
  }

  #outdateCaches(): void {
    this.cache.clear();
    this.series = [...this.series];
  }

  /** Returns the series with this key of its labels. Creates it with `labelValues` if it is missing. */
  seriesOf(key: string, labelValues: () => readonly string[]): MergedSeries {
    let series = this.#byKey.get(key);
    if (series === undefined) {
      series = new MergedSeries(this, labelValues());
      this.#byKey.set(key, series);
      this.series.push(series);
    }
    return series;
  }

  /** Keeps the earliest start time. */
  countsSince(createdSeconds: number): void {
    this.createdSeconds = Math.min(this.createdSeconds ?? Infinity, createdSeconds);
  }

  /** Removes the series that no worker has any more. */
  removeInvisible(): void {
    if (!this.hasInvisible) return;
    this.hasInvisible = false;
    for (const [key, series] of this.#byKey) if (!series.isVisible) this.#byKey.delete(key);
    if (this.#byKey.size < this.series.length) this.series = [...this.#byKey.values()];
  }
}

/** Returns the aggregator if the type allows it, otherwise the type's default. */
function mergingOf(type: MetricType, aggregator: Aggregator = 'omit'): Merging {
  const possible =
    type === 'gauge' || type === 'unknown'
      ? ([aggregator === 'omit' ? 'sum' : aggregator] as const)
      : (MERGING[type] ?? ['sum']);
  return possible.find((one) => one === aggregator) ?? possible[0]!;
}

/** Whether the label names are distinct in every format. */
function areDistinct(names: readonly string[]): boolean {
  return new Set(names.map(underscoredLabelName)).size === names.length;
}
