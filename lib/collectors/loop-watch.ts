import { describe } from '../model/names.ts';
import { LagDistribution } from './lag-distribution.ts';
import { RollingWindow } from './rolling-window.ts';

/** What is scheduled can be cancelled, and does not keep the process alive. */
interface Scheduled {
  unref(): unknown;
}

/** The clocks and queues of an event loop. */
export interface LoopClock {
  /** The monotonic clock, in milliseconds. */
  now(): number;
  /** Milliseconds that the loop has waited for events so far. */
  idle(): number;
  setImmediate<T>(run: (argument: T) => void, argument: T): Scheduled;
  clearImmediate(scheduled: Scheduled): void;
  setTimeout<T>(run: (argument: T) => void, milliseconds: number, argument: T): Scheduled;
  clearTimeout(scheduled: Scheduled): void;
}

/** As in prom-client. */
const DEFAULT_INTERVAL_MILLISECONDS = 10;

/**
 * Measures how long the event loop is busy at a stretch, in the last one to two minutes.
 *
 * While the loop turns slowly it measures each turn: the time between two runs of an immediate, less the time that the loop
 * waited for events meanwhile, which libuv counts. The immediate is unref'd: it runs at the end of a turn and starts none,
 * so the loop sleeps as long as it has nothing to do, and the stall that ends its sleep is measured whole. An idle process
 * pays nothing.
 *
 * While the loop turns faster than once in a tenth of the interval, that would cost too much. It then measures how late a
 * timer of that interval comes, and one turn after it: 200 measurements a second, in which a stall appears shorter by up to
 * the interval.
 *
 * A measurement takes 0.3 to 0.4 µs (EPYC, Node 20 to 26; a million turns with and without). Rejected: Node's
 * `monitorEventLoopDelay()`, a timer at all times. It costs an idle process 0.7 % of a core at 10 ms, 0.05 % at 200 ms, and
 * then meets a stall of 50 ms one time in four. It also counts a stall once, however long it is.
 */
export class LoopWatch {
  readonly #clock: LoopClock;
  readonly #interval: number;
  readonly #window: RollingWindow<LagDistribution>;
  /** Node holds what is scheduled, which therefore must not hold the watch: it ends if its metrics are gone. */
  readonly #self = new WeakRef(this);
  /** Ends the measurement under way. */
  #scheduled: Scheduled | undefined;
  #isTimer = false;
  /** When the measurement began; undefined before the loop's first turn. */
  #since: number | undefined;
  /** The idle time that has been added. */
  #idle = 0;

  /** Throws a RangeError unless the interval is a positive integer of milliseconds. */
  constructor(intervalMilliseconds = DEFAULT_INTERVAL_MILLISECONDS, clock: LoopClock = nodeClock()) {
    checkInterval(intervalMilliseconds);
    this.#interval = intervalMilliseconds;
    this.#clock = clock;
    this.#window = new RollingWindow(
      (ended = new LagDistribution()) => {
        ended.clear();
        return ended;
      },
      () => clock.now() / 1e3,
    );
    this.#awaitTurn();
  }

  /** Returns the distribution to show, without the turn of the loop that looks, which has not ended. */
  look(): LagDistribution {
    if (this.#since !== undefined && !this.#isTimer) this.#since += this.#addIdle();
    return this.#window.look();
  }

  stop(): void {
    if (this.#scheduled === undefined) return;
    if (this.#isTimer) this.#clock.clearTimeout(this.#scheduled);
    else this.#clock.clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
  }

  static #onTurn(self: WeakRef<LoopWatch>): void {
    const watch = self.deref();
    if (watch !== undefined) watch.#endTurn();
  }

  static #onTimer(self: WeakRef<LoopWatch>): void {
    const watch = self.deref();
    if (watch !== undefined) watch.#endInterval();
  }

  #endTurn(): void {
    const now = this.#clock.now();
    const before = this.#since;
    this.#since = now;
    if (before === undefined) {
      // Up to now the program started: there was no loop yet that could lag.
      this.#idle = this.#clock.idle();
      return this.#awaitTurn();
    }
    const turn = now - before;
    this.#addBusy(turn - this.#addIdle(), 0);
    if (turn < this.#interval) this.#awaitTimer();
    else this.#awaitTurn();
  }

  #endInterval(): void {
    const now = this.#clock.now();
    this.#addBusy(now - this.#since! - this.#interval, this.#interval);
    this.#since = now;
    this.#idle = this.#clock.idle(); // the interval has been added, however much of it the loop was idle
    this.#awaitTurn();
  }

  #awaitTurn(): void {
    this.#isTimer = false;
    this.#scheduled = this.#clock.setImmediate(LoopWatch.#onTurn, this.#self);
    this.#scheduled.unref();
  }

  #awaitTimer(): void {
    this.#isTimer = true;
    this.#scheduled = this.#clock.setTimeout(LoopWatch.#onTimer, this.#interval, this.#self);
    this.#scheduled.unref();
  }

  /** Adds what the loop has waited for events since this was last called; returns it, in milliseconds. */
  #addIdle(): number {
    const before = this.#idle;
    this.#idle = this.#clock.idle();
    const milliseconds = this.#idle - before;
    for (const lag of this.#window.recordings) lag.addIdle(milliseconds / 1e3);
    return milliseconds;
  }

  /** Less than 0 if a clock is coarser than the other, or a timer early. */
  #addBusy(milliseconds: number, before: number): void {
    for (const lag of this.#window.recordings) lag.addBusy(Math.max(0, milliseconds) / 1e3, before / 1e3);
  }
}

function checkInterval(milliseconds: number): void {
  if (Number.isInteger(milliseconds) && milliseconds > 0) return;
  throw new RangeError(
    `Cannot monitor the event loop: expected eventLoopMonitoringPrecision as a positive integer of milliseconds, ` +
      `got ${describe(milliseconds)}.`,
  );
}

/** Of this thread's loop. From `node:timers`, since test runners replace the global functions by their own. */
function nodeClock(): LoopClock {
  const { setImmediate, clearImmediate, setTimeout, clearTimeout } = process.getBuiltinModule('node:timers');
  return {
    now: () => performance.now(),
    idle: () => performance.nodeTiming.idleTime,
    setImmediate,
    clearImmediate,
    setTimeout,
    clearTimeout,
  } as LoopClock;
}
