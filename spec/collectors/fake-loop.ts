import type { LoopClock } from '../../lib/collectors/loop-watch.ts';

interface Callback {
  readonly run: () => void;
  /** Of a timer, in milliseconds. */
  due: number;
  unref(): void;
  refresh(): void;
}

/** An event loop with libuv's phases and a clock that only moves when told, in milliseconds. */
export class FakeLoop implements LoopClock {
  #now = 1;
  #idle = 0;
  #immediates = new Set<Callback>();
  readonly #timers = new Set<Callback>();
  #turns = 0;
  /** Callbacks run so far. */
  callbacks = 0;
  /** What has been scheduled and not unref'd, so that it keeps the process alive, and makes the loop spin. */
  readonly awake = new Set<Callback>();

  /** One turn: a wait for events, which due timers interrupt, then busy with them, then immediates. */
  turn({ idle, busy }: { readonly idle: number; readonly busy: number }): void {
    const end = this.#now + idle;
    this.#turns++;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#wait(Math.max(0, timer.due - this.#now));
      // The end of the wait ends the turn: immediates run, then timers (libuv 1.45). The loop waits on in the next turn.
      this.#runImmediates();
      this.#timers.delete(timer);
      this.#call(timer);
      this.#turns++;
    }
    this.#wait(end - this.#now);
    this.#now += busy;
    this.#runImmediates();
  }

  now(): number {
    return this.#now;
  }

  idle(): number {
    return this.#idle;
  }

  setImmediate<T>(run: (argument: T) => void, argument: T): Callback {
    return this.#schedule(this.#immediates, () => run(argument), 0);
  }

  clearImmediate(immediate: Callback): void {
    this.#immediates.delete(immediate);
  }

  setTimeout<T>(run: (argument: T) => void, milliseconds: number, argument: T): Callback {
    return this.#schedule(this.#timers, () => run(argument), milliseconds);
  }

  clearTimeout(timer: Callback): void {
    this.#timers.delete(timer);
  }

  turns(): number {
    return this.#turns;
  }

  get scheduled(): number {
    return this.#immediates.size + this.#timers.size;
  }

  #schedule(queue: Set<Callback>, run: () => void, milliseconds: number): Callback {
    const callback: Callback = {
      run,
      due: this.#now + milliseconds,
      unref: () => void this.awake.delete(callback),
      refresh: () => {
        callback.due = this.#now + milliseconds;
        queue.add(callback);
      },
    };
    this.awake.add(callback);
    queue.add(callback);
    return callback;
  }

  /** The timer that is due first, if that is before `end`. */
  #next(end: number): Callback | undefined {
    return [...this.#timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
  }

  #runImmediates(): void {
    const immediates = this.#immediates;
    this.#immediates = new Set();
    for (const immediate of immediates) this.#call(immediate);
  }

  #wait(milliseconds: number): void {
    this.#now += milliseconds;
    this.#idle += milliseconds;
  }

  #call(callback: Callback): void {
    this.callbacks++;
    callback.run();
  }
}
