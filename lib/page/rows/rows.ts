import type { FamilyHistory, History, SeriesHistory } from '../history/history.ts';
import { WINDOW_SECONDS } from '../history/series.ts';

/** The heading of a group of families. */
export interface GroupRow {
  readonly kind: 'group';
  readonly id: string;
  readonly title: string;
  readonly familyCount: number;
  readonly isCollapsed: boolean;
}

/** The heading of a family of several series, or of a series with labels. */
export interface FamilyRow {
  readonly kind: 'family';
  readonly id: string;
  readonly family: FamilyHistory;
  readonly seriesCount: number;
  readonly isCollapsed: boolean;
}

/** A series. */
export interface SeriesRow {
  readonly kind: 'series';
  readonly id: string;
  readonly family: FamilyHistory;
  readonly series: SeriesHistory;
  /** Whether this is the family's only series and has no labels, so that the family has no heading. */
  readonly isAlone: boolean;
  /** Whether its {@link DetailRow} follows. */
  readonly isOpen: boolean;
}

/** The details of a series, below its row. */
export interface DetailRow {
  readonly kind: 'detail';
  readonly id: string;
  readonly family: FamilyHistory;
  readonly series: SeriesHistory;
}

/** One row of the list. Its `id` is stable from scrape to scrape. */
export type Row = GroupRow | FamilyRow | SeriesRow | DetailRow;

/** The order of the list; `exposition` is the order in which the server exposes it. */
export type SortOrder = 'exposition' | 'name' | 'value';

/** The settings that the reader of the page has chosen. */
export interface Choices {
  readonly query: Query;
  readonly sortOrder: SortOrder;
  /** Groups and families that the reader collapsed (true) or expanded (false), by row id. */
  readonly collapsed: ReadonlyMap<string, boolean>;
  /** Ids of the series rows whose details are open. */
  readonly opened: ReadonlySet<string>;
  /** On a narrow page, more starts collapsed: a series takes twice the height. */
  readonly isNarrow: boolean;
}

/** Larger families are collapsed until the reader expands them, on wide and on narrow pages. */
const MOST_SERIES_SHOWN = { wide: 100, narrow: 8 };

/** With more series in the list, all groups of a narrow page are collapsed until the reader expands them. */
const MOST_SERIES_IN_NARROW_LIST = 30;

/** Metrics of every program. Their groups follow those of the application, in this order. */
const STANDARD_GROUPS: readonly (readonly [title: string, names: RegExp])[] = [
  ['HTTP', /^http_/],
  ['Node.js', /^nodejs_/],
  ['Process', /^process_/],
  ['Scrapes', /^(?:promhttp|metrics_client|metrics_thread)_/],
];

/** A search: words that all have to occur in a metric's name and help or in the labels of a series. */
export class Query {
  readonly #words: readonly string[];

  /** Ignores case and quotes, so a pasted `strategy="swing"` finds the same as `strategy=swing`. */
  constructor(text: string) {
    this.#words = normalized(text)
      .split(/[\s,{}]+/)
      .filter((word) => word !== '');
  }

  /** Whether the query has no words, so that it matches everything. */
  get isEmpty(): boolean {
    return this.#words.length === 0;
  }

  /** The series of a family that match: all of them if name and help contain every word. */
  matches(family: FamilyHistory, series: readonly SeriesHistory[]): readonly SeriesHistory[] {
    if (this.isEmpty) return series;
    const heading = searchTextOf(family, ({ name, help }) => `${name} ${help}`);
    const wanted = this.#words.filter((word) => !heading.includes(word));
    if (wanted.length === 0) return series;
    return series.filter((one) => {
      const text = searchTextOf(one, ({ name, labels }) => {
        return `${name} ${labels.map(([label, value]) => `${label}=${value}`).join(' ')}`;
      });
      return wanted.every((word) => text.includes(word));
    });
  }
}

/**
 * Texts that a query is compared with, by series and family. Kept, since each key that is pressed searches all of them;
 * only a help text can change, and the old one still finds the metric.
 */
const searchTexts = new WeakMap<object, string>();

function searchTextOf<T extends object>(of: T, textOf: (of: T) => string): string {
  let text = searchTexts.get(of);
  if (text === undefined) searchTexts.set(of, (text = normalized(textOf(of))));
  return text;
}

