import type { ExemplarSource } from '../model/exemplar.ts';
import { type LabelValue, wellFormed } from '../model/label-value.ts';

/** What the children of a metric share. */
export class LabelTree {
  readonly metricName: string;
  /** Returns the child whose labels are those of another one and, instead of some of them, the given ones. */
  readonly siblingOf: (child: Child, labels: object) => Child;
  /** Whether series without updates are removed. */
  readonly expires: boolean;
  /** Supplies the exemplar of each update that has none. */
  readonly exemplarSource: ExemplarSource | undefined;
  /** The exemplars of the children, created with the first one. A field of the children would cost every series 8 bytes. */
  exemplars: WeakMap<object, unknown> | undefined = undefined;
  /** Whether some label value is not exposed verbatim; see `wellFormed()`. */
  hasIllFormed = false;

  constructor(
    metricName: string,
    siblingOf: LabelTree['siblingOf'],
    expires: boolean,
    exemplarSource: ExemplarSource | undefined,
  ) {
    this.metricName = metricName;
    this.siblingOf = siblingOf;
    this.expires = expires;
    this.exemplarSource = exemplarSource;
  }
}

/**
 * A node of a `LabelIndex`: the label value that leads to it, and by the value of the next label the nodes below: branches,
 * and at the last label children. A `Map` takes 190 bytes even with one entry, so it is created with the second node.
 */
export class LabelBranch<C = unknown> {
  /** The branch above; for the root, the tree. */
  readonly parent: LabelBranch<C> | LabelTree;
  /** The label value that leads here, as it was passed first; for the root, none. */
  readonly value: LabelValue;
  /** The label value of the only node below; undefined if there is none, or a map of them. */
  #onlyValue: string | undefined = undefined;
  #below: LabelBranch<C> | C | Map<string, LabelBranch<C> | C> = NONE_BELOW;

  constructor(parent: LabelBranch<C> | LabelTree, value: LabelValue) {
    this.parent = parent;
    this.value = value;
  }

  get isEmpty(): boolean {
    return this.#below === NONE_BELOW;
  }

  /** Returns the node below with this label value. */
  get(value: string): LabelBranch<C> | C | undefined {
    if (this.#onlyValue === undefined) return (this.#below as Map<string, LabelBranch<C> | C>).get(value);
    return this.#onlyValue === value ? (this.#below as LabelBranch<C> | C) : undefined;
  }

  /** Adds a node below; there is none with this label value. */
  add(value: string, node: LabelBranch<C> | C): void {
    if (this.isEmpty) {
      this.#onlyValue = value;
      this.#below = node;
    } else if (this.#onlyValue === undefined) (this.#below as Map<string, LabelBranch<C> | C>).set(value, node);
    else {
      this.#below = new Map([
        [this.#onlyValue, this.#below as LabelBranch<C> | C],
        [value, node],
      ]);
      this.#onlyValue = undefined;
    }
  }

  /** Removes the node below with this label value. */
  delete(value: string): void {
    if (this.#onlyValue === value) return this.clear();
    if (this.#onlyValue !== undefined) return;
    const below = this.#below as Map<string, LabelBranch<C> | C>;
    if (below.delete(value) && below.size === 0) this.clear();
  }

  /** Removes all nodes below. */
  clear(): void {
    this.#onlyValue = undefined;
    this.#below = NONE_BELOW;
  }
}

/** Shared by all branches without nodes; never written to. */
const NONE_BELOW = new Map<string, never>();

/** Returns the branch for the child of these label values, created if needed. */
export function branchOf<C>(trunk: LabelBranch<C>, values: readonly LabelValue[]): LabelBranch<C> {
  let branch = trunk;
  const last = values.length - 1;
  for (let depth = 0; depth < last; depth++) {
    const value = values[depth]!;
    const text = String(value);
    let below = branch.get(text) as LabelBranch<C> | undefined;
    if (below === undefined) {
      below = new LabelBranch(branch, value);
      branch.add(text, below);
    }
    branch = below;
  }
  return branch;
}

/** Returns the child of these label values, if it exists. */
export function lookUp<C>(root: LabelBranch<C> | C, texts: readonly string[]): C | undefined {
  let node: LabelBranch<C> | C | undefined = root;
  for (const text of texts) {
    node = (node as LabelBranch<C>).get(text);
    if (node === undefined) return undefined;
  }
  return node as C;
}

/** Removes a child from its branch, and the branches that are then empty, so label values seen once leave nothing behind. */
export function prune<C>(branch: LabelBranch<C>, lastValue: LabelValue): void {
  branch.delete(String(lastValue));
  for (let each = branch; each.isEmpty && each.parent instanceof LabelBranch; each = each.parent)
    each.parent.delete(String(each.value));
}

/** Empties a branch and those above it: otherwise a held child would retain all children that were removed with it. */
export function cutOff(branch: LabelBranch): void {
  for (let each: LabelBranch | LabelTree = branch; each instanceof LabelBranch && !each.isEmpty; each = each.parent)
    each.clear();
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
  /** The value of the last label, as it was passed first; undefined for the only child of a metric without labels. */
  readonly lastValue: LabelValue | undefined;

  constructor(parent: LabelBranch, lastValue: LabelValue | undefined) {
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
    return this.tree.hasIllFormed ? texts.map(wellFormed) : texts;
  }

  /** The label values as they were passed first, as text. */
  get texts(): readonly string[] {
    const values = this.passedLabelValues;
    for (let i = 0; i < values.length; i++) if (typeof values[i] !== 'string') return values.map(String);
    return values as readonly string[];
  }

  /** The label values as they were passed first: numbers and booleans are not turned into their text. */
  get passedLabelValues(): readonly LabelValue[] {
    const { lastValue } = this;
    if (lastValue === undefined) return [];
    let depth = 0;
    for (let each = this.parent; each.parent instanceof LabelBranch; each = each.parent) depth++;
    // Allocated at its final length: an array that grows takes 150 bytes, for each line of a first scrape.
    const values = new Array<LabelValue>(depth + 1);
    values[depth] = lastValue;
    for (let each = this.parent; each.parent instanceof LabelBranch; each = each.parent) values[--depth] = each.value;
    return values;
  }

  /** The name of the metric, for messages. */
  get metricName(): string {
    return this.tree.metricName;
  }

  /** Returns the child that a timer of this one ends for: this one unless its end has labels. */
  protected at(endLabels: object | undefined): this {
    return endLabels === undefined ? this : (this.tree.siblingOf(this, endLabels) as this);
  }

  /** What the children of the metric share. */
  protected get tree(): LabelTree {
    let above = this.parent.parent;
    while (above instanceof LabelBranch) above = above.parent;
    return above;
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
