/** A node of a `LabelIndex`: the label value that leads to it, and what lies below. */
export class LabelBranch<C = unknown> {
  /** Undefined for the root. */
  readonly parent: LabelBranch<C> | undefined;
  /** The label value that leads here; of the root, which none does, the name of the metric. */
  readonly value: string;
  /** By the value of the next label: branches, and at the last label children. */
  readonly next = new Map<string, LabelBranch<C> | C>();
  /**
   * Of the root: what the children keep of exemplars, made with the first one. Here and not in the children, where the
   * field would cost every series 8 bytes; on every branch, since roots of a class of their own slow each look-up.
   */
  exemplars: WeakMap<object, unknown> | undefined = undefined;
  /** Of the root: whether there is a label value that is not exposed as it is, see `wellFormed()`. */
  hasIllFormed = false;

  constructor(parent: LabelBranch<C> | undefined, value: string) {
    this.parent = parent;
    this.value = value;
  }
}
