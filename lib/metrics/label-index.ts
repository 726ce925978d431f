import type { ExemplarSource } from '../model/exemplar.ts';
import { type LabelValue, wellFormed } from '../model/label-value.ts';
import { warnOfOverflow } from '../model/metric.ts';
import { branchOf, type Child, cutOff, Departure, LabelBranch, LabelTree, lookUp, prune } from './child.ts';
import { DepartedChildren } from './departed-children.ts';
import { LabelTexts, type LabelTextsOptions } from './label-texts.ts';
import { IdleLimit, LiveSeries } from './live-series.ts';

/** Creates the child below a branch with its last label value, which is undefined if there are no labels. */
export type CreateChild<C> = (parent: LabelBranch<C>, lastValue: LabelValue | undefined, tree: LabelTree) => C;

/** The parts of the metric that the index uses. */
export interface LabelIndexOptions<C> extends LabelTextsOptions {
  /** Series beyond this number go to one overflow series. */
  readonly maxSeries: number;
  /** Series without an update for this long are removed; `Infinity` for never. */
  readonly idleSeconds: number;
  /** Supplies the exemplar of each update that has none. */
  readonly exemplarSource: ExemplarSource | undefined;
  readonly createChild: CreateChild<C>;
  /** Returns a copy of a child's numbers, for scrapes that began before it was removed. */
  readonly freeze: (child: C) => object;
  /** Called with each removed child before it is reset: somebody may hold it and update it. */
  readonly onRemove?: ((child: C) => void) | undefined;
  /** Called with the children before all are removed. */
  readonly onClear?: (children: readonly C[]) => void;
}

/**
 * Finds the child of a metric by its label values: nested `Map`s, one level per label, keyed by the value itself. Label
 * sets never collide, because values are neither joined nor escaped. It is also faster than a joined key: see
 * docs/performance.md for the clients that join.
 */
export class LabelIndex<C extends Child> {
  /** A copy that is not frozen: V8 reads a frozen array more slowly, which costs a fifth of a look-up by two labels. */
  readonly labelNames: readonly string[];
  /** The child of a metric without labels. */
  readonly only: C | undefined;
  /** Updates that went to the overflow series. */
  overflowedUpdates = 0;
  readonly #tree: LabelTree;
  /** The root branch, below which all children are. */
  readonly #trunk: LabelBranch<C>;
  /** The start of a look-up: the trunk; without labels the only child, so that a look-up of no steps ends there. */
  readonly #root: LabelBranch<C> | C;
  readonly #series: LiveSeries<C>;
  /** The overflow child, which does not count towards `maxSeries`. */
  #overflow: C | undefined;
  /** Whether the overflow series exists: its child may be held after its removal. */
  #hasOverflow = false;
  /** Whether the series of {@link only} is removed. */
  #isOnlyRemoved = false;
  #departed: DepartedChildren<C> | undefined;
  /** Undefined where series do not expire. */
  readonly #idle: IdleLimit | undefined;
  readonly #options: LabelIndexOptions<C>;
  readonly #texts: LabelTexts;

