import { codesOf } from './codes-of.ts';
import { escapedText, ownCopy, writtenLabelName } from './written-text.ts';

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
  readonly names: string[] = [];
  /** What stands before the value of each, as written: `method="`. */
  readonly openings: Uint16Array[] = [];

  /** Returns the name as it is known, and makes it known if there is room. */
  learn(name: string): string {
    const rank = this.names.indexOf(name);
    if (rank !== -1) return this.names[rank]!;
    if (this.names.length < MAX_KNOWN) {
      const kept = ownCopy(name);
      this.names.push(kept);
      this.openings.push(codesOf(`${writtenLabelName(kept)}="`));
      return kept;
    }
    return name;
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
    const rank = this.names.indexOf(name);
    return rank === -1 ? MAX_KNOWN : rank;
  }
}
