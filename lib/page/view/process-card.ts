import type { Fact } from '../state/process-facts.ts';
import { element } from './element.ts';
import { setText } from './set-text.ts';

/** Shows facts as a list of terms, in a card that has a heading. */
export class ProcessCard {
  readonly #list = element('dl', '');

  constructor(card: HTMLElement) {
    card.append(this.#list);
  }

  /** Shows these facts; terms that stay keep their elements. */
  show(facts: readonly Fact[]): void {
    const terms = [...this.#list.querySelectorAll('dt')].map(({ textContent }) => textContent);
    if (terms.join('\n') !== facts.map(([term]) => term).join('\n')) {
      this.#list.replaceChildren(...facts.flatMap(([term]) => [element('dt', '', term), element('dd', '')]));
    }
    this.#list.querySelectorAll('dd').forEach((description, i) => setText(description, facts[i]![1]));
  }
}