function normalized(text: string): string {
  return text.toLowerCase().replaceAll('"', '');
}

/**
 * Returns the rows of the list: the series that match the query, grouped, sorted and collapsed as chosen. A query expands
 * everything, so that all matches are visible.
 */
export function rowsOf(history: History, choices: Choices): Row[] {
  const families = history.families();
  const seriesCount = families.reduce((count, { series }) => count + series.size, 0);
  const startCollapsed = choices.isNarrow && seriesCount > MOST_SERIES_IN_NARROW_LIST;
  if (choices.sortOrder === 'name') families.sort((left, right) => compare(left.name, right.name));
  // Grouped before the search, so that a search moves nothing into another group.
  return grouped(families).flatMap(({ id, title, families: group }) => {
    const found = group
      .map((family) => ({ family, series: choices.query.matches(family, history.seriesOf(family)) }))
      .filter(({ series }) => series.length > 0);
    if (found.length === 0) return [];
    const isCollapsed = isCollapsedNow(choices, id, startCollapsed);
    const rows = isCollapsed ? [] : found.flatMap(({ family, series }) => familyRows(family, series, choices));
    return [{ kind: 'group', id, title, familyCount: found.length, isCollapsed } satisfies Row, ...rows];
  });
}

/** Families under one heading. */
export interface Group<T> {
  readonly id: string;
  readonly title: string;
  readonly families: readonly T[];
}

/**
 * Groups families by the first word of their names, in the order of the first family. Families that are alone in their
 * group follow under `Other`, then come the standard metrics.
 */
export function grouped<T extends { readonly name: string }>(families: readonly T[]): Group<T>[] {
  const standard = STANDARD_GROUPS.map(([title]) => ({ id: `standard ${title}`, title, families: [] as T[] }));
  const byWord = new Map<string, T[]>();
  for (const family of families) {
    const at = STANDARD_GROUPS.findIndex(([, names]) => names.test(family.name));
    const word = /^[_:]*[^_:]*/.exec(family.name)![0];
    const group = at === -1 ? byWord.get(word) : standard[at]!.families;
    if (group === undefined) byWord.set(word, [family]);
    else group.push(family);
  }
  const groups: Group<T>[] = [];
  const alone: T[] = [];
  for (const [word, group] of byWord) {
    if (group.length > 1) groups.push({ id: `group ${word}`, title: word, families: group });
    else alone.push(...group);
  }
  // A metric named `Other_…` makes a group of the same title, so the id differs.
  if (alone.length > 0) groups.push({ id: 'other', title: 'Other', families: alone });
  return [...groups, ...standard.filter(({ families: group }) => group.length > 0)];
}

function isCollapsedNow({ query, collapsed }: Choices, id: string, isCollapsedByDefault: boolean): boolean {
  return query.isEmpty && (collapsed.get(id) ?? isCollapsedByDefault);
}

function familyRows(family: FamilyHistory, series: readonly SeriesHistory[], choices: Choices): Row[] {
  const rows: Row[] = [];
  const id = `family ${family.name}`;
  const isAlone = family.series.size === 1 && series[0]!.labels.length === 0;
  if (!isAlone) {
    const isCollapsed = isCollapsedNow(
      choices,
      id,
      series.length > MOST_SERIES_SHOWN[choices.isNarrow ? 'narrow' : 'wide'],
    );
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

function sorted(series: readonly SeriesHistory[], order: SortOrder): readonly SeriesHistory[] {
  if (order === 'exposition' || series.length < 2) return series;
  const keyed = series.map((one) => ({ one, rank: rankOf(one) }));
  keyed.sort((left, right) => {
    return (order === 'value' ? right.rank - left.rank : 0) || compare(left.one.key, right.one.key);
  });
  return keyed.map(({ one }) => one);
}

/** The sort key for the order `value`. Always finite, since differences of infinities are NaN; NaN ranks last. */
function rankOf(series: SeriesHistory): number {
  const rank = rankValue(series);
  return Number.isNaN(rank) ? -Number.MAX_VALUE : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, rank));
}

function rankValue(series: SeriesHistory): number {
  switch (series.kind) {
    case 'histogram':
      return series.over(WINDOW_SECONDS).count;
    case 'counter':
      return series.rate(WINDOW_SECONDS);
    case 'gauge':
      return series.last;
  }
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
