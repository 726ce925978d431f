// The options that a server and a mounted handler share, and the checks of all of a server's options.

import { describe } from '../model/names.ts';
import { MAX_TIMER_MILLISECONDS } from '../model/promises.ts';

/** Limits on what clients can use. Requests beyond them are refused or cut off, without affecting other clients. */
export interface ServerLimits {
  /** Request line and headers together, in bytes; beyond it 431. Default 8,192. */
  readonly maxHeaderBytes?: number;
  /** Path and query, in characters; beyond it 414. Default 4,096. */
  readonly maxUrlLength?: number;
  /** Different `name[]` parameters of a scrape; beyond it 400. Default 100. */
  readonly maxNames?: number;
  /**
   * Open connections. When one more comes, an idle one is closed for it (one that has not sent a whole request is idle): of
   * the client with the most of them, the one that has been idle for longest. So idle ones lock no scraper out. If none is
   * idle, the new one is closed. Default 512.
   */
  readonly maxConnections?: number;
  /**
   * Open connections of one client address (of IPv6, of its first 64 bits). When one more comes, that client's longest idle
   * connection is closed for it, or the new one if none is idle; other clients are not affected. A reverse proxy counts as
   * one client: it needs one connection per request in flight. Default: a quarter of
   * `maxConnections`, 128, but at least 4.
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * Scrapes that gather or render at once. One that waits for its client to take something does not count. One address gets
   * all but one of them. Others wait up to a second, then get 503 with `Retry-After`. Default 4.
   */
  readonly maxScrapesInFlight?: number;
  /** How long a client may take for its TLS handshake, and then for its headers, in seconds. Default 10. */
  readonly headersTimeoutSeconds?: number;
  /** How long a connection without a request is kept. Default 75, above the usual scrape interval of a minute. */
  readonly keepAliveTimeoutSeconds?: number;
  /** How long a client may take nothing of an answer before it is cut off, in seconds. Default 30. */
  readonly stallTimeoutSeconds?: number;
  /**
   * How long a scrape may take in all, in seconds, for a scraper that gives no `X-Prometheus-Scrape-Timeout-Seconds` or a
   * longer one. Default 60.
   */
  readonly scrapeTimeoutSeconds?: number;
}

const DEFAULT_LIMITS: Required<ServerLimits> = {
  maxHeaderBytes: 8_192,
  maxUrlLength: 4_096,
  maxNames: 100,
  maxConnections: 512,
  maxConnectionsPerAddress: 128,
  maxScrapesInFlight: 4,
  headersTimeoutSeconds: 10,
  keepAliveTimeoutSeconds: 75,
  stallTimeoutSeconds: 30,
  scrapeTimeoutSeconds: 60,
};

/** Returns all limits, the default where none is given. Throws a TypeError or RangeError on what is no limit. */
export function serverLimits(given: ServerLimits = {}): Required<ServerLimits> {
  const names = Object.keys(DEFAULT_LIMITS) as (keyof ServerLimits)[];
  checkOptions(given, names, 'limits');
  const limits: { -readonly [name in keyof ServerLimits]-?: number } = { ...DEFAULT_LIMITS };
  for (const name of names) {
    const limit = given[name];
    if (limit === undefined) continue;
    if (name.endsWith('Seconds')) checkSeconds(limit, 'create a metrics server', `limits.${name}`);
    else checkCount(limit, `limits.${name}`);
    limits[name] = limit;
  }
  if (given.maxConnectionsPerAddress === undefined) {
    const { maxConnections } = limits;
    limits.maxConnectionsPerAddress = Math.min(maxConnections, Math.max(4, Math.ceil(maxConnections / 4)));
  }
  return limits;
}

/** Whether a failed collector costs its own families, or the scrape, which then gets 500. */
export type CollectorErrorPolicy = 'omit' | 'fail';

/** Throws a TypeError unless `policy` is `'omit'` or `'fail'`. */
export function checkCollectorErrorPolicy(policy: unknown, action: string): asserts policy is CollectorErrorPolicy {
  if (policy === 'omit' || policy === 'fail') return;
  throw new TypeError(`Cannot ${action}: expected onCollectorError to be "omit" or "fail", got ${describe(policy)}.`);
}

/**
 * Throws a TypeError unless `options` is an object with no key but those in `known`: a misspelt option that was passed
 * over would leave a server open that its owner believes closed. `name` is how the message calls the object.
 */
export function checkOptions(options: unknown, known: readonly string[], name: string): void {
  const action = 'Cannot create a metrics server';
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${action}: expected ${name} to be an object, got ${kindOf(options)}.`);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new TypeError(
      `${action}: expected ${name} to have ${known.join(', ')}, got ${describe(key)}. Is it misspelt?`,
    );
  }
}

const MAX_SECONDS = Math.floor(MAX_TIMER_MILLISECONDS / 1000);

/** Throws unless `seconds` is a time above 0 that a timer can wait: TypeError if it is no number, else RangeError. */
export function checkSeconds(seconds: unknown, action: string, name: string): asserts seconds is number {
  const expected = `Cannot ${action}: expected ${name} to be a number of seconds above 0 and at most ${MAX_SECONDS}`;
  if (typeof seconds !== 'number') throw new TypeError(`${expected}, got ${describe(seconds)}.`);
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) throw new RangeError(`${expected}, got ${seconds}.`);
}

/** Returns what a value is, for a message in which a string may be a secret that was put in the wrong place. */
export function kindOf(value: unknown): string {
  return typeof value === 'string' ? 'a string' : describe(value);
}

function checkCount(count: unknown, name: string): asserts count is number {
  const expected = `Cannot create a metrics server: expected ${name} to be an integer of at least 1`;
  if (typeof count !== 'number') throw new TypeError(`${expected}, got ${describe(count)}.`);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`${expected}, got ${count}.`);
}
