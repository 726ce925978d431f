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

/** Returns the branch on which the child of these label values hangs, or is to hang; made if need be. */
export function branchOf<C>(trunk: LabelBranch<C>, texts: readonly string[]): LabelBranch<C> {
  let branch = trunk;
  const last = texts.length - 1;
  for (let depth = 0; depth < last; depth++) {
    const text = texts[depth]!;
    let below = branch.next.get(text) as LabelBranch<C> | undefined;
    if (below === undefined) {
      below = new LabelBranch(branch, text);
      branch.next.set(text, below);
    }
    branch = below;
  }
  return branch;
}

/** Returns the child to which label values lead from the outermost branch, if there is one. */
export function lookUp<C>(root: LabelBranch<C> | C, texts: readonly string[]): C | undefined {
  let node: LabelBranch<C> | C | undefined = root;
  for (const text of texts) {
    node = (node as LabelBranch<C>).next.get(text);
    if (node === undefined) return undefined;
  }
  return node as C;
}

/** Takes a child off its branch, and with it the branches that lead nowhere else: label values seen once leave nothing. */
export function prune<C>(branch: LabelBranch<C>, lastValue: string): void {
  branch.next.delete(lastValue);
  for (let each = branch; each.next.size === 0 && each.parent !== undefined; each = each.parent)
    each.parent.next.delete(each.value);
}

/** Empties a branch and those above it: a child that is held would else keep all children that were removed with it. */
export function cutOff(branch: LabelBranch): void {
  for (let each: LabelBranch | undefined = branch; each !== undefined && each.next.size > 0; each = each.parent)
    each.next.clear();
}
