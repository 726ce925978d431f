import type { Family, HistogramSeries, NumberSeries, Series, SummarySeries } from '../model/family.ts';

/** A family as one push sends it: the series that it had when the push began, whatever is removed or added meanwhile. */
export interface SentFamily {
  readonly family: Family;
  readonly series: readonly Series[];
  readonly length: number;
}

/** Returns the families as they are now. */
export function sentFamiliesOf(families: readonly Family[]): readonly SentFamily[] {
  return families.map((family) => {
    const { series } = family;
    return { family, series, length: series.length };
  });
}

/** The types whose series count from a beginning on. */
export const COUNTING: ReadonlySet<Family['type']> = new Set(['counter', 'histogram', 'summary']);

/** What is known of a family of the last push. */
interface Known {
  readonly series: readonly Series[];
  readonly length: number;
  /** As text. */
  readonly labelNames: string;
  /** By label values as text, Unix times in milliseconds; undefined while nothing has been removed from the family. */
  readonly starts: Map<string, number> | undefined;
}

/**
 * Knows of series that were removed and are back since when they count: not since their family, which receivers would take
 * for a total that has fallen without a reset.
 *
 * While nothing is removed from a family, it has the same array, and costs nothing for each series.
 */
export class SeriesStarts {
  #known = new Map<string, Known>();
  #pushedAt: number | undefined;

  /** Compares the families of a push with those of the last one. Yields where the push may pause; must be run to its end. */
  *update(families: readonly SentFamily[], now: number): Generator<undefined> {
    const known = new Map<string, Known>();
    for (const { family, series, length } of families) {
      if (!COUNTING.has(family.type)) continue;
      const labelNames = family.labelNames.join();
      const last = this.#known.get(family.name);
      const isSame = last !== undefined && last.labelNames === labelNames;
      const starts = isSame ? yield* this.#startsOf(last, series, length) : undefined;
      known.set(family.name, { series, length, labelNames, starts });
    }
    this.#known = known;
    // What the last push had counts until then; the receiver has a value of that time.
    this.#pushedAt = now + 1;
  }

  /** Unix time in milliseconds since when a series counts, if that is later than its family. */
  of(family: Family, series: Series): number | undefined {
    const starts = this.#known.get(family.name)?.starts;
    return starts === undefined || starts.size === 0 ? undefined : starts.get(keyOf(series));
  }

  *#startsOf(last: Known, series: readonly Series[], length: number): Generator<undefined, Known['starts']> {
    const isSame = last.series === series;
    if (isSame && last.starts === undefined) return undefined;
    const starts = isSame ? last.starts! : new Map<string, number>();
    const departed = new Set<Series>();
    for (let i = 0; !isSame && i < last.length; i++) {
      departed.add(last.series[i]!);
      yield;
    }
    const arrived: Series[] = [];
    for (let i = isSame ? last.length : 0; i < length; i++) {
      const one = series[i]!;
      if (!departed.delete(one)) arrived.push(one);
      else if (last.starts !== undefined && last.starts.size > 0) keepStart(starts, keyOf(one), last.starts);
      yield;
    }
    // A collector may have other objects of the same series each time.
    const before = new Map<string, Series>();
    for (const one of arrived.length > 0 ? departed : []) {
      before.set(keyOf(one), one);
      yield;
    }
    for (const one of arrived) {
      const key = keyOf(one);
      const earlier = before.get(key);
      if (earlier !== undefined && totalOf(one) >= totalOf(earlier)) keepStart(starts, key, last.starts);
      else if (this.#pushedAt !== undefined) starts.set(key, this.#pushedAt);
      yield;
    }
    return starts;
  }
}

function keepStart(starts: Map<string, number>, key: string, earlier: Known['starts']): void {
  const start = earlier?.get(key);
  if (start !== undefined) starts.set(key, start);
}

function keyOf({ labelValues }: Series): string {
  return JSON.stringify(labelValues);
}

/** What falls only if a series begins again. */
function totalOf(series: Series): number {
  const { value, bucketCounts, count = 0 } = series as Partial<NumberSeries & HistogramSeries & SummarySeries>;
  return value ?? bucketCounts?.reduce((total, inBucket) => total + inBucket, 0) ?? count;
}
