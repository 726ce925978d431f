/** One round of questions to the server. It must not reject; `signal` tells it that its answer is no longer wanted. */
export type Poll = (signal: AbortSignal) => Promise<void>;

/**
 * Polls again and again, with a pause between the starts of two rounds, and never two at once. It rests while it is
 * paused and while nobody looks, and goes on at once afterwards.
 */
export class PollLoop {
  readonly #poll: Poll;
  #intervalSeconds: number;
  #isPaused = false;
  #isHidden = true;
  /** The round under way. */
  #round: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Does nothing until {@link setHidden} has told that somebody looks. */
  constructor(poll: Poll, intervalSeconds: number) {
    this.#poll = poll;
    this.#intervalSeconds = intervalSeconds;
  }

  /** Whether it was paused, not counting that nobody looks. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Stops polling, or goes on. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#restart();
  }

  /** Tells whether nobody looks, as for a page in a hidden tab. */
  setHidden(isHidden: boolean): void {
    this.#isHidden = isHidden;
    this.#restart();
  }

  /** Changes the pause, and polls at once. */
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
    // A server that needs long for an answer is not asked for more than half of the time.
    this.#timer = setTimeout(() => void this.#run(), Math.max(took, this.#intervalSeconds * 1000 - took));
  }
}
