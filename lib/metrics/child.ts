import { wellFormed } from '../model/label-value.ts';
import type { LabelBranch } from './label-branch.ts';

/**
 * One series of a metric: the place of its labels, and in a subclass its numbers.
 *
 * A child keeps its last label value and the branch that it hangs on instead of an array of all its values: 16 bytes
 * rather than 64 with two labels, and the values are wanted only when a line is first written.
 */
export abstract class Child {
  /** Where the child hangs. */
  readonly parent: LabelBranch;
  /** The value of the last label; undefined for the only child of a metric without labels. */
  readonly lastValue: string | undefined;

  constructor(parent: LabelBranch, lastValue: string | undefined) {
    this.parent = parent;
    this.lastValue = lastValue;
  }

  /** The label values as they are exposed, in the order of the metric's label names. */
  get labelValues(): readonly string[] {
    let value = this.lastValue;
    if (value === undefined) return [];
    let depth = 1;
    for (let branch = this.parent.parent; branch !== undefined; branch = branch.parent) depth++;
    // Of its final length from the start: one that grows takes 150 bytes, for each line of a first scrape.
    const values = new Array<string>(depth);
    let branch = this.parent;
    for (; branch.parent !== undefined; branch = branch.parent) {
      values[--depth] = value;
      value = branch.value;
    }
    values[0] = value;
    return branch.hasIllFormed ? values.map(wellFormed) : values;
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

  /** Takes the numbers back to 0, as they were at the start. */
  abstract reset(): void;}
