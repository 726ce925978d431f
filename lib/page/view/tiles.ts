import type { Fact } from '../digest/fact.ts';
import { type ChartContext, drawTrend } from './draw.ts';
import { element, setText } from './element.ts';

/** Facts side by side, each with its chart if it has a trend. */
export class Tiles {
  readonly #list = element('dl', 'tiles');

  constructor(parent: HTMLElement) {
    parent.append(this.#list);
  }

  /** Shows these facts. Elements are reused while the terms are the same. */
  show(facts: readonly Fact[], context: ChartContext): void {
    const shown = [...this.#list.querySelectorAll('dt')].map(({ textContent }) => textContent);
    if (shown.join('\n') !== facts.map(({ term }) => term).join('\n')) {
      this.#list.replaceChildren(...facts.map(tileOf));
    }
    const texts = this.#list.querySelectorAll('dd');
    for (const [i, { text }] of facts.entries()) setText(texts[i]!, text);
    for (const [i, { trend }] of facts.entries()) {
      const canvas = this.#list.children[i]!.querySelector('canvas');
      if (trend !== undefined && canvas !== null) drawTrend(canvas, trend, { fromZero: true }, context);
    }
  }
}

function tileOf({ term, trend }: Fact): HTMLElement {
  const tile = element('div', 'tile', element('dt', '', term), element('dd', ''));
  if (trend !== undefined) {
    // Hidden from screen readers: the number says the same.
    const canvas = element('canvas', '');
    canvas.setAttribute('aria-hidden', 'true');
    tile.append(canvas);
  }
  return tile;
}
