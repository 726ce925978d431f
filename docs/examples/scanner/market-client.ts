import { setTimeout as sleep } from 'node:timers/promises';
import type { Bar } from './read-prices.ts';

/** Why a request came to nothing; a small fixed set, since it becomes a label value. */
export type MarketErrorReason = 'unauthorized' | 'rate_limited' | 'api_error' | 'api_unreachable';

/** A request that came to nothing. */
export class MarketError extends Error {
  readonly reason: MarketErrorReason;

  constructor(reason: MarketErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

const MAX_ATTEMPTS = 7;
const SHORTEST_WAIT_SECONDS = 0.02;
const TIMEOUT_MILLISECONDS = 5000;

/** A client of the market-data API. Renews its token when it expires, and waits when it is rate-limited. */
export class MarketClient {
  readonly #url: string;
  readonly #apiKey: string;
  /** Requests that find the token expired at the same time share one log-in. */
  #token: Promise<string> | undefined;

  constructor(url: string, apiKey: string) {
    this.#url = url;
    this.#apiKey = apiKey;
  }

  /** All trading days. */
  calendar(): Promise<readonly string[]> {
    return this.#get('/calendar');
  }

  /** The symbols listed on a day. */
  symbols(date: string): Promise<readonly string[]> {
    return this.#get(`/symbols?date=${date}`);
  }

  /** Up to `count` bars of a symbol, the oldest first, the last of them at `until` or `skip` bars before. */
  bars(symbol: string, until: string, count: number, skip = 0): Promise<readonly Bar[]> {
    return this.#get(`/bars/${symbol}?until=${until}&count=${count}&skip=${skip}`);
  }

  async #get<T>(path: string): Promise<T> {
    let reason: MarketErrorReason = 'api_error';
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const token = (this.#token ??= this.#logIn());
      const { status, body } = await this.#send(path, { headers: { authorization: `Bearer ${await token}` } });
      switch (status) {
        case 200:
          return body as T;
        case 401:
          reason = 'unauthorized';
          // Another request may have logged in meanwhile; its token is good.
          if (this.#token === token) this.#token = undefined;
          break;
        case 429:
          reason = 'rate_limited';
          await sleep(1000 * waitSeconds(body as { retryAfterSeconds: number }, attempt));
          break;
        default:
          throw new MarketError('api_error', `Cannot get ${path}: expected status 200, got ${status}.`);
      }
    }
    throw new MarketError(reason, `Cannot get ${path}: ${reason} in each of ${MAX_ATTEMPTS} attempts.`);
  }

  async #logIn(): Promise<string> {
    try {
      const { status, body } = await this.#send('/token', { method: 'POST', headers: { 'x-api-key': this.#apiKey } });
      if (status === 200) return body as string;
      throw new MarketError('unauthorized', `Cannot log in: expected status 200, got ${status}.`);
    } catch (error) {
      this.#token = undefined;
      throw error;
    }
  }

  async #send(path: string, init: RequestInit): Promise<{ status: number; body: unknown }> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
      const response = await fetch(this.#url + path, { ...init, signal });
      return { status: response.status, body: await response.json() };
    } catch (error) {
      throw new MarketError('api_unreachable', `Cannot reach ${this.#url}${path}.`, { cause: error });
    }
  }
}

/** Twice as long after each attempt, or all who were refused would come back for the same token. */
function waitSeconds({ retryAfterSeconds }: { retryAfterSeconds: number }, attempt: number): number {
  return Math.max(retryAfterSeconds, SHORTEST_WAIT_SECONDS) * 2 ** attempt;
}
