import type { WorkerCounts } from './aggregation-families.ts';

/** What a round has to know of its workers. */
export interface RoundOptions {
  /** When it ends at the latest, on the clock of `performance.now()`; in the past once all workers have answered. */
  readonly endsAt: () => number;
  readonly counts: () => WorkerCounts;
  readonly onEnd: () => void;
}

/**
 * One round of questions to the workers, shared by the scrapes that come while it lasts. Each scrape leaves it by its own
 * deadline; what it then lacks is late for that scrape only.
 */
export class Round {
  readonly #options: RoundOptions;
  readonly #ended: Promise<WorkerCounts>;
  #end!: (counts: WorkerCounts) => void;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;
  /** Scrapes that wait for its end. While there are any, the process stays alive. */
  #waiting = 0;

  constructor(options: RoundOptions) {
    this.#options = options;
    this.#ended = new Promise((resolve) => (this.#end = resolve));
    // Not at once: the caller has to know the round before it ends.
    queueMicrotask(() => this.look());
  }

  /** Ends the round if there is nothing left to wait for. Called whenever a worker has answered, joined or ended. */
  look(): void {
    if (this.#hasEnded) return;
    clearTimeout(this.#timer);
    const { endsAt, counts, onEnd } = this.#options;
    const rest = endsAt() - performance.now();
    if (rest > 0) {
      this.#timer = setTimeout(() => this.look(), rest + 1);
      if (this.#waiting === 0) this.#timer.unref();
      return;
    }
    this.#hasEnded = true;
    onEnd();
    // Taken now: the next round may begin before those who wait for this one go on.
    this.#end(counts());
  }

  /** Resolves when the round has ended, or after this time with the counts of that moment. Never rejects. */
  async within(milliseconds: number): Promise<WorkerCounts> {
    this.#waiting++;
    this.#timer?.ref();
    let timer: NodeJS.Timeout | undefined;
    try {
      // A longer delay than a timer takes, and NaN, would end at once; the round ends before it anyway.
      if (!(milliseconds < LONGEST_DELAY_MILLISECONDS)) return await this.#ended;
      const left = new Promise<WorkerCounts>((resolve) => {
        timer = setTimeout(() => resolve(this.#options.counts()), milliseconds);
      });
      return await Promise.race([this.#ended, left]);
    } finally {
      clearTimeout(timer);
      if (--this.#waiting === 0) this.#timer?.unref();
    }
  }
}

/** Aggregators wait for an hour at most; timers take 24.8 days. */
const LONGEST_DELAY_MILLISECONDS = 3600 * 1000;
