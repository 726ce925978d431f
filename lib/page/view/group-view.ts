import type { GroupRow, Row } from '../rows/row.ts';
import { element } from './element.ts';
import type { RowContext, RowView } from './row-view.ts';
import { setText } from './set-text.ts';

/** Shows the heading of a group, which collapses it. */
export class GroupView implements RowView {
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
