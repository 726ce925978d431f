/** A node of a `LabelIndex`: the label value that leads to it, and what lies below. */
export class LabelBranch<C = unknown> {
  /** Undefined for the root. */
  readonly parent: LabelBranch<C> | undefined;
  /** The label value that leads here; of the root, which none does, the name of the metric. */
  readonly value: string;
  /** By the value of the next label: branches, and at the last label children. */
  readonly next = new Map<string, LabelBranch<C> | C>();

  constructor(parent: LabelBranch<C> | undefined, value: string) {
    this.parent = parent;
    this.value = value;
  }
}
