import type { IncomingMessage } from 'node:http';
import type { Exchange } from '../http/exchange.ts';

/** The value of {@link Deadline.over} when the deadline has passed. */
export const OVER = Symbol('over');

/** Ends every wait within a scrape: when the scraper's time is over, or when all who asked have gone. */
export class Deadline {
  readonly seconds: number;
  readonly #timer: NodeJS.Timeout;
  readonly #ended: Promise<typeof OVER>;
  #resolve!: (over: typeof OVER) => void;
  readonly #onLateFailure: (error: unknown) => void;
  #isOver = false;
  #waiting: ReadonlySet<Exchange>;

  constructor(seconds: number, exchanges: readonly Exchange[], onLateFailure: (error: unknown) => void) {
    this.#onLateFailure = onLateFailure;
    this.seconds = seconds;
    this.#ended = new Promise((resolve) => (this.#resolve = resolve));
    this.#timer = setTimeout(() => this.#end(), seconds * 1000).unref();
    this.#waiting = new Set(exchanges);
    for (const { response } of exchanges) {
      response.once('close', () => {
        if (this.isGone) this.#end();
      });
    }
  }

  /** Whether the connections of all who asked are closed. */
  get isGone(): boolean {
    for (const { response } of this.#waiting) if (!response.closed && !response.destroyed) return false;
    return true;
  }

  /** From now on only this one counts. */
  only(exchange: Exchange): void {
    this.#waiting = new Set([exchange]);
    if (this.isGone) this.#end();
  }

  /** Resolves as `promise` does, or to {@link OVER} if the scrape ends before. If it rejects after that, it is reported. */
  over<T>(promise: Promise<T>): Promise<T | typeof OVER> {
    promise.catch((error: unknown) => {
      if (this.#isOver) this.#onLateFailure(error);
    });
    return Promise.race([promise, this.#ended]);
  }

  #end(): void {
    this.#isOver = true;
    this.#resolve(OVER);
  }

  /** Stops the clock. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** What is kept for rendering and the way back, if that leaves at least half of the time for collectors. */
const MARGIN_SECONDS = 0.5;

/** How long one scrape may take, in seconds. */
interface ScrapeTimeout {
  /** In all: after it nobody waits for the answer. */
  readonly totalSeconds: number;
  /** Until what the collectors have ready is served; undefined if the scraper does not say how long it waits. */
  readonly collectSeconds: number | undefined;
}

/**
 * Returns how long a scrape may take: what the scraper says in `X-Prometheus-Scrape-Timeout-Seconds`, as Prometheus does,
 * and at most `limitSeconds`.
 */
export function scrapeTimeout({ headers }: IncomingMessage, limitSeconds: number): ScrapeTimeout {
  const told = Number(headers['x-prometheus-scrape-timeout-seconds']);
  const totalSeconds = told > 0 ? Math.min(told, limitSeconds) : limitSeconds;
  return {
    totalSeconds,
    collectSeconds: told > 0 ? Math.max(totalSeconds - MARGIN_SECONDS, totalSeconds / 2) : undefined,
  };
}
