import type { Family } from '../model/family.ts';
import { seriesNames } from '../model/series-names.ts';

/**
 * Returns the families that one of `names` names: as it is registered, as it is escaped, as OpenMetrics calls it (without
 * `_total` or `_info`), or by one of its series (`x_bucket`).
 */
export function filterFamilies(families: readonly Family[], names: ReadonlySet<string>): readonly Family[] {
  return families.filter(({ name, type }) => {
    const base = type === 'counter' ? name.replace(/_total$/, '') : type === 'info' ? name.replace(/_info$/, '') : name;
    return [name, base, ...seriesNames(name, type)].some((one) => names.has(one));
  });
}
