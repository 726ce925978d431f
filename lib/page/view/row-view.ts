import type { History } from '../history/history.ts';
import type { Row } from '../rows/row.ts';

/** What rows are drawn with. */
export interface RowContext {
  readonly history: History;
  /** Time between two scrapes, in seconds, by which the charts are scaled. */
  readonly intervalSeconds: number;
  /** Collapses, expands or opens a row. */
  toggle(row: Row): void;
}

/** The part of the document that shows one row. */
export interface RowView {
  readonly element: HTMLElement;
  /** Shows the row as it is now; it has the `id`, and so the kind, of the one that the view was created for. */
  update(row: Row, context: RowContext): void;
  /** Draws its charts, once it is laid out. After the updates of all rows, so that the page is laid out once for all. */
  draw?(context: RowContext): void;
}
