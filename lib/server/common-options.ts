// The options that a server and a mounted handler share, and the checks that all options of a server use.

import type { PrometheusExporterOptions } from '../exposition/prometheus-exporter.ts';
import type { Gatherer } from '../model/family.ts';
import { describe, refuse } from '../model/names.ts';
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
   * Open connections. At the limit, a new connection replaces the longest idle one of the client that has the most idle
   * ones, so idle connections cannot lock a scraper out. A connection that has not sent a whole request is idle. If
   * none is idle, the new one is closed. Default 512.
   */
  readonly maxConnections?: number;
  /**
   * Open connections of one client address (for IPv6, of its first 64 bits). At the limit, a new connection replaces
   * that client's longest idle one, or is closed if none is idle; other clients are not affected. A reverse proxy
   * counts as one client: it needs one connection per request in flight. Default: a quarter of `maxConnections` (128),
   * but at least 4.
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * Scrapes that gather or render at once. A scrape that waits for its client to read does not count. One address gets
   * all but one of these slots. Other scrapes wait up to a second, then get 503 with `Retry-After`. Default 4.
   */
  readonly maxScrapesInFlight?: number;
  /** Timeout of a client's TLS handshake, and then of its request headers, in seconds. Default 10. */
  readonly headersTimeoutSeconds?: number;
  /** How long an idle connection stays open, in seconds. Default 75, above the usual scrape interval of a minute. */
  readonly keepAliveTimeoutSeconds?: number;
  /** How long a client may read nothing of an answer before it is cut off, in seconds. Default 30. */
  readonly stallTimeoutSeconds?: number;
  /**
   * Timeout of a whole scrape, in seconds, unless the scraper sends a shorter one in
   * `X-Prometheus-Scrape-Timeout-Seconds`. Default 60.
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

/** Returns all limits, with defaults. Throws a TypeError or RangeError if one is invalid. */
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

/** Whether a failed collector omits its own families, or fails the whole scrape with 500. */
export type CollectorErrorPolicy = 'omit' | 'fail';

/** Throws a TypeError unless `policy` is `'omit'` or `'fail'`. */
export function checkCollectorErrorPolicy(policy: unknown, action: string): asserts policy is CollectorErrorPolicy {
  if (policy === 'omit' || policy === 'fail') return;
  refuse(action, 'onCollectorError to be "omit" or "fail"', policy);
}

/** The names of the options of an exporter. */
export const EXPORTER_OPTION_NAMES: readonly (keyof PrometheusExporterOptions)[] = ['chunkBytes', 'createdLines'];

/** Throws a TypeError unless `registry` has a `gather()`. */
export function checkRegistry(registry: unknown, action: string): void {
  if (typeof (registry as Partial<Gatherer> | null | undefined)?.gather === 'function') return;
  refuse(action, 'registry to be a registry', registry);
}

/**
 * Throws a TypeError unless `options` is an object with only the keys in `known`: ignoring a misspelt option could
 * leave a server open that its owner believes is protected. `name` is the name of the object in messages.
 */
export function checkOptions(
  options: unknown,
  known: readonly string[],
  name: string,
  action = 'create a metrics server',
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`Cannot ${action}: expected ${name} to be an object, got ${kindOf(options)}.`);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new TypeError(
      `Cannot ${action}: expected ${name} to have ${known.join(', ')}, got ${describe(key)}. Is it misspelt?`,
    );
  }
}

const MAX_SECONDS = Math.floor(MAX_TIMER_MILLISECONDS / 1000);

/** Throws unless `seconds` is a duration that a timer accepts: a TypeError if it is not a number, else a RangeError. */
export function checkSeconds(seconds: unknown, action: string, name: string): asserts seconds is number {
  const expected = `Cannot ${action}: expected ${name} to be a number of seconds above 0 and at most ${MAX_SECONDS}`;
  if (typeof seconds !== 'number') throw new TypeError(`${expected}, got ${describe(seconds)}.`);
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) throw new RangeError(`${expected}, got ${seconds}.`);
}

/** Describes a value for a message without showing strings, which may be secrets in the wrong place. */
export function kindOf(value: unknown): string {
  return typeof value === 'string' ? 'a string' : describe(value);
}

function checkCount(count: unknown, name: string): asserts count is number {
  const expected = `Cannot create a metrics server: expected ${name} to be an integer of at least 1`;
  if (typeof count !== 'number') throw new TypeError(`${expected}, got ${describe(count)}.`);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`${expected}, got ${count}.`);
}
