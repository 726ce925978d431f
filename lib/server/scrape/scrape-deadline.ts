import type { IncomingMessage } from 'node:http';
import type { Exchange } from '../http/exchange.ts';

/** The result of {@link Deadline.over} when the deadline has passed. */
export const OVER = Symbol('over');

/** Ends every wait within a scrape when its timeout expires or all its clients have disconnected. */
export class Deadline {
  readonly seconds: number;
  readonly #startedAt: number;
  readonly #timer: NodeJS.Timeout;
  readonly #ended: Promise<typeof OVER>;
  #resolve!: (over: typeof OVER) => void;
  readonly #onLateFailure: (error: unknown) => void;
  #isOver = false;
  #waiting: ReadonlySet<Exchange>;

  /** `seconds` count from `startedAt`, a time of `performance.now()`. */
  constructor(
    seconds: number,
    startedAt: number,
    exchanges: readonly Exchange[],
    onLateFailure: (error: unknown) => void,
  ) {
    this.#onLateFailure = onLateFailure;
    this.seconds = seconds;
    this.#startedAt = startedAt;
    this.#ended = new Promise((resolve) => (this.#resolve = resolve));
    this.#timer = setTimeout(() => this.#end(), this.secondsLeft * 1000).unref();
    this.#waiting = new Set(exchanges);
    for (const { response } of exchanges) {
      response.once('close', () => {
        if (this.isGone) this.#end();
      });
    }
  }

  /** The time until the deadline; 0 after it. */
  get secondsLeft(): number {
    return Math.max(0, this.seconds - (performance.now() - this.#startedAt) / 1000);
  }

  /** Whether all clients of the scrape have disconnected. */
  get isGone(): boolean {
    for (const { response } of this.#waiting) if (!response.closed && !response.destroyed) return false;
    return true;
  }

  /** From now on, tracks the connection of this client only. */
  only(exchange: Exchange): void {
    this.#waiting = new Set([exchange]);
    if (this.isGone) this.#end();
  }

  /** Settles like `promise`, or resolves to {@link OVER} at the deadline. A rejection after that is reported. */
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

  /** Cancels the timeout. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** Time reserved for rendering and the network, provided that collectors get at least half of the timeout. */
const MARGIN_SECONDS = 0.5;

/** The timeouts of one scrape, in seconds. */
interface ScrapeTimeout {
  /** For the whole scrape: after it, the scraper no longer waits. */
  readonly totalSeconds: number;
  /** For the collectors: late ones are omitted. Undefined if the scraper does not send its timeout. */
  readonly collectSeconds: number | undefined;
}

/**
 * Returns the timeouts of a scrape: the one that the scraper sends in `X-Prometheus-Scrape-Timeout-Seconds`, as
 * Prometheus does, but at most `limitSeconds`.
 */
export function scrapeTimeout({ headers }: IncomingMessage, limitSeconds: number): ScrapeTimeout {
  const told = Number(headers['x-prometheus-scrape-timeout-seconds']);
  const totalSeconds = told > 0 ? Math.min(told, limitSeconds) : limitSeconds;
  return {
    totalSeconds,
    collectSeconds: told > 0 ? Math.max(totalSeconds - MARGIN_SECONDS, totalSeconds / 2) : undefined,
  };
}
