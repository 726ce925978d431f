import type { LoopClock } from '../../lib/collectors/loop-watch.ts';

interface Callback {
  readonly run: () => void;
  /** Of a timer, in milliseconds. */
  readonly due: number;
  unref(): void;
}

/** An event loop with libuv's phases and a clock that only moves when told, in milliseconds. */
export class FakeLoop implements LoopClock {
  #now = 1;
  #idle = 0;
  #immediates = new Set<Callback>();
  readonly #timers = new Set<Callback>();
  /** Callbacks run so far. */
  callbacks = 0;
  /** What has been scheduled and not unref'd, so that it keeps the process alive, and makes the loop spin. */
  readonly awake = new Set<Callback>();

  /** One turn: due timers, a wait for events, their handling, immediates. */
  turn({ idle, busy }: { readonly idle: number; readonly busy: number }): void {
    let left = idle;
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) {
      // It ends the wait; the loop waits on afterwards, in a turn that runs the immediates.
      const wait = Math.max(0, timer.due - this.#now);
      if (wait > left) continue;
      this.#wait(wait);
      left -= wait;
      this.#timers.delete(timer);
      this.#call(timer);
    }
    this.#wait(left);
    this.#now += busy;
    const immediates = this.#immediates;
    this.#immediates = new Set();
    for (const immediate of immediates) this.#call(immediate);
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
    return this.#schedule(this.#timers, () => run(argument), this.#now + milliseconds);
  }

  clearTimeout(timer: Callback): void {
    this.#timers.delete(timer);
  }

  get scheduled(): number {
    return this.#immediates.size + this.#timers.size;
  }

  #schedule(queue: Set<Callback>, run: () => void, due: number): Callback {
    const callback = { run, due, unref: () => void this.awake.delete(callback) };
    this.awake.add(callback);
    queue.add(callback);
    return callback;
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
