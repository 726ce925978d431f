import type { Query } from './query.ts';

/** By what the list can be sorted; `exposition` leaves it as it came. */
export type SortOrder = 'exposition' | 'name' | 'value';

/** What the reader of the page has chosen. */
export interface Choices {
  readonly query: Query;
  readonly sortOrder: SortOrder;
  /** Groups and families, by row id, whose state is not what it is by itself; true is collapsed. */
  readonly collapsed: ReadonlyMap<string, boolean>;
  /** Ids of the series rows that are shown at large. */
  readonly opened: ReadonlySet<string>;
}
