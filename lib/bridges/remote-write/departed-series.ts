import type { Family, Series } from '../../model/family.ts';

/** A family as it was sent, and how many of its series were. */
interface SentFamily {
  readonly family: Family;
  readonly series: readonly Series[];
  readonly length: number;
}

/**
 * Knows which series of the last push are gone. Holds the arrays of series, which the registry holds as well, so that it
 * costs nothing for each series: while a family has the same array, nothing was removed from it.
 */
export class DepartedSeries {
  #sent = new Map<string, SentFamily>();

  /** Notes that these families have been sent. */
  remember(families: readonly Family[]): void {
    const sent = families.map((family) => {
      const { series } = family;
      return [family.name, { family, series, length: series.length }] as const;
    });
    this.#sent = new Map(sent);
  }

  /** Generates the series of the last push that these families do not have; all of them, for no families. */
  *missingFrom(families: readonly Family[]): Generator<readonly [Family, Series] | undefined> {
    const current = new Map(families.map((family) => [family.name, family]));
    for (const [name, { family, series, length }] of this.#sent) {
      const now = current.get(name);
      if (now !== undefined && now.series === series) continue;
      const isSame = now !== undefined && shapeOf(now) === shapeOf(family);
      const present = new Set<string>();
      for (const { labelValues } of isSame ? now.series : []) {
        present.add(JSON.stringify(labelValues));
        yield undefined; // a place for a pause
      }
      for (let i = 0; i < length; i++) {
        const one = series[i]!;
        yield present.has(JSON.stringify(one.labelValues)) ? undefined : [family, one];
      }
    }
  }
}

/** Two families of the same shape make the same series of the same label values. */
function shapeOf({ type, labelNames, constantLabels, ...rest }: Family): string {
  const { upperBounds, quantiles } = rest as { upperBounds?: readonly number[]; quantiles?: readonly number[] };
  return JSON.stringify([type, labelNames, constantLabels, upperBounds, quantiles]);
}
