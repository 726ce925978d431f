import { FINPILOT_ROWS } from './finpilot-rows.ts';
import { groupOf, TITLES } from './group-of.ts';

/**
 * Groups by title, in the order of their first metric, but FinPilot's rows first and in their own order. What stands
 * alone under its prefix goes together under `Other`, at the end.
 */
export function grouped<T extends { readonly name: string }>(families: readonly T[]): Map<string, T[]> {
  const byTitle = new Map<string, T[]>(FINPILOT_ROWS.map((title) => [title, []]));
  for (const family of families) {
    const title = groupOf(family.name);
    const group = byTitle.get(title);
    if (group === undefined) byTitle.set(title, [family]);
    else group.push(family);
  }
  const lonely: T[] = [];
  for (const [title, group] of byTitle) {
    if (group.length === 0) byTitle.delete(title);
    if (group.length !== 1 || isNamed(title)) continue;
    lonely.push(group[0]!);
    byTitle.delete(title);
  }
  if (lonely.length > 0) byTitle.set('Other', lonely);
  return byTitle;
}

function isNamed(title: string): boolean {
  return (FINPILOT_ROWS as readonly string[]).includes(title) || Object.values(TITLES).includes(title);
}
