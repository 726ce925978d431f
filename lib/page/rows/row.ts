import type { FamilyHistory, SeriesHistory } from '../history/history.ts';

/** The heading of a group of families. */
export interface GroupRow {
  readonly kind: 'group';
  readonly id: string;
  readonly title: string;
  readonly familyCount: number;
  readonly isCollapsed: boolean;
}

/** The heading of a family of several series, or of one that has labels. */
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
  /** Whether the family has no heading, since this is its only series and has no labels. */
  readonly isAlone: boolean;
  /** Whether its {@link DetailRow} follows. */
  readonly isOpen: boolean;
}

/** A series at large, below its row. */
export interface DetailRow {
  readonly kind: 'detail';
  readonly id: string;
  readonly family: FamilyHistory;
  readonly series: SeriesHistory;
}

/** One row of the list. `id` is the same from scrape to scrape. */
export type Row = GroupRow | FamilyRow | SeriesRow | DetailRow;
