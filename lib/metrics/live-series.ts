import { Child } from './child.ts';

/** So many children are searched for one by one; beyond that, their positions are looked up: 8 ms for 100,000 of them. */
const MAX_SEARCHES = 16;
/** What stands in the place of a removed child where nobody reads it. */
const VACANT = {};

/**
 * The children of a metric that are exposed, in the order of their creation.
 *
 * A scrape may still be reading the array when a series is removed. Where somebody holds the child, its numbers are taken
 * back to 0, so a copy with the last ones takes its place: no scrape exposes a 0 that nobody has set.
 */
export class LiveSeries<C extends Child> {
  /** Whether somebody may hold a child: then the numbers of one that is removed do not stay. */
  areHeld = false;
  /** Children, and copies in the places of those that were removed: removing n of them costs one pass, not n. */
  #series: (C | object)[] = [];
  #vacated = 0;
  /** Whether somebody may be reading the array. */
  #isRead = false;
  #positions: Map<C | object, number> | undefined;
  #searches = 0;
  readonly #freeze: (child: C) => object;

  constructor(freeze: (child: C) => object) {
    this.#freeze = freeze;
  }

  /** How many there are. */
  get count(): number {
    return this.#series.length - this.#vacated;
  }

  /** Returns the array. While the same one comes back, it has only grown at its end. */
  read(): readonly C[] {
    this.#compact();
    this.#isRead = true;
    return this.#series as C[];
  }

  /** Adds a child at the end. */
  add(child: C): void {
    this.#positions?.set(child, this.#series.length);
    this.#series.push(child);
  }

  /** Removes a child, whose numbers are still there. */
  remove(child: C): void {
    this.#vacate(this.#positionOf(child), child);
    // Without a scrape the places would pile up; half of them at a time is still one pass for each.
    if (this.#vacated * 2 > this.#series.length) this.#compact();
  }

  /** Removes the children of which `isUnwanted` says so, and returns them. */
  removeAll(isUnwanted: (child: C) => boolean): readonly C[] {
    const removed: C[] = [];
    for (const [i, one] of this.#series.entries()) {
      if (!(one instanceof Child) || !isUnwanted(one as C)) continue;
      this.#vacate(i, one as C);
      removed.push(one as C);
    }
    return removed;
  }

  /** Removes all children, and returns those that somebody may hold. */
  clear(): readonly C[] {
    const before = this.#series;
    const children = this.areHeld ? before.filter((one): one is C => one instanceof Child) : [];
    this.#goOnWith([]);
    return children;
  }

  #vacate(position: number, child: C): void {
    this.#series[position] = this.#isRead ? this.#freeze(child) : VACANT;
    this.#vacated++;
  }

  #positionOf(child: C): number {
    if (this.#positions === undefined) {
      this.#searches++;
      if (this.#searches <= MAX_SEARCHES) return this.#series.indexOf(child);
      this.#positions = new Map(this.#series.map((one, i) => [one, i]));
    }
    return this.#positions.get(child)!;
  }

  /** Goes on without the places of those that were removed. */
  #compact(): void {
    if (this.#vacated > 0) this.#goOnWith(this.#series.filter((one): one is C => one instanceof Child));
  }

  #goOnWith(series: C[]): void {
    // What happens to the children from now on does not reach the array that is perhaps still being read.
    if (this.#isRead && this.areHeld) {
      for (const [i, one] of this.#series.entries()) if (one instanceof Child) this.#series[i] = this.#freeze(one as C);
    }
    this.#series = series;
    this.#vacated = 0;
    this.#isRead = false;
    this.#searches = 0;
    this.#positions = undefined;
  }
}
