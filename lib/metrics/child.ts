import { wellFormed } from '../model/label-value.ts';
import type { LabelBranch } from './label-branch.ts';

/**
 * One series of a metric: the place of its labels, and in a subclass its numbers.
 *
 * A child keeps its last label value and the branch that it hangs on instead of an array of all its values: 16 bytes
 * rather than 64 with two labels, and the values are wanted only when a line is first written.
 */
export abstract class Child {
  /** Where the child hangs; undefined for the only child of a metric without labels. */
  readonly parent: LabelBranch | undefined;
  /** The value of the last label; the metric's name where there are no labels. */
  readonly lastValue: string;

  constructor(parent: LabelBranch | undefined, lastValue: string) {
    this.parent = parent;
    this.lastValue = lastValue;
  }

  /** The label values as they are exposed, in the order of the metric's label names. */
  get labelValues(): readonly string[] {
    let depth = 0;
    for (let branch = this.parent; branch !== undefined; branch = branch.parent) depth++;
    // Of its final length from the start: one that grows takes 150 bytes, for each line of a first scrape.
    const values = new Array<string>(depth);
    let value = this.lastValue;
    for (let branch = this.parent; branch !== undefined; branch = branch.parent) {
      values[--depth] = wellFormed(value);
      value = branch.value;
    }
    return values;
  }

  /** The name of the metric, for messages. */
  get metricName(): string {
    if (this.parent === undefined) return this.lastValue;
    let root = this.parent;
    while (root.parent !== undefined) root = root.parent;
    return root.value;
  }

  /** Takes the numbers back to 0, as they were at the start. */
  abstract reset(): void;
}