  constructor(options: LabelIndexOptions<C>) {
    this.#options = options;
    this.#idle =
      options.idleSeconds < Infinity && options.labelNames.length > 0 ? new IdleLimit(options.idleSeconds) : undefined;
    this.#series = new LiveSeries(options.freeze);
    this.#texts = new LabelTexts(options);
    this.labelNames = [...options.labelNames];
    this.#tree = new LabelTree(
      options.metricName,
      (child, labels) => this.#siblingOf(child, labels),
      this.#idle !== undefined,
      options.exemplarSource,
    );
    this.#trunk = new LabelBranch<C>(this.#tree, '');
    this.only = options.labelNames.length === 0 ? this.#create(this.#trunk, undefined) : undefined;
    this.#root = this.only ?? this.#trunk;
  }

  /** Whether a child may have an exemplar. */
  get hasExemplars(): boolean {
    return this.#tree.exemplars !== undefined;
  }

  /**
   * The children, the oldest first. While the same array comes back, it has only grown at its end.
   *
   * Every reading comes through here, so this is where children of removed series are checked for updates. Updates
   * themselves need not know whether their series exists.
   */
  get series(): readonly C[] {
    // A process is slow at its first scrapes: nothing is called for the many metrics that never lost a series.
    if (this.#departed !== undefined || this.#overflow !== undefined || this.#isOnlyRemoved) this.#bringBackUpdated();
    if (this.#idle !== undefined) this.#expire();
    return this.#series.read();
  }

  /**
   * Returns the child of an object of labels, created if needed.
   *
   * Walks the object with `for…in`: V8 reads the keys and values of a literal by their place in its shape, whereas
   * `labels[name]` with many names is a dictionary look-up, a third slower for two labels. The walk also finds unknown
   * labels. Labels in another order than `labelNames` take the slower {@link #resolveObject}.
   */
  find(labels: object): C {
    const names = this.labelNames;
    let node = this.#root as LabelBranch<C>;
    let depth = 0;
    for (const name in labels) {
      if (name !== names[depth]) return this.#resolveObject(labels);
      const value = (labels as Record<string, unknown>)[name];
      const next = node.get(typeof value === 'string' ? value : this.#texts.of(value, depth));
      if (next === undefined) return this.#resolveObject(labels);
      node = next as LabelBranch<C>;
      depth++;
    }
    return depth === names.length ? (node as unknown as C) : this.#resolveObject(labels);
  }

  /** Returns the child of an object of labels, created if needed. The caller may hold it. */
  hold(labels: object): C {
    this.#series.areHeld = true;
    return this.find(labels);
  }

  /**
   * Returns the child of up to four label values by position, created if needed; `first` may be an object of labels. The
   * caller may hold the child. `count` is the number of values passed. A rest array would be allocated at each call, since
   * the slow path lets it escape.
   */
  at(count: number, first: unknown, second: unknown, third: unknown, fourth: unknown): C {
    this.#series.areHeld = true;
    if (typeof first === 'object' && first !== null) return this.find(first);
    if (count !== this.labelNames.length || count === 0)
      return this.atAll([first, second, third, fourth].slice(0, count));
    let next = (this.#root as LabelBranch<C>).get(typeof first === 'string' ? first : this.#texts.of(first, 0));
    if (count > 1 && next !== undefined) {
      next = (next as LabelBranch<C>).get(typeof second === 'string' ? second : this.#texts.of(second, 1));
      if (count > 2 && next !== undefined) {
        next = (next as LabelBranch<C>).get(typeof third === 'string' ? third : this.#texts.of(third, 2));
        if (count > 3 && next !== undefined) {
          next = (next as LabelBranch<C>).get(typeof fourth === 'string' ? fourth : this.#texts.of(fourth, 3));
        }
      }
    }
    return next === undefined ? this.atAll([first, second, third, fourth].slice(0, count)) : (next as C);
  }

  /** Returns the child of any number of label values by position, created if needed. The caller may hold it. */
  atAll(values: readonly unknown[]): C {
    this.#series.areHeld = true;
    return this.#resolve(this.#texts.ofValues(values));
  }

  /** Returns the child of these labels, or undefined: an object, or the values by position. Creates nothing. */
  peek(labels: readonly unknown[] | object): C | undefined {
    const texts = (Array.isArray(labels) ? this.#texts.ofValues(labels) : this.#texts.ofObject(labels)).map(String);
    const departed = this.#departed?.find(texts);
    if (departed?.isUpdated === true) this.#bringBack(departed);
    if (this.only?.isUpdated === true) this.bringBackOnly();
    this.#bringBackOverflow();
    this.#expire();
    return lookUp(this.#root, texts);
  }

  /** Removes the child of these labels; returns whether there was one. */
  remove(labels: readonly unknown[] | object): boolean {
    const child = this.peek(labels);
    if (child === undefined || child.departure !== undefined) return false;
    this.#series.remove(child);
    this.#depart(child);
    return true;
  }

  /** Exposes the only child of a metric without labels again, after its removal. */
  bringBackOnly(): void {
    if (!this.#isOnlyRemoved) return;
    this.#isOnlyRemoved = false;
    this.only!.arrive(this.#trunk);
    this.#series.add(this.only!);
  }

  /** Removes the children for which `isUnwanted` returns true. */
  removeAll(isUnwanted: (child: C) => boolean): void {
    this.#bringBackUpdated();
    for (const child of this.#series.removeAll(isUnwanted)) this.#depart(child);
  }

  /** Removes every child. The only child of a metric without labels is reset instead. */
  clear(): void {
    if (this.only !== undefined) {
      this.only.reset();
      return this.bringBackOnly();
    }
    this.#departed?.reset();
    this.#options.onClear?.(this.#series.read());
    const children = this.#series.clear();
    for (const child of children) {
      cutOff(child.parent);
      child.reset();
    }
    if (children.length > 0) (this.#departed ??= new DepartedChildren()).addAll(children);
    this.#dropOverflow(); // last: until then it is one of the children
    this.#trunk.clear();
    this.#tree.exemplars = undefined;
  }

  #expire(isForRoom = false): void {
    for (const child of this.#idle?.expire(this.#series, isForRoom) ?? []) this.#depart(child);
  }

  /** Drops a removed child, or tracks it if somebody may hold it. */
  #depart(child: C): void {
    if (child === this.only) {
      // It is always held, by this index.
      this.#isOnlyRemoved = true;
      child.depart(new Departure(this.#trunk, [child]));
      child.reset();
      return;
    }
    prune(child.parent as LabelBranch<C>, child.lastValue!);
    this.#options.onRemove?.(child);
    if (child === this.#overflow) this.#dropOverflow();
    else if (this.#series.areHeld) {
      child.reset();
      (this.#departed ??= new DepartedChildren()).add(child);
    }
  }

  /** Drops the overflow child; if somebody may hold it, it is reused when the overflow series comes back. */
  #dropOverflow(): void {
    this.#hasOverflow = false;
    if (!this.#series.areHeld) this.#overflow = undefined;
    if (this.#overflow === undefined) return;
    this.#overflow.reset();
    this.#overflow.depart(new Departure(this.#overflow.parent, [this.#overflow]));
  }

  #bringBackUpdated(): void {
    for (const child of this.#departed?.updated() ?? []) this.#bringBack(child);
    if (this.only?.isUpdated === true) this.bringBackOnly();
    this.#bringBackOverflow();
  }

  #bringBackOverflow(): void {
    if (this.#overflow?.isUpdated === true) this.#overflowChild();
  }

  /** Attaches a child that was updated after its removal; without room, adds its numbers to the overflow series. */
  #bringBack(child: C): void {
    if (this.#hasRoom()) return void this.#attach(child);
    const overflow = this.#overflowChild();
    overflow.touch(); // what it takes now must not expire with what it counted long ago
    if (child.giveTo(overflow)) this.#countOverflow();
  }

  #siblingOf(child: Child, labels: object): C {
    const own = child.passedLabelValues.map((value, depth) => [this.labelNames[depth], value] as const);
    return this.find({ ...Object.fromEntries(own), ...labels });
  }

  #create(parent: LabelBranch<C>, lastValue: LabelValue | undefined): C {
    const child = this.#options.createChild(parent, lastValue, this.#tree);
    this.#series.add(child);
    return child;
  }

  #resolveObject(labels: object): C {
    return this.#texts.lookUp(this.#root, labels) ?? this.#resolve(this.#texts.ofObject(labels));
  }

  #resolve(values: readonly LabelValue[]): C {
    const texts = values.map(String);
    const known = lookUp(this.#root, texts);
    if (known !== undefined) return known;
    if (this.#isOfOverflow(texts)) return this.#overflowChild();
    if (this.#hasRoom()) {
      const departed = this.#departed?.find(texts); // never two children of the same labels: both would be exposed
      departed?.touch();
      return departed === undefined ? this.#insert(values) : this.#attach(departed);
    }
    const overflow = this.#overflowChild();
    this.#countOverflow();
    return overflow;
  }

  #hasRoom(): boolean {
    const isFull = (): boolean => this.#series.count - (this.#hasOverflow ? 1 : 0) >= this.#options.maxSeries;
    if (isFull()) this.#expire(true);
    return !isFull();
  }

  #countOverflow(): void {
    this.overflowedUpdates++;
    if (this.overflowedUpdates === 1)
      warnOfOverflow(this.#options.metricName, this.#options.maxSeries, String(this.#overflow!.lastValue));
  }

  /** Returns the overflow child, attached. */
  #overflowChild(): C {
    if (this.#hasOverflow) return this.#overflow!;
    const overflow = this.#overflow;
    overflow?.touch(); // as if it were new
    this.#overflow = overflow === undefined ? this.#insert(this.#overflowTexts()) : this.#attach(overflow);
    this.#hasOverflow = true;
    return this.#overflow;
  }

  /** The label values of a new overflow series: all `overflow`, followed by a number if such a series exists. */
  #overflowTexts(): string[] {
    let value = 'overflow';
    const texts = (): string[] => this.labelNames.map(() => value);
    const isTaken = (): boolean => (lookUp(this.#root, texts()) ?? this.#departed?.find(texts())) !== undefined;
    for (let number = 2; isTaken(); number++) value = `overflow_${number}`;
    return texts();
  }

  /** Whether these are the labels of the overflow series, present or removed. */
  #isOfOverflow(texts: readonly string[]): boolean {
    return this.#overflow !== undefined && texts.every((text) => text === this.#overflow!.lastValue);
  }

  #insert(values: readonly LabelValue[]): C {
    const branch = this.#branchOf(values);
    const child = this.#create(branch, values.at(-1));
    branch.add(String(child.lastValue), child);
    return child;
  }

  /** Puts a departed child back in its place, with what it has counted since. */
  #attach(child: C): C {
    const branch = this.#branchOf(child.passedLabelValues);
    child.arrive(branch);
    branch.add(String(child.lastValue), child);
    this.#series.add(child);
    if (this.#hasOverflow) child.takeBackFrom(this.#overflow!);
    this.#idle?.expect(child);
    return child;
  }

  #branchOf(values: readonly LabelValue[]): LabelBranch<C> {
    // Reading a concatenated text makes the engine flatten it; while it is young, its parts are then freed: 30 bytes less
    // per series than if the first scrape read it.
    if (values.some((value) => typeof value === 'string' && wellFormed(value) !== value))
      this.#tree.hasIllFormed = true;
    return branchOf(this.#trunk, values);
  }
}
