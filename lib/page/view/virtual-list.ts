import { RowLayout, rowHeight } from '../rows/row-layout.ts';
import type { Row } from '../rows/rows.ts';
import { createRowView, type RowContext, type RowView } from './row-views.ts';

/** Rows this far above and below the window are in the document too, for scrolling and the tab key. */
const MARGIN_PIXELS = 400;

/** A printed page has so many rows: some 40 sheets. */
const MOST_PRINTED_ROWS = 1000;

/** A list that keeps only the visible rows in the document. It scrolls with the window. */
export class VirtualList {
  readonly #root: HTMLElement;
  readonly #context: RowContext;
  // The same width as in style/narrow.css.
  readonly #narrow = matchMedia('(max-width: 720px)');
  readonly #views = new Map<string, RowView>();
  #rows: readonly Row[] = [];
  #layout = new RowLayout([]);
  #isDue = false;
  #isPrinting = false;

  constructor(root: HTMLElement, context: RowContext) {
    this.#root = root;
    this.#context = context;
    addEventListener('scroll', () => this.#renderSoon(), { passive: true });
    addEventListener('resize', () => this.show(this.#rows));
    addEventListener('beforeprint', () => this.#setPrinting(true));
    addEventListener('afterprint', () => this.#setPrinting(false));
  }

  /** Whether the page is narrow, so that names, numbers and charts are below each other. */
  get isNarrow(): boolean {
    return this.#narrow.matches;
  }

  /** Scrolls to a row and gives it the focus. */
  reveal(id: string): void {
    const index = this.#rows.findIndex((row) => row.id === id);
    if (index === -1) return;
    // The tools stick to the top of the window, above the list.
    const tools = this.#root.parentElement!.firstElementChild!.clientHeight;
    scrollTo({ top: scrollY + this.#root.getBoundingClientRect().top + this.#layout.topOf(index) - tools });
    this.#render(false);
    this.#views.get(id)?.element.querySelector('button')?.focus({ preventScroll: true });
  }

  /** Shows these rows. Rows that are already in the document keep their elements, and so the focus. */
  show(rows: readonly Row[]): void {
    this.#rows = rows;
    this.#layout = new RowLayout(rows.map((row) => rowHeight(row, this.isNarrow)));
    const { height } = this.#layout;
    const shown = this.#isPrinting ? this.#layout.topOf(Math.min(rows.length, MOST_PRINTED_ROWS)) : height;
    this.#root.style.height = `${shown}px`;
    this.#render(true);
  }

  #setPrinting(isPrinting: boolean): void {
    this.#isPrinting = isPrinting;
    this.show(this.#rows);
  }

  #renderSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#render(false);
    });
  }

  #render(hasChanged: boolean): void {
    const indices = this.#visibleIndices();
    const visible = new Set(indices.map((index) => this.#rows[index]!.id));
    // Removed first, so that the remaining elements need not move: an element that moves loses the focus.
    for (const [id, { element }] of this.#views) {
      if (visible.has(id)) continue;
      element.remove();
      this.#views.delete(id);
    }
    let next = this.#root.firstElementChild;
    const updated: RowView[] = [];
    for (const index of indices) {
      const row = this.#rows[index]!;
      const existing = this.#views.get(row.id);
      const view = existing ?? createRowView(row, this.#context);
      if (existing === undefined) this.#views.set(row.id, view);
      // In the order of the list, for the tab key and screen readers.
      if (next === view.element) next = next.nextElementSibling;
      else this.#root.insertBefore(view.element, next);
      if (existing !== undefined && !hasChanged) continue;
      this.#place(view.element, index);
      view.update(row);
      updated.push(view);
    }
    for (const view of updated) view.draw?.(this.#context);
  }

  /** The rows for the document: the visible ones, and the one that has the focus; for printing, the first ones. */
  #visibleIndices(): number[] {
    if (this.#isPrinting) return Array.from({ length: Math.min(this.#rows.length, MOST_PRINTED_ROWS) }, (_, i) => i);
    const top = -this.#root.getBoundingClientRect().top;
    const { first, end } = this.#layout.between(top - MARGIN_PIXELS, top + innerHeight + MARGIN_PIXELS);
    const indices = Array.from({ length: end - first }, (_, i) => first + i);
    const focusedId = [...this.#views].find(([, { element }]) => element.contains(document.activeElement))?.[0];
    const focused = focusedId === undefined ? -1 : this.#rows.findIndex(({ id }) => id === focusedId);
    if (focused !== -1 && focused < first) indices.unshift(focused);
    if (focused >= end) indices.push(focused);
    return indices;
  }

  #place(element: HTMLElement, index: number): void {
    element.style.transform = `translateY(${this.#layout.topOf(index)}px)`;
    element.style.height = `${this.#layout.topOf(index + 1) - this.#layout.topOf(index)}px`;
    element.setAttribute('role', 'listitem');
    element.setAttribute('aria-posinset', String(index + 1));
    element.setAttribute('aria-setsize', String(this.#rows.length));
  }
}
