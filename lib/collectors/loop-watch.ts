import { describe } from '../model/names.ts';
import { MAX_TIMER_MILLISECONDS } from '../model/promises.ts';
import { LagDistribution } from './lag-distribution.ts';
import { RollingWindow } from './rolling-window.ts';

/** A callback that waits for its time; unref'd, it does not keep the process alive. */
interface Scheduled {
  unref(): unknown;
}

interface Timer extends Scheduled {
  /** Starts the timer again, also after its time. */
  refresh(): unknown;
}

/** The clocks and queues of an event loop. */
export interface LoopClock {
  /** The monotonic clock, in milliseconds. */
  now(): number;
  /** Milliseconds that the loop has waited for events so far. */
  idle(): number;
  /** Turns that the loop has made so far. */
  turns(): number;
  setImmediate<T>(run: (argument: T) => void, argument: T): Scheduled;
  clearImmediate(scheduled: Scheduled): void;
  setTimeout<T>(run: (argument: T) => void, milliseconds: number, argument: T): Timer;
  clearTimeout(timer: Timer): void;
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
 * While the loop turns more often than once in an interval, that would cost too much. It then measures how late a timer of
 * that interval comes, so a stall appears shorter by up to the interval; but none that is longer is missed.
 *
 * Rejected: Node's `monitorEventLoopDelay()`, a timer at all times. It costs an idle process 0.7 % of a core at 10 ms, 0.05 %
 * at 200 ms (EPYC, Node 20), and then meets a stall of 50 ms one time in four. It also counts a stall once, however long it
 * is. Rejected, too: each turn of a fast loop. An immediate that runs rarely, between other work, takes 60 µs.
 */
export class LoopWatch {
  readonly #clock: LoopClock;
  readonly #interval: number;
  readonly #window: RollingWindow<LagDistribution>;
  /** Node holds what is scheduled, which therefore must not hold the watch: it ends if its metrics are gone. */
  readonly #self = new WeakRef(this);
  /** One of the two ends the measurement under way. */
  #immediate: Scheduled | undefined;
  #timer: Timer | undefined;
  #isTimer = false;
  /** When the measurement began; undefined before the loop's first turn. */
  #since: number | undefined;
  /** The idle time that has been added. */
  #idle = 0;
  /** The turns of the loop when the timer was started. */
  #turns = 0;

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
    if (this.#immediate !== undefined) this.#clock.clearImmediate(this.#immediate);
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
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
    const busy = Math.max(0, turn - this.#addIdle()) / 1e3; // below 0 if one of the clocks is coarser
    for (const lag of this.#window.recordings) lag.addBusy(busy);
    if (turn < this.#interval) this.#awaitTimer();
    else this.#awaitTurn();
  }

  #endInterval(): void {
    const now = this.#clock.now();
    this.#addDelay(Math.max(0, now - this.#since! - this.#interval) / 1e3, this.#interval / 1e3);
    this.#since = now;
    this.#idle = this.#clock.idle(); // the interval has been added, however much of it the loop was idle
    // One turn ended with the timer, and the one before may have been the last of a burst.
    if (this.#clock.turns() - this.#turns > 2) this.#awaitTimer();
    else this.#awaitTurn();
  }

  #awaitTurn(): void {
    this.#isTimer = false;
    this.#immediate = this.#clock.setImmediate(LoopWatch.#onTurn, this.#self);
    this.#immediate.unref();
  }

  #awaitTimer(): void {
    this.#isTimer = true;
    this.#turns = this.#clock.turns();
    if (this.#timer !== undefined) return void this.#timer.refresh();
    this.#timer = this.#clock.setTimeout(LoopWatch.#onTimer, this.#interval, this.#self);
    this.#timer.unref();
  }

  /** Adds what the loop has waited for events since this was last called; returns it, in milliseconds. */
  #addIdle(): number {
    const before = this.#idle;
    this.#idle = this.#clock.idle();
    const milliseconds = this.#idle - before;
    for (const lag of this.#window.recordings) lag.addIdle(milliseconds / 1e3);
    return milliseconds;
  }

  /**
   * Adds a delay of the timer. One below the interval is a sample, which stands for an interval. A longer one is a stall that
   * no sample could miss: its time is known but for its beginning, which was half an interval before on average.
   */
  #addDelay(delay: number, interval: number): void {
    for (const lag of this.#window.recordings) {
      if (delay < interval) {
        lag.addLag(delay, interval);
      } else {
        lag.addLag(delay, interval / 2);
        lag.addBusy(delay);
        lag.addIdle(interval / 2);
      }
    }
  }
}

function checkInterval(milliseconds: number): void {
  if (Number.isInteger(milliseconds) && milliseconds > 0 && milliseconds <= MAX_TIMER_MILLISECONDS) return;
  throw new RangeError(
    `Cannot monitor the event loop: expected eventLoopMonitoringPrecision as a positive integer of milliseconds, ` +
      `at most ${MAX_TIMER_MILLISECONDS}, got ${describe(milliseconds)}.`,
  );
}

/** Of this thread's loop. From `node:timers`, since test runners replace the global functions by their own. */
function nodeClock(): LoopClock {
  const { setImmediate, clearImmediate, setTimeout, clearTimeout } = process.getBuiltinModule('node:timers');
  return {
    now: () => performance.now(),
    idle: () => performance.nodeTiming.idleTime,
    turns: () => performance.nodeTiming.uvMetricsInfo.loopCount,
    setImmediate,
    clearImmediate,
    setTimeout,
    clearTimeout,
  } as LoopClock;
}
