import type { Family } from '../model/family.ts';

/** How often the event loop shows that it turns. 20 wake-ups a second cost an idle process 0.25 % of a core (AMD EPYC). */
const BEAT_MILLISECONDS = 50;
/** A beat that is this late is counted as a stall. */
const STALL_SECONDS = 0.1;
/** Upper bounds of the histogram of stalls, in seconds: up to the minutes that a scrape of a blocked process never shows. */
const BOUNDS: readonly number[] = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** The cells of a heartbeat. All are integers, times in nanoseconds, and are read and written by `Atomics`. */
const BEAT_AT = 0;
const LONGEST = 1;
const SUM = 2;
const FIRST_BUCKET = 3;
const CELLS = FIRST_BUCKET + BOUNDS.length + 1;

/** Nanoseconds of the clock that all threads of a process share; `performance.now()` starts at 0 in each thread. */
export type SharedClock = () => bigint;

/**
 * Writes the time into shared memory at each beat, and how late beats came. Another thread sees from it whether the event
 * loop of this one turns. The timer does not keep the process alive.
 */
export class Heartbeat {
  /** What a {@link HeartbeatReader} needs. */
  readonly memory = new SharedArrayBuffer(CELLS * BigInt64Array.BYTES_PER_ELEMENT);
  readonly #cells = new BigInt64Array(this.memory);
  readonly #clock: SharedClock;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: SharedClock = process.hrtime.bigint) {
    this.#clock = clock;
    Atomics.store(this.#cells, BEAT_AT, clock());
  }

  /** Starts to beat. */
  start(): void {
    // From `node:timers`, since test runners replace the global functions by their own.
    this.#timer ??= process.getBuiltinModule('node:timers').setInterval(() => this.beat(), BEAT_MILLISECONDS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Shows that the loop turns, and counts the stall before, if there was one. */
  beat(): void {
    const now = this.#clock();
    const cells = this.#cells;
    const late = lateness(Atomics.load(cells, BEAT_AT), now);
    if (late >= nanoseconds(STALL_SECONDS)) {
      const bucket = BOUNDS.findIndex((bound) => late <= nanoseconds(bound));
      Atomics.add(cells, SUM, late);
      Atomics.add(cells, FIRST_BUCKET + (bucket === -1 ? BOUNDS.length : bucket), 1n);
      if (late > Atomics.load(cells, LONGEST)) Atomics.store(cells, LONGEST, late);
    }
    Atomics.store(cells, BEAT_AT, now);
  }
}

const BLOCKED = 'nodejs_eventloop_blocked_seconds';
const LONGEST_BLOCKED = 'nodejs_eventloop_blocked_longest_seconds';
const STALLS = 'nodejs_eventloop_stall_seconds';

/** The names of {@link HeartbeatReader.families}. */
export const HEARTBEAT_FAMILY_NAMES: readonly string[] = [BLOCKED, LONGEST_BLOCKED, STALLS];

/** Reads the heartbeat of another thread. */
export class HeartbeatReader {
  readonly #cells: BigInt64Array;
  readonly #clock: SharedClock;

  /** `memory` is that of a {@link Heartbeat} with the same clock. */
  constructor(memory: SharedArrayBuffer, clock: SharedClock = process.hrtime.bigint) {
    this.#cells = new BigInt64Array(memory);
    this.#clock = clock;
  }

  /** For how long the event loop has been blocked; 0 while it turns. At most one beat, 50 ms, too low. */
  get blockedSeconds(): number {
    return seconds(lateness(Atomics.load(this.#cells, BEAT_AT), this.#clock()));
  }

  /** The metrics of the event loop, as they are now. */
  families(): Family[] {
    const cells = this.#cells;
    const blocked = this.blockedSeconds;
    const longest = Math.max(blocked, seconds(Atomics.load(cells, LONGEST)));
    const bucketCounts = [...BOUNDS, Infinity].map((_, i) => Number(Atomics.load(cells, FIRST_BUCKET + i)));
    const head = { unit: 'seconds', labelNames: [], constantLabels: [] };
    return [
      {
        ...head,
        name: BLOCKED,
        help: 'How long the event loop has been blocked; 0 while it turns.',
        type: 'gauge',
        series: [{ labelValues: [], value: blocked }],
        cache: new Map(),
      },
      {
        ...head,
        name: LONGEST_BLOCKED,
        help: 'The longest time that the event loop was blocked, since the metrics thread was started.',
        type: 'gauge',
        series: [{ labelValues: [], value: longest }],
        cache: new Map(),
      },
      {
        ...head,
        name: STALLS,
        help: `Times that the event loop was blocked for ${STALL_SECONDS} s or longer, counted when they end.`,
        type: 'histogram',
        upperBounds: BOUNDS,
        series: [{ labelValues: [], bucketCounts, sum: seconds(Atomics.load(cells, SUM)) }],
        cache: new Map(),
      },
    ];
  }
}

/** How much later than due a beat comes, or has not come yet, `now`. */
function lateness(last: bigint, now: bigint): bigint {
  const late = now - last - BigInt(BEAT_MILLISECONDS) * 1_000_000n;
  return late > 0n ? late : 0n;
}

function nanoseconds(value: number): bigint {
  return BigInt(Math.round(value * 1e9));
}

function seconds(value: bigint): number {
  return Number(value) / 1e9;
}
