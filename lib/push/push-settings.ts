import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { describe } from '../model/names.ts';
import { MAX_TIMER_MILLISECONDS } from '../model/promises.ts';
import { gatewayAddress } from './gateway-address.ts';
import type { PushgatewayOptions } from './pushgateway-options.ts';

/** The options of a Pushgateway, checked, with their defaults. */
export interface PushSettings {
  /** Without credentials. */
  readonly url: URL;
  /** Further options of `https.request()`, including credentials. */
  readonly connection: RequestOptions;
  /** In lower case, without those that say what the body is. */
  readonly headers: OutgoingHttpHeaders;
  readonly timeout: number;
  readonly retries: number;
  readonly retryDelay: number;
  readonly isCompressed: boolean;
  readonly isProtobuf: boolean;
  readonly requireJobName: boolean;
}

/** Throws a TypeError or RangeError on a URL or on options that could not be heeded. */
export function pushSettings(address: string | URL, options: PushgatewayOptions): PushSettings {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Cannot create a Pushgateway: expected its options as an object, got ${describe(options)}.`);
  }
  const { timeout = 10_000, retries = 2, retryDelay = 500, ...others } = options;
  const { gzip = false, format = 'text', requireJobName = true, headers = {}, ...connection } = others;
  check(
    timeout > 0 && timeout <= MAX_TIMER_MILLISECONDS,
    `timeout as milliseconds above 0, at most ${MAX_TIMER_MILLISECONDS}`,
    timeout,
  );
  check(Number.isInteger(retries) && retries >= 0, 'retries as an integer of 0 or more', retries);
  check(retryDelay >= 0 && retryDelay < Infinity, 'retryDelay as milliseconds, 0 or more', retryDelay);
  check(format === 'text' || format === 'protobuf', 'format "text" or "protobuf"', format);
  const { url, auth } = gatewayAddress(address);
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const { 'content-encoding': encoding, 'content-type': _type, 'content-length': _length, ...ownHeaders } = named;
  return {
    url,
    connection: { ...connection, auth: connection.auth ?? auth },
    headers: ownHeaders,
    timeout,
    retries,
    retryDelay,
    isCompressed: gzip || encoding === 'gzip',
    isProtobuf: format === 'protobuf',
    requireJobName,
  };
}

function check(isGood: boolean, expected: string, got: unknown): void {
  if (!isGood) throw new RangeError(`Cannot create a Pushgateway: expected ${expected}, got ${describe(got)}.`);
}
