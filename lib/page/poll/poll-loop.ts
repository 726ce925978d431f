/** One request to the server. It must not reject; `signal` aborts it. */
type Poll = (signal: AbortSignal) => Promise<void>;

/** Polls at an interval, one round at a time. It rests while paused or hidden, and polls at once when it resumes. */
export class PollLoop {
  readonly #poll: Poll;
  #intervalSeconds: number;
  #isPaused = false;
  #isHidden = true;
  /** The round in progress. */
  #round: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts hidden: nothing happens before {@link setHidden}. */
  constructor(poll: Poll, intervalSeconds: number) {
    this.#poll = poll;
    this.#intervalSeconds = intervalSeconds;
  }

  /** Whether the reader paused it. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Pauses or resumes polling. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#restart();
  }

  /** Sets whether the page is hidden, as in a background tab. */
  setHidden(isHidden: boolean): void {
    this.#isHidden = isHidden;
    this.#restart();
  }

  /** Sets the time between the starts of two rounds, and polls at once. */
  setIntervalSeconds(seconds: number): void {
    this.#intervalSeconds = seconds;
    this.#restart();
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#round?.abort();
    this.#round = undefined;
    if (!this.#isPaused && !this.#isHidden) void this.#run();
  }

  async #run(): Promise<void> {
    const round = new AbortController();
    this.#round = round;
    const start = Date.now();
    await this.#poll(round.signal);
    if (round.signal.aborted) return;
    this.#round = undefined;
    const took = Date.now() - start;
    // A slow server spends at most half of its time on this page.
    this.#timer = setTimeout(() => void this.#run(), Math.max(took, this.#intervalSeconds * 1000 - took));
  }
}
