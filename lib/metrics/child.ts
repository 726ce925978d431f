import { wellFormed } from '../model/label-value.ts';
import type { LabelBranch } from './label-branch.ts';

/** What stands in the place of a child's branch while its series is removed. */
export class Departure {
  /** The branch that the child hung on. */
  readonly branch: LabelBranch;
  /** The children that a weak reference leads to; it must not lose one that is held, so each of them refers to all. */
  readonly companions: readonly Child[];

  constructor(branch: LabelBranch, companions: readonly Child[]) {
    this.branch = branch;
    this.companions = companions;
  }
}

/**
 * One series of a metric: the place of its labels, and in a subclass its numbers.
 *
 * A child keeps its last label value and the branch that it hangs on instead of an array of all its values: 16 bytes
 * rather than 64 with two labels, and the values are wanted only when a line is first written.
 */
export abstract class Child {
  #place: LabelBranch | Departure;
  /** The value of the last label; undefined for the only child of a metric without labels. */
  readonly lastValue: string | undefined;

  constructor(parent: LabelBranch, lastValue: string | undefined) {
    this.#place = parent;
    this.lastValue = lastValue;
  }

  /** The branch that the child hangs on, or hung on when its series was removed. */
  get parent(): LabelBranch {
    return this.#place instanceof Departure ? this.#place.branch : this.#place;
  }

  /** Set while the series is removed. */
  get departure(): Departure | undefined {
    return this.#place instanceof Departure ? this.#place : undefined;
  }

  /** The label values as they are exposed, in the order of the metric's label names. */
  get labelValues(): readonly string[] {
    const { texts } = this;
    return this.root.hasIllFormed ? texts.map(wellFormed) : texts;
  }

  /** The label values as they were passed, as text. */
  get texts(): readonly string[] {
    let value = this.lastValue;
    if (value === undefined) return [];
    let depth = 1;
    let branch = this.parent;
    for (let above = branch.parent; above !== undefined; above = above.parent) depth++;
    // Of its final length from the start: one that grows takes 150 bytes, for each line of a first scrape.
    const texts = new Array<string>(depth);
    for (; branch.parent !== undefined; branch = branch.parent) {
      texts[--depth] = value;
      value = branch.value;
    }
    texts[0] = value;
    return texts;
  }

  /** The name of the metric, for messages. */
  get metricName(): string {
    return this.root.value;
  }

  /** The outermost branch, which the children of a metric share. */
  protected get root(): LabelBranch {
    let root = this.parent;
    while (root.parent !== undefined) root = root.parent;
    return root;
  }

  /** When the series was last updated, in milliseconds of the monotonic clock; known only of metrics with `idleSeconds`. */
  get updatedAt(): number {
    return Infinity;
  }

  /** Counts as an update for {@link updatedAt}, and changes nothing else. */
  touch(): void {}

  /** Takes the child out of its branch, when its series is removed. */
  depart(departure: Departure): void {
    this.#place = departure;
  }

  /** Hangs the child on a branch, when its series is back. */
  arrive(parent: LabelBranch): void {
    this.#place = parent;
  }

  /** Takes the numbers back to 0, as they were at the start, in such a way that {@link isUpdated} sees the next update. */
  abstract reset(): void;

  /** Whether there has been an update since the last {@link reset}; costs updates nothing. */
  abstract get isUpdated(): boolean;

  /**
   * Adds the numbers to those of the overflow series, where there is no room for a series that is back. Returns whether
   * there was anything to add.
   */
  abstract giveTo(overflow: this): boolean;

  /** Undoes {@link giveTo} as far as that kept the numbers, when there is room for the series. */
  takeBackFrom(_overflow: this): void {}
}
