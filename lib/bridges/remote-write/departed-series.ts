import type { Family, Series } from '../../model/family.ts';

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

/**
 * Knows which series of the last push are gone. Holds the arrays of series, which the registry holds as well, so that it
 * costs nothing for each series: while a family has the same array, nothing was removed from it.
 */
export class DepartedSeries {
  #sent: readonly SentFamily[] = [];

  /** Notes that these families have been sent. */
  remember(families: readonly SentFamily[]): void {
    this.#sent = families;
  }

  /** Generates the series of the last push that these families do not have; all of them, for no families. */
  *missingFrom(families: readonly SentFamily[]): Generator<readonly [Family, Series] | undefined> {
    const current = new Map(families.map((one) => [one.family.name, one]));
    for (const { family, series, length } of this.#sent) {
      const now = current.get(family.name);
      if (now !== undefined && now.series === series) continue;
      const isSame = now !== undefined && shapeOf(now.family) === shapeOf(family);
      const present = new Set<string>();
      for (let i = 0; isSame && i < now.length; i++) {
        present.add(JSON.stringify(now.series[i]!.labelValues));
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
