import { Child } from './child.ts';

/** Searches for a child before the positions of all are indexed, which takes 8 ms for 100,000 children. */
const MAX_SEARCHES = 16;
/** Arrays read earlier that are still updated on a removal. The remaining children of older ones are replaced by copies. */
const MAX_EARLIER = 32;
/** Fills the place of a removed child in an array that nobody reads. */
const VACANT = {};
/** Shared by all metrics, most of which never need more. */
const NONE: readonly never[] = [];

/**
 * The children of a metric that are exposed, in the order of their creation.
 *
 * A scrape may still be reading the array when a series is removed. The numbers of a held child are then reset, so a copy
 * with its last numbers takes its place: no scrape exposes a 0 that nobody has set.
 */
export class LiveSeries<C extends Child> {
  /** Whether somebody may hold a child: the numbers of a removed child are then reset. */
  areHeld = false;
  /** Children, and copies in the places of removed ones: removing n children costs one pass, not n. */
  #series: (C | object)[] = [];
  #vacated = 0;
  /** Whether somebody may be reading the array. */
  #isRead = false;
  /** Earlier arrays that somebody may still be reading, the oldest first. */
  #earlier: readonly WeakRef<(C | object)[]>[] = NONE;
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
    this.#vacate(this.#positionOf(child), child, this.#readEarlier());
    // Without a scrape, places would accumulate. Dropping them once they are half of the array is one pass per removal.
    if (this.#vacated * 2 > this.#series.length) this.#compact();
  }

  /** Removes the children of which `isUnwanted` says so, and returns them. */
  removeAll(isUnwanted: (child: C) => boolean): readonly C[] {
    const removed: C[] = [];
    const earlier = this.#readEarlier();
    for (const [i, one] of this.#series.entries()) {
      if (!(one instanceof Child) || !isUnwanted(one as C)) continue;
      this.#vacate(i, one as C, earlier);
      removed.push(one as C);
    }
    return removed;
  }

  /** Removes all children, and returns those that somebody may hold. */
  clear(): readonly C[] {
    const before = this.#series;
    const earlier = this.#readEarlier();
    const children = this.areHeld ? before.filter((one): one is C => one instanceof Child) : [];
    if (this.areHeld && (this.#isRead || earlier.length > 0)) {
      const copies = children.map(this.#freeze);
      for (const array of [before, ...earlier]) replaceAll(array, children, copies);
    }
    this.#isRead = false;
    this.#earlier = NONE;
    this.#goOnWith([]);
    return children;
  }

  #vacate(position: number, child: C, earlier: readonly (C | object)[][]): void {
    const copy = this.#isRead || earlier.length > 0 ? this.#freeze(child) : VACANT;
    this.#series[position] = copy;
    this.#vacated++;
    for (const array of earlier) {
      // Never before its current position, since places have only been dropped since, and rarely far behind it.
      const at = array.indexOf(child, position);
      if (at !== -1) array[at] = copy;
    }
  }

  #readEarlier(): (C | object)[][] {
    return this.#earlier.flatMap((reference) => {
      const array = reference.deref();
      return array === undefined ? [] : [array];
    });
  }

  #positionOf(child: C): number {
    if (this.#positions === undefined) {
      this.#searches++;
      if (this.#searches <= MAX_SEARCHES) return this.#series.indexOf(child);
      this.#positions = new Map(this.#series.map((one, i) => [one, i]));
    }
    return this.#positions.get(child)!;
  }

  /** Continues with an array without the places of removed children. */
  #compact(): void {
    if (this.#vacated > 0) this.#goOnWith(this.#series.filter((one): one is C => one instanceof Child));
  }

  #goOnWith(series: C[]): void {
    if (this.#isRead) {
      const earlier = [...this.#readEarlier(), this.#series];
      for (const oldest of earlier.splice(0, earlier.length - MAX_EARLIER)) {
        const children = oldest.filter((one): one is C => one instanceof Child);
        replaceAll(oldest, children, children.map(this.#freeze));
      }
      this.#earlier = earlier.map((array) => new WeakRef(array));
    }
    this.#series = series;
    this.#vacated = 0;
    this.#isRead = false;
    this.#searches = 0;
    this.#positions = undefined;
  }
}

/** Puts copies in the places of children; `children` are in the order of the array, which may lack some. */
function replaceAll<C extends object>(array: (C | object)[], children: readonly C[], copies: readonly object[]): void {
  let i = 0;
  for (let at = 0; at < array.length; at++) {
    const one = array[at];
    if (!(one instanceof Child)) continue;
    while (children[i] !== one) i++;
    array[at] = copies[i]!;
  }
}

/** The most checks per idle time while series are created at `maxSeries`: each check passes over all series. */
const LOOKS_FOR_ROOM = 32;

/** Expires the series of a metric that had no update for `idleSeconds`. */
export class IdleLimit {
  readonly #milliseconds: number;
  /** The earliest time at which a series can expire: the oldest update at the last check plus the idle time. */
  #earliest = -Infinity;
  #lookedAt = -Infinity;

  constructor(seconds: number) {
    this.#milliseconds = seconds * 1000;
  }

  /** Considers a returning series, whose update may be older than the last check. */
  expect(child: Child): void {
    this.#earliest = Math.min(this.#earliest, child.updatedAt + this.#milliseconds);
  }

  /**
   * Removes expired series and returns their children. A reading needs all of them removed; with `isForRoom`, the caller
   * needs only some room, so the check may be skipped.
   */
  expire<C extends Child>(series: LiveSeries<C>, isForRoom: boolean): readonly C[] {
    const now = performance.now();
    const next = isForRoom ? this.#lookedAt + this.#milliseconds / LOOKS_FOR_ROOM : -Infinity;
    if (now < Math.max(this.#earliest, next)) return [];
    this.#lookedAt = now;
    this.#earliest = now + this.#milliseconds;
    return series.removeAll((child) => {
      const expiresAt = child.updatedAt + this.#milliseconds;
      if (expiresAt <= now) return true;
      this.#earliest = Math.min(this.#earliest, expiresAt);
      return false;
    });
  }
}
