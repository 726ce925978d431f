import type { Row, SeriesRow } from '../rows/row.ts';
import { type LabelledNumber, numbersOf } from '../text/numbers-of.ts';
import { seriesTitle } from '../text/series-title.ts';
import { unitOf } from '../text/unit-of.ts';
import { drawSeries } from './draw-series.ts';
import { element } from './element.ts';
import type { RowContext, RowView } from './row-view.ts';
import { setText } from './set-text.ts';

/** Shows a series: its labels, its numbers, its last minutes. Pressing the labels shows it at large. */
export class SeriesView implements RowView {
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
    // The numbers say what the line shows.
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

// With spaces between them, at which a narrow page breaks the line, and by which a screen reader tells them apart.
function labelsOf({ family, series }: SeriesRow): (Node | string)[] {
  const labels = series.labels.flatMap(([name, value]) => [
    element('span', 'label', element('i', '', name), ` ${value || '""'}`),
    ' ',
  ]);
  const isNamed = series.name !== family.name || labels.length === 0;
  return isNamed ? [element('span', 'label', series.name), ' ', ...labels] : labels;
}
