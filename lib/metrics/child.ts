import { wellFormed } from '../model/label-value.ts';

/** A node of a `LabelIndex`: the label value that leads to it, and the nodes below. */
export class LabelBranch<C = unknown> {
  /** Undefined for the root. */
  readonly parent: LabelBranch<C> | undefined;
  /** The label value that leads here; for the root, the name of the metric. */
  readonly value: string;
  /** By the value of the next label: branches, and at the last label children. */
  readonly next = new Map<string, LabelBranch<C> | C>();
  /**
   * Root only: the exemplars of the children, created with the first one. A field of the children would cost every series
   * 8 bytes; a separate class for roots would slow every look-up.
   */
  exemplars: WeakMap<object, unknown> | undefined = undefined;
  /** Root only: whether some label value is not exposed verbatim; see `wellFormed()`. */
  hasIllFormed = false;

  constructor(parent: LabelBranch<C> | undefined, value: string) {
    this.parent = parent;
    this.value = value;
  }
}

/** Returns the branch for the child of these label values, created if needed. */
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

/** Returns the child of these label values, if it exists. */
export function lookUp<C>(root: LabelBranch<C> | C, texts: readonly string[]): C | undefined {
  let node: LabelBranch<C> | C | undefined = root;
  for (const text of texts) {
    node = (node as LabelBranch<C>).next.get(text);
    if (node === undefined) return undefined;
  }
  return node as C;
}

/** Removes a child from its branch, and the branches that are then empty, so label values seen once leave nothing behind. */
export function prune<C>(branch: LabelBranch<C>, lastValue: string): void {
  branch.next.delete(lastValue);
  for (let each = branch; each.next.size === 0 && each.parent !== undefined; each = each.parent)
    each.parent.next.delete(each.value);
}

/** Empties a branch and those above it: otherwise a held child would retain all children that were removed with it. */
export function cutOff(branch: LabelBranch): void {
  for (let each: LabelBranch | undefined = branch; each !== undefined && each.next.size > 0; each = each.parent)
    each.next.clear();
}

/** Replaces the branch of a child while its series is removed. */
export class Departure {
  /** The former branch of the child. */
  readonly branch: LabelBranch;
  /** All children behind the same weak reference. Each refers to all, so that the reference lives while one of them is held. */
  readonly companions: readonly Child[];

  constructor(branch: LabelBranch, companions: readonly Child[]) {
    this.branch = branch;
    this.companions = companions;
  }
}

/**
 * One series of a metric: its position in the label tree, and in a subclass its numbers.
 *
 * A child stores its last label value and its branch instead of an array of all values: 16 bytes rather than 64 with two
 * labels. The values are needed only when a line is first written.
 */
export abstract class Child {
  #place: LabelBranch | Departure;
  /** The value of the last label; undefined for the only child of a metric without labels. */
  readonly lastValue: string | undefined;

  constructor(parent: LabelBranch, lastValue: string | undefined) {
    this.#place = parent;
    this.lastValue = lastValue;
  }

  /** The branch of the child; while its series is removed, its former branch. */
  get parent(): LabelBranch {
    return this.#place instanceof Departure ? this.#place.branch : this.#place;
  }

  /** Present while the series is removed. */
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
    // Allocated at its final length: an array that grows takes 150 bytes, for each line of a first scrape.
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

  /** The root of the label tree, which the children of a metric share. */
  protected get root(): LabelBranch {
    let root = this.parent;
    while (root.parent !== undefined) root = root.parent;
    return root;
  }

  /** The time of the last update, in milliseconds of the monotonic clock; `Infinity` without `idleSeconds`. */
  get updatedAt(): number {
    return Infinity;
  }

  /** Sets {@link updatedAt} to now and changes nothing else. */
  touch(): void {}

  /** Detaches the child from its branch, when its series is removed. */
  depart(departure: Departure): void {
    this.#place = departure;
  }

  /** Attaches the child to a branch, when its series is back. */
  arrive(parent: LabelBranch): void {
    this.#place = parent;
  }

  /** Resets the numbers to 0, in a way that lets {@link isUpdated} detect the next update. */
  abstract reset(): void;

  /** Whether there has been an update since the last {@link reset}; costs updates nothing. */
  abstract get isUpdated(): boolean;

  /**
   * Adds the numbers to the overflow series, when there is no room for a returning series. Returns whether there was
   * anything to add.
   */
  abstract giveTo(overflow: this): boolean;

  /** Undoes {@link giveTo} when there is room for the series again, for types whose value `giveTo()` does not reset. */
  takeBackFrom(_overflow: this): void {}
}
