import type { FamilyRow, GroupRow, Row, SeriesRow } from '../rows/rows.ts';
import { unitOf } from '../text/format.ts';
import { type LabelledNumber, numbersOf, seriesTitle } from '../text/series-text.ts';
import { DetailView } from './detail-view.ts';
import { type ChartContext, drawSeries } from './draw.ts';
import { element, setText } from './element.ts';

/** The context that row views need. */
export interface RowContext extends ChartContext {
  /** Collapses, expands or opens a row. */
  toggle(row: Row): void;
}

/** The element of one row. */
export interface RowView {
  readonly element: HTMLElement;
  /** Shows a new state of the row, whose `id` and kind do not change. */
  update(row: Row): void;
  /** Draws the charts. Called after all rows are updated, so that the page is laid out only once. */
  draw?(context: RowContext): void;
}

/** Creates the view of a row, still without its content: call {@link RowView.update}. */
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

/** A group's heading, which collapses the group. */
class GroupView implements RowView {
  readonly element: HTMLElement;
  readonly #button = element('button', 'fold');
  readonly #count = element('span', 'quiet');
  #row: GroupRow;

  constructor(row: GroupRow, { toggle }: RowContext) {
    this.#row = row;
    this.#button.type = 'button';
    this.#button.append(element('span', '', row.title), ' ', this.#count);
    this.#button.addEventListener('click', () => toggle(this.#row));
    this.element = element('div', 'row group', element('h2', '', this.#button));
  }

  update(row: Row): void {
    this.#row = row as GroupRow;
    const { familyCount, isCollapsed } = this.#row;
    this.#button.setAttribute('aria-expanded', String(!isCollapsed));
    setText(this.#count, familyCount === 1 ? '1 metric' : `${familyCount} metrics`);
  }
}

/** A family's heading, which collapses the family. */
class FamilyView implements RowView {
  readonly element: HTMLElement;
  readonly #button = element('button', '');
  readonly #line = element('span', 'line fold');
  readonly #about = element('span', 'quiet');
  readonly #help = element('span', 'help');
  #row: FamilyRow;

  constructor(row: FamilyRow, { toggle }: RowContext) {
    this.#row = row;
    this.#button.type = 'button';
    this.#line.append(element('span', 'metric', row.family.name), ' ', this.#about);
    this.#button.append(this.#line, ' ', this.#help);
    this.#button.addEventListener('click', () => toggle(this.#row));
    this.element = element('div', 'row family', element('h3', '', this.#button));
  }

  update(row: Row): void {
    this.#row = row as FamilyRow;
    const { family, seriesCount, isCollapsed } = this.#row;
    this.#button.setAttribute('aria-expanded', String(!isCollapsed));
    this.#line.dataset['collapsed'] = String(isCollapsed);
    this.#button.title = family.help;
    setText(this.#about, `${family.type} · ${seriesCount === 1 ? '1 series' : `${seriesCount} series`}`);
    setText(this.#help, family.help);
  }
}

/** A series: its labels, its numbers and its chart. Its button opens the details. */
class SeriesView implements RowView {
  readonly element: HTMLElement;
  readonly #button = element('button', '');
  readonly #numbers = element('div', 'numbers');
  readonly #canvas = element('canvas', '');
  #row: SeriesRow;

  constructor(row: SeriesRow, { toggle }: RowContext) {
    this.#row = row;
    const { isAlone, family, series } = row;
    this.#button.type = 'button';
    this.#button.title = `${seriesTitle(series)}\n${family.help}`;
    this.#button.addEventListener('click', () => toggle(this.#row));
    if (isAlone) {
      const about = element('span', 'quiet', family.type);
      const line = element('span', 'line', element('span', 'metric', family.name), ' ', about);
      this.#button.append(line, ' ', element('span', 'help', family.help));
    } else {
      this.#button.append(...labelsOf(row));
    }
    // Hidden from screen readers: the numbers say the same.
    this.#canvas.setAttribute('aria-hidden', 'true');
    const name = element('div', 'name', isAlone ? element('h3', '', this.#button) : this.#button);
    const className = `row series ${series.kind}${isAlone ? ' alone' : ''}`;
    this.element = element('div', className, name, this.#numbers, this.#canvas);
  }

  update(row: Row): void {
    this.#row = row as SeriesRow;
    const { series, family, isOpen } = this.#row;
    this.#button.setAttribute('aria-expanded', String(isOpen));
    this.#showNumbers(numbersOf(series, unitOf(series.name, family.unit)));
  }

  draw(context: RowContext): void {
    drawSeries(this.#canvas, this.#row.series, context);
  }

  #showNumbers(numbers: readonly LabelledNumber[]): void {
    numbers.forEach(({ label, text, isQuiet }, i) => {
      let cell = this.#numbers.children[i] as HTMLElement | undefined;
      if (cell === undefined) {
        cell = element('span', isQuiet ? 'number quiet' : 'number');
        if (label !== '') cell.append(element('i', '', label), ' ');
        cell.append(element('b', ''));
        this.#numbers.append(cell);
      }
      setText(cell.lastElementChild as HTMLElement, text);
    });
  }
}

// Separated by spaces, where narrow pages break the line and screen readers pause.
function labelsOf({ family, series }: SeriesRow): (Node | string)[] {
  const labels = series.labels.flatMap(([name, value]) => [
    element('span', 'label', element('i', '', name), ` ${value || '""'}`),
    ' ',
  ]);
  const isNamed = series.name !== family.name || labels.length === 0;
  return isNamed ? [element('span', 'label', series.name), ' ', ...labels] : labels;
}
