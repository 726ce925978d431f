import type { Family, Series } from '../../model/family.ts';
import type { SentFamily } from '../series-starts.ts';

/** A series that is gone. */
export interface Departed {
  readonly family: Family;
  readonly series: Series;
  /** What {@link KeysOf} says of the family that has its name now, if that is another one. */
  readonly present: ReadonlySet<string>;
}

/** Returns a key for each series that a receiver has of one of this library, such as each bucket of a histogram. */
export type KeysOf = (family: Family, series: Series) => Iterable<string>;

/**
 * Knows which series of the last push are gone. Holds the arrays of series, which the registry holds as well, so that it
 * costs nothing for each series: while a family has the same array, nothing was removed from it.
 */
export class DepartedSeries {
  readonly #keysOf: KeysOf;
  #sent: readonly SentFamily[] = [];

  constructor(keysOf: KeysOf) {
    this.#keysOf = keysOf;
  }

  /** Notes that these families have been sent. */
  remember(families: readonly SentFamily[]): void {
    this.#sent = families;
  }

  /** Generates the series of the last push that these families do not have; all of them, for no families. */
  *missingFrom(families: readonly SentFamily[]): Generator<Departed | undefined> {
    const current = new Map(families.map((one) => [one.family.name, one]));
    for (const { family, series, length } of this.#sent) {
      const now = current.get(family.name);
      if (now !== undefined && now.series === series) continue;
      const isSame = now !== undefined && shapeOf(now.family) === shapeOf(family);
      const [values, present] = [new Set<string>(), new Set<string>()];
      for (let i = 0; now !== undefined && i < now.length; i++) {
        const one = now.series[i]!;
        // A metric that was created again, with another label or bucket, may have some of the same series.
        if (isSame) values.add(JSON.stringify(one.labelValues));
        else for (const key of this.#keysOf(now.family, one)) present.add(key);
        yield undefined; // a place for a pause
      }
      for (let i = 0; i < length; i++) {
        const one = series[i]!;
        yield values.has(JSON.stringify(one.labelValues)) ? undefined : { family, series: one, present };
      }
    }
  }
}

/** Two families of the same shape make the same series of the same label values. */
function shapeOf({ type, labelNames, constantLabels, ...rest }: Family): string {
  const { upperBounds, quantiles } = rest as { upperBounds?: readonly number[]; quantiles?: readonly number[] };
  return JSON.stringify([type, labelNames, constantLabels, upperBounds, quantiles]);
}
