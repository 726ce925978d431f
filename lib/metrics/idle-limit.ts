import type { Child } from './child.ts';
import type { LiveSeries } from './live-series.ts';

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
