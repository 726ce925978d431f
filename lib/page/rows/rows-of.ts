import type { FamilyHistory, History, SeriesHistory } from '../history/history.ts';
import type { Choices } from './choices.ts';
import { grouped } from './grouped.ts';
import type { Row } from './row.ts';
import { WINDOW_SECONDS } from './window-seconds.ts';

/** Families of more series are collapsed until they are opened. */
const MOST_SERIES_SHOWN = 100;

/**
 * Returns the rows of the list: what matches the query, grouped, sorted and collapsed as chosen. While there is a query,
 * nothing is collapsed, so that what was found is seen.
 */
export function rowsOf(history: History, choices: Choices): Row[] {
  const families = history.families();
  if (choices.sortOrder === 'name') families.sort((left, right) => compare(left.name, right.name));
  // All families are grouped, not those found: a search moves nothing into another group.
  return [...grouped(families)].flatMap(([title, group]) => {
    const found = group
      .map((family) => ({ family, series: choices.query.matches(family, history.seriesOf(family)) }))
      .filter(({ series }) => series.length > 0);
    if (found.length === 0) return [];
    const id = `group ${title}`;
    const isCollapsed = isCollapsedNow(choices, id, false);
    const rows = isCollapsed ? [] : found.flatMap(({ family, series }) => familyRows(family, series, choices));
    return [{ kind: 'group', id, title, familyCount: found.length, isCollapsed } satisfies Row, ...rows];
  });
}

function isCollapsedNow({ query, collapsed }: Choices, id: string, byItself: boolean): boolean {
  return query.isEmpty && (collapsed.get(id) ?? byItself);
}

function familyRows(family: FamilyHistory, series: readonly SeriesHistory[], choices: Choices): Row[] {
  const rows: Row[] = [];
  const id = `family ${family.name}`;
  const isAlone = family.series.size === 1 && series[0]!.labels.length === 0;
  if (!isAlone) {
    const isCollapsed = isCollapsedNow(choices, id, series.length > MOST_SERIES_SHOWN);
    rows.push({ kind: 'family', id, family, seriesCount: series.length, isCollapsed });
    if (isCollapsed) return rows;
  }
  for (const one of sorted(series, choices.sortOrder)) {
    const key = `${family.name} ${one.key}`;
    const isOpen = choices.opened.has(`series ${key}`);
    rows.push({ kind: 'series', id: `series ${key}`, family, series: one, isAlone, isOpen });
    if (isOpen) rows.push({ kind: 'detail', id: `detail ${key}`, family, series: one });
  }
  return rows;
}

function sorted(series: readonly SeriesHistory[], order: Choices['sortOrder']): readonly SeriesHistory[] {
  if (order === 'exposition' || series.length < 2) return series;
  const keyed = series.map((one) => ({ one, value: rankOf(one), text: one.key }));
  keyed.sort((left, right) => (order === 'value' ? right.value - left.value : 0) || compare(left.text, right.text));
  return keyed.map(({ one }) => one);
}

/** What `value` sorts by: rates, values, and how often a histogram observed. What is no number comes last. */
function rankOf(series: SeriesHistory): number {
  const rank = valueOf(series);
  return Number.isNaN(rank) ? -Number.MAX_VALUE : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, rank));
}

function valueOf(series: SeriesHistory): number {
  switch (series.kind) {
    case 'histogram':
      return series.over(WINDOW_SECONDS).count;
    case 'counter':
      return series.rate(WINDOW_SECONDS);
    case 'gauge':
      return series.value;
  }
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
