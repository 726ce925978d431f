import type { GroupRow } from '../rows/rows.ts';
import { element } from './element.ts';

/** More groups are not worth listing: the search finds them sooner. */
const MOST_GROUPS = 12;

/** An entry of the table of contents. */
interface Entry {
  readonly title: string;
  /** The number of metrics of a group; empty for a section. */
  readonly count: string;
  readonly href: string;
  readonly reveal: () => void;
}

/** The table of contents: the sections, then the groups of the list. */
export class Contents {
  readonly #list: HTMLElement;
  readonly #revealGroup: (id: string) => void;
  #shown = '';

  /** Takes the nav element, and what to do when a group is selected. */
  constructor(nav: HTMLElement, revealGroup: (id: string) => void) {
    this.#list = nav.querySelector('ul')!;
    this.#revealGroup = revealGroup;
  }

  /** Shows these entries. While they are the same, the elements stay, and with them the focus. */
  show(sections: readonly HTMLDetailsElement[], groups: readonly GroupRow[]): void {
    const above = sections.map(sectionEntry);
    const inList = groups.slice(0, MOST_GROUPS).map((row) => this.#groupEntry(row));
    const text = JSON.stringify([above, inList, groups.length]);
    if (text === this.#shown) return;
    this.#shown = text;
    const rest = groups.length - MOST_GROUPS;
    this.#list.replaceChildren(
      ...above.map(itemOf),
      ...(inList.length > 0 ? [element('li', 'quiet', 'Metrics:')] : []),
      ...inList.map(itemOf),
      ...(rest > 0 ? [element('li', 'quiet', `and ${rest} more`)] : []),
    );
  }

  #groupEntry({ id, title, familyCount }: GroupRow): Entry {
    return { title, count: String(familyCount), href: '#metrics', reveal: () => this.#revealGroup(id) };
  }
}

function sectionEntry(section: HTMLDetailsElement): Entry {
  const reveal = (): void => {
    section.open = true;
    section.scrollIntoView();
    section.querySelector('summary')!.focus({ preventScroll: true });
  };
  return { title: section.querySelector('h2')!.textContent, count: '', href: `#${section.id}`, reveal };
}

function itemOf({ title, count, href, reveal }: Entry): HTMLElement {
  const link = element('a', '', title);
  if (count !== '') link.append(' ', element('span', 'quiet', count));
  link.href = href;
  link.addEventListener('click', (event) => {
    event.preventDefault();
    reveal();
  });
  return element('li', '', link);
}
