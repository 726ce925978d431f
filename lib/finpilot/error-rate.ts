import type { Ratio } from '../model/family.ts';
import { ignoreRejection, isThenable } from '../model/promises.ts';

const WINDOW_SECONDS = 300;
const SLOT_SECONDS = 5;
const SLOT_COUNT = WINDOW_SECONDS / SLOT_SECONDS;

/**
 * The failed share of the scans of the last five minutes.
 *
 * A ring of 60 slots of 5 seconds: memory is fixed however many scans there are, and no timer is needed, since slots
 * that have grown too old are emptied by the next call. A scan is forgotten 295 to 300 seconds after it was recorded.
 */
export class ErrorRate {
  readonly #nowSeconds: () => number;
  /** Slot n, counted from the clock's zero, has cell n % SLOT_COUNT. */
  readonly #scans = new Float64Array(SLOT_COUNT);
  readonly #failures = new Float64Array(SLOT_COUNT);
  #newestSlot = 0;

  /** Takes a clock in seconds, at least 0; where its zero lies does not matter. */
  constructor(nowSeconds: () => number) {
    this.#nowSeconds = nowSeconds;
  }

  /** Takes note of a scan that has just ended. */
  record(hasFailed: boolean): void {
    const cell = this.#advance() % SLOT_COUNT;
    this.#scans[cell]! += 1;
    if (hasFailed) this.#failures[cell]! += 1;
  }

  /** Returns the failed scans and all scans of the window: the share alone could not be merged over processes. */
  read(): Ratio {
    this.#advance();
    return [sum(this.#failures), sum(this.#scans)];
  }

  /** Empties the slots that have left the window; returns the current one. A clock set back stays in the newest. */
  #advance(): number {
    const now = Math.floor(timeOf(this.#nowSeconds) / SLOT_SECONDS);
    // Of a clock that gives NaN, Infinity or 1e300, slots cannot be counted: the loop below would not end.
    const slot = Number.isSafeInteger(now) ? Math.max(this.#newestSlot, now) : this.#newestSlot;
    const firstNew = Math.max(this.#newestSlot + 1, slot - SLOT_COUNT + 1);
    for (let entered = firstNew; entered <= slot; entered++) {
      this.#scans[entered % SLOT_COUNT] = 0;
      this.#failures[entered % SLOT_COUNT] = 0;
    }
    this.#newestSlot = slot;
    return slot;
  }
}

/** Returns the time of a clock, or NaN if it fails: a scan is recorded in any case. */
function timeOf(clock: () => unknown): number {
  try {
    const time = clock();
    if (isThenable(time)) ignoreRejection(time);
    return typeof time === 'number' ? time : NaN;
  } catch {
    return NaN;
  }
}

function sum(cells: Float64Array): number {
  let total = 0;
  for (const cell of cells) total += cell;
  return total;
}
