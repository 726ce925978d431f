import { Child } from './child.ts';

/** So many children are searched for one by one; beyond that, their positions are looked up: 8 ms for 100,000 of them. */
const MAX_SEARCHES = 16;
/** So many arrays that were read before are watched; of an older one, what is left is copied. */
const MAX_EARLIER = 32;
/** What stands in the place of a removed child where nobody reads it. */
const VACANT = {};
/** Shared by all metrics, most of which never need more. */
const NONE: readonly never[] = [];

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
  /** Arrays before this one, the oldest first, that somebody may still be reading. */
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
    // Without a scrape the places would pile up; half of them at a time is still one pass for each.
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
      // Not before its present position, since places have only gone since, and seldom far behind it.
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

  /** Goes on without the places of those that were removed. */
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

/** Into how many looks the idle time is cut at most while series are created at `maxSeries`: each look passes all of them. */
const LOOKS_FOR_ROOM = 32;

/** Expires the series of a metric that have had no update for a time. */
export class IdleLimit {
  readonly #milliseconds: number;
  /** No series expires before: the oldest update at the last look and the idle time. Updates only move it on. */
  #earliest = -Infinity;
  #lookedAt = -Infinity;

  constructor(seconds: number) {
    this.#milliseconds = seconds * 1000;
  }

  /** Takes account of a series that is back, whose update may be older than the last look. */
  expect(child: Child): void {
    this.#earliest = Math.min(this.#earliest, child.updatedAt + this.#milliseconds);
  }

  /**
   * Removes the series that have expired, and returns their children. `isForRoom` says that this is not a reading, for
   * which all of them have to be gone, but that some room is needed.
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
