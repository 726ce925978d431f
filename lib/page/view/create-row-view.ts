import type { Row } from '../rows/row.ts';
import { DetailView } from './detail-view.ts';
import { FamilyView } from './family-view.ts';
import { GroupView } from './group-view.ts';
import type { RowContext, RowView } from './row-view.ts';
import { SeriesView } from './series-view.ts';

/** Creates the view of a row; {@link RowView.update} then fills it. */
export function createRowView(row: Row, context: RowContext): RowView {
  switch (row.kind) {
    case 'group':
      return new GroupView(row, context);
    case 'family':
      return new FamilyView(row, context);
    case 'series':
      return new SeriesView(row, context);
    case 'detail':
      return new DetailView(row);
  }
}
