import type { FamilyRow, Row } from '../rows/row.ts';
import { element } from './element.ts';
import type { RowContext, RowView } from './row-view.ts';
import { setText } from './set-text.ts';

/** Shows the heading of a family, which collapses it. */
export class FamilyView implements RowView {
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
