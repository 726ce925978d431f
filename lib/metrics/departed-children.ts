import { type Child, Departure } from './child.ts';

/**
 * Weak references per metric. Up to this many removed children have one each; beyond that they share: creating a reference
 * takes 350 to 600 ns and reading one 275 ns, so that 100,000 of each would stall `clear()` by 40 ms and every scrape by 27 ms
 * (AMD EPYC, Node 20).
 */
const MAX_REFERENCES = 4096;

/**
 * The children of removed series, which the program may still hold. Children that it has dropped are garbage-collected; a
 * held child is found here by its labels, and after it has been updated.
 *
 * Children that share a weak reference live together: each refers to the array of companions, and the reference is to that
 * array. As children disappear, fewer share a reference.
 */
export class DepartedChildren<C extends Child> {
  #references: WeakRef<C[]>[] = [];
  /** Children without a reference. They get one when the current job ends, or at the next look-up. */
  #pending: C[] = [];
  /** The reference of each child, by {@link keyOf} of its labels. Built at the first look-up, then kept up to date. */
  #byLabels: Map<string, WeakRef<C[]>> | undefined;
  /** Number of references that triggers a sweep even without a reading: twice as many as the last sweep left. */
  #sweepAt = 64;

  get isEmpty(): boolean {
    return this.#references.length === 0 && this.#pending.length === 0;
  }

  /** Adds a child whose numbers have been reset. Cheap to call one by one: children of one job get references together. */
  add(child: C): void {
    this.#pending.push(child);
    child.depart(new Departure(child.parent, this.#pending));
    if (this.#pending.length > 1) return;
    queueMicrotask(() => {
      this.#settle();
      if (this.#references.length > this.#sweepAt) this.#sweep();
    });
  }

  /** Adds children whose numbers have been reset. */
  addAll(children: readonly C[]): void {
    this.#settle();
    this.#refer(children, Math.ceil(children.length / MAX_REFERENCES));
  }

  /** Returns the departed child of these labels, if somebody may still hold it. */
  find(texts: readonly string[]): C | undefined {
    if (this.isEmpty) return undefined;
    this.#settle();
    const companions = this.#index().get(keyOf(texts))?.deref();
    return companions?.find((child) => isAmong(child, companions) && child.texts.every((text, i) => text === texts[i]));
  }

  /** Returns the children that were updated after they departed. They stay here until they are attached. */
  updated(): C[] {
    if (this.isEmpty) return [];
    this.#settle();
    return this.#sweep().filter(({ isUpdated }) => isUpdated);
  }

  /** Resets all children, including what they counted after they departed. */
  reset(): void {
    for (const child of this.updated()) child.reset();
  }

  /** Gives the pending children their references. */
  #settle(): void {
    if (this.#pending.length === 0) return;
    const children = this.#pending;
    this.#pending = [];
    this.addAll(children);
  }

  #refer(children: readonly C[], companionsPerReference: number): void {
    for (let start = 0; start < children.length; start += companionsPerReference) {
      const companions = children.slice(start, start + companionsPerReference);
      const reference = new WeakRef(companions);
      this.#references.push(reference);
      let departure: Departure | undefined;
      for (const child of companions) {
        if (departure?.branch !== child.parent) departure = new Departure(child.parent, companions);
        child.depart(departure);
        this.#byLabels?.set(keyOf(child.texts), reference);
      }
    }
  }

  /** Returns the children that are still here, and drops dead references. */
  #sweep(): C[] {
    const children: C[] = [];
    const references = this.#references;
    let kept = 0;
    let mostCompanions = 0;
    for (const reference of references) {
      const companions = reference.deref();
      if (companions === undefined) continue;
      const before = children.length;
      for (const child of companions) if (isAmong(child, companions)) children.push(child);
      const count = children.length - before;
      if (count === 0) continue;
      // Otherwise children that are attached again would live as long as any former companion is held.
      if (count < companions.length) companions.splice(0, Infinity, ...children.slice(before));
      mostCompanions = Math.max(mostCompanions, count);
      references[kept++] = reference;
    }
    if (kept < references.length) this.#byLabels = undefined;
    references.length = kept;
    const wanted = Math.ceil(children.length / MAX_REFERENCES);
    if ((mostCompanions > 1 && mostCompanions >= 2 * wanted) || kept > 2 * MAX_REFERENCES) {
      this.#references = [];
      this.#byLabels = undefined;
      this.#refer(children, wanted);
    }
    this.#sweepAt = Math.max(64, 2 * this.#references.length);
    return children;
  }

  #index(): Map<string, WeakRef<C[]>> {
    if (this.#byLabels !== undefined) return this.#byLabels;
    const byLabels = new Map<string, WeakRef<C[]>>();
    for (const reference of this.#references) {
      const companions = reference.deref();
      for (const child of companions ?? [])
        if (isAmong(child, companions!)) byLabels.set(keyOf(child.texts), reference);
    }
    this.#byLabels = byLabels;
    return byLabels;
  }
}

/** Whether a child still belongs to these companions: not attached again, nor departed a second time. */
function isAmong(child: Child, companions: readonly Child[]): boolean {
  return child.departure?.companions === companions;
}

/** Returns a key that is unique for each list of texts. */
function keyOf(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : texts.map((text) => `${text.length}:${text}`).join('');
}
