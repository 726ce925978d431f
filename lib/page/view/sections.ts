import { setText } from './element.ts';
import type { Folds } from './folds.ts';

/** The sections above the list, by the ids of their details elements in page.html. */
export type SectionId = 'overview' | 'http' | 'runtime' | 'process';

/** On narrow pages, these start collapsed: their briefs have the main numbers. */
const COLLAPSED_WHEN_NARROW: readonly string[] = ['runtime', 'process'];

/** The collapsible sections above the list. Each has a heading, and a brief that is visible while it is collapsed. */
export class Sections {
  readonly #folds: Folds;
  readonly #isNarrow: boolean;
  readonly #sections = new Map(
    [...document.querySelectorAll<HTMLDetailsElement>('details.section')].map((section) => [section.id, section]),
  );

  /** Calls `onToggle` when the reader expands or collapses a section. */
  constructor(folds: Folds, isNarrow: boolean, onToggle: () => void) {
    this.#folds = folds;
    this.#isNarrow = isNarrow;
    for (const [id, section] of this.#sections) {
      section.open = !this.#isCollapsed(id);
      section.addEventListener('toggle', () => {
        if (section.open !== this.#isCollapsed(id)) return;
        folds.setAll([id], !section.open);
        onToggle();
      });
    }
  }

  /** The sections that are shown, in the order of the page. */
  get shown(): readonly HTMLDetailsElement[] {
    return [...this.#sections.values()].filter(({ hidden }) => !hidden);
  }

  /** Whether a section is expanded, so that its content has to be kept up to date. */
  isOpen(id: SectionId): boolean {
    return this.#sections.get(id)!.open;
  }

  /** Shows a section with this brief; undefined hides the section. */
  show(id: SectionId, brief: string | undefined): void {
    const section = this.#sections.get(id)!;
    section.hidden = brief === undefined;
    setText(section.querySelector<HTMLElement>('.brief')!, brief ?? '');
  }

  #isCollapsed(id: string): boolean {
    return this.#folds.all.get(id) ?? (this.#isNarrow && COLLAPSED_WHEN_NARROW.includes(id));
  }
}
