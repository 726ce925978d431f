import { wellFormed } from '../model/label-value.ts';

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
