import type { LabelName, LabelNames } from './label-names.ts';
import { escapedText, writtenLabelName } from './written-text.ts';

/** How many label names of a family are known by rank; real families have a few, hostile ones any number. */
const MAX_KNOWN = 64;

/**
 * The label names of one family, ranked by where the text first has them.
 *
 * A sample whose labels come in the order of their ranks, plainly written, is read fast, and the text of its labels is
 * its key. So two samples of the same labels have the same key whatever their order, and no label list is ever sorted
 * that comes in the usual order.
 */
export class KnownLabels {
  /** By rank. */
  readonly names: LabelName[] = [];
  readonly #all: LabelNames;

  constructor(all: LabelNames) {
    this.#all = all;
  }

  /** The rank of a name, which is made known if there is room; unknown names have the last rank together. */
  rank(name: string): number {
    const rank = this.#rank(name);
    if (rank === this.names.length && rank < MAX_KNOWN) this.names.push(this.#all.get(name));
    return rank;
  }

  /**
   * The key of labels in any order: what the plain text would be, in the order of the ranks, unknown names last. Labels
   * with an empty value are left out, since they are the same as none.
   */
  key(labels: readonly (readonly [name: string, value: string])[]): string {
    return labels
      .filter(([, value]) => value !== '')
      .map(([name, value]) => ({ rank: this.#rank(name), text: `${writtenLabelName(name)}="${escapedText(value)}"` }))
      .sort((a, b) => a.rank - b.rank || (a.text < b.text ? -1 : 1))
      .map(({ text }) => text)
      .join(',');
  }

  #rank(name: string): number {
    const { names } = this;
    for (let rank = 0; rank < names.length; rank++) if (names[rank]!.name === name) return rank;
    return names.length;
  }
}
