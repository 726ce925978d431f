import type { Row, SeriesRow } from './row.ts';

/** Labels of more characters take two lines on a page 360 pixels wide. */
const LONG_LABELS = 36;

/** Returns the height of a row in pixels, as the style sheets need it. Narrow pages put numbers and charts below names. */
export function rowHeight(row: Row, isNarrow: boolean): number {
  switch (row.kind) {
    case 'group':
      return 48;
    case 'family':
      return 52;
    case 'series':
      return isNarrow ? narrowHeight(row) : row.isAlone || row.series.kind === 'histogram' ? 52 : 40;
    case 'detail':
      return (row.series.kind === 'histogram' ? 270 : 186) + (isNarrow ? 150 : 0);
  }
}

function narrowHeight({ isAlone, series }: SeriesRow): number {
  const length = series.labels.reduce((sum, [name, value]) => sum + name.length + value.length + 2, 0);
  const hasTwoLines = isAlone || length > LONG_LABELS;
  return (hasTwoLines ? 104 : 84) + (series.kind === 'histogram' ? 12 : 0);
}
