import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { type LabelValue, labelValueText, wellFormed } from '../model/label-value.ts';
import { describe, isLegacyLabelName, refuse } from '../model/names.ts';
import { MAX_TIMER_MILLISECONDS } from '../model/promises.ts';

/** The options of `https.request()` that do not say where a request goes, which is up to the URL. */
const CONNECTION_OPTIONS = [
  ...(['agent', 'auth', 'createConnection', 'family', 'insecureHTTPParser', 'localAddress', 'lookup'] as const),
  ...(['maxHeaderSize', 'signal', 'socketPath'] as const),
  ...(['ca', 'cert', 'checkServerIdentity', 'ciphers', 'crl', 'ecdhCurve', 'key', 'maxVersion', 'minVersion'] as const),
  ...(['passphrase', 'pfx', 'rejectUnauthorized', 'secureOptions', 'secureProtocol', 'servername', 'sigalgs'] as const),
] satisfies readonly (keyof RequestOptions)[];

/** Options of `https.request()`, by Node's names: for agents, basic authentication, sockets and TLS. */
export type ConnectionOptions = Pick<RequestOptions, (typeof CONNECTION_OPTIONS)[number]>;

/** Options for a `Pushgateway`. */
export interface PushgatewayOptions extends ConnectionOptions {
  /** Headers to send besides those that the metrics need. */
  readonly headers?: OutgoingHttpHeaders;
  /**
   * Milliseconds for one attempt, from its connection to the last byte of the answer, and before the first attempt for
   * collecting the metrics; 10,000 by default.
   */
  readonly timeout?: number;
  /** How often to try again after a failure that may pass; 2 unless given, 0 for never. */
  readonly retries?: number;
  /**
   * Milliseconds before the first retry, with up to 50 % jitter, and doubled before each further one, 30,000 at most; 500
   * by default. A gateway that sends `Retry-After` gets the time that it asks for, up to `timeout`.
   */
  readonly retryDelay?: number;
  /** Whether metrics are compressed; off unless given. `Content-Encoding: gzip` among the headers asks for it too. */
  readonly gzip?: boolean;
  /**
   * The format of the push: `text`, which every gateway reads, or `protobuf`, which keeps exemplars. Unless given, it is
   * `text`, except for a registry that is set to OpenMetrics: see `Pushgateway`.
   */
  readonly format?: 'text' | 'protobuf';
  /** Whether a push needs a `jobName`, as every Pushgateway wants one; true unless given. */
  readonly requireJobName?: boolean;
}

/** The options of a Pushgateway, checked, with their defaults. */
export interface PushSettings {
  /** Without credentials; undefined if the gateway has no address. */
  readonly url: URL | undefined;
  /** Further options of `https.request()`, including credentials. */
  readonly connection: RequestOptions;
  /** Names in lower case; headers that describe the body are left out. */
  readonly headers: OutgoingHttpHeaders;
  readonly timeout: number;
  readonly retries: number;
  readonly retryDelay: number;
  readonly isCompressed: boolean;
  /** Undefined if the registry decides. */
  readonly format: 'text' | 'protobuf' | undefined;
  readonly requireJobName: boolean;
}

/**
 * Throws a TypeError or RangeError on a URL or on options that could not be heeded. `options` may be null, as in
 * prom-client; a missing address is not refused, since it is often that of an environment variable, in programs that
 * then never push.
 */
export function pushSettings(address: string | URL | undefined, options: PushgatewayOptions | null): PushSettings {
  if (typeof options !== 'object') {
    refuse('create a Pushgateway', 'its options as an object', options);
  }
  const { timeout = 10_000, retries = 2, retryDelay = 500, ...others } = options ?? {};
  const { gzip = false, format, requireJobName = true, headers = {}, ...connection } = others;
  check(
    timeout > 0 && timeout <= MAX_TIMER_MILLISECONDS,
    `timeout as milliseconds above 0, at most ${MAX_TIMER_MILLISECONDS}`,
    timeout,
  );
  check(Number.isInteger(retries) && retries >= 0, 'retries as an integer of 0 or more', retries);
  check(retryDelay >= 0 && retryDelay < Infinity, 'retryDelay as milliseconds, 0 or more', retryDelay);
  check(format === undefined || format === 'text' || format === 'protobuf', 'format "text" or "protobuf"', format);
  checkConnection(connection, ACTION);
  const { url, auth } = address === undefined ? { url: undefined, auth: undefined } : gatewayAddress(address);
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
    format,
    requireJobName,
  };
}

function check(isGood: boolean, expected: string, got: unknown): void {
  if (!isGood) refuse('create a Pushgateway', expected, got, RangeError);
}

const ACTION = 'create a Pushgateway';

/** Throws a TypeError if there is an option that is not among {@link ConnectionOptions}. `action` is what cannot be done. */
export function checkConnection(connection: object, action: string): void {
  const option = Object.keys(connection).find((name) => !(CONNECTION_OPTIONS as readonly string[]).includes(name));
  if (option === undefined) return;
  throw new TypeError(
    `Cannot ${action}: expected options that it knows, got ${describe(option)}. Look for a typing error; ` +
      'host, port and path belong to the URL.',
  );
}

/** Where a gateway is, and who comes there. */
export interface GatewayAddress {
  /** Without credentials. */
  readonly url: URL;
  /** `user:password`, if the URL had them. */
  readonly auth: string | undefined;
}

/**
 * Returns the address that a URL gives. Throws a TypeError unless it is an absolute `http:` or `https:` URL; it is not
 * shown then, nor is there a cause, which would have it as a property: there may be credentials in it.
 */
export function gatewayAddress(
  text: string | URL | undefined,
  action = ACTION,
  example = 'http://localhost:9091',
): GatewayAddress {
  const isText = typeof text === 'string' || text instanceof URL;
  const url = isText && URL.canParse(String(text)) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(
      `Cannot ${action}: expected an http or https URL such as "${example}", ` +
        `got ${isText ? 'something else that is not shown' : describe(text)}.`,
    );
  }
  const hasCredentials = url.username !== '' || url.password !== '';
  const auth = hasCredentials ? `${decoded(url.username, action)}:${decoded(url.password, action)}` : undefined;
  url.username = '';
  url.password = '';
  return { url, auth };
}

function decoded(credential: string, action: string): string {
  try {
    return decodeURIComponent(credential);
  } catch {
    throw new TypeError(
      `Cannot ${action}: expected percent-encoded credentials in its URL, got a "%" that encodes nothing.`,
    );
  }
}

/** Throws a TypeError unless the job has a name, or needs none. */
export function checkJobName(jobName: string | null | undefined, requireJobName: boolean): void {
  const isMissing = jobName === undefined || jobName === null || jobName === '';
  if (isMissing ? !requireJobName : typeof jobName === 'string') return;
  throw new TypeError(
    `Cannot push metrics: ${isMissing ? 'Missing jobName parameter: ' : ''}expected jobName to be a string of at least one ` +
      `character, got ${describe(jobName)}.`,
  );
}

/**
 * Returns the path of a group, `/job/JOB/name/value…`, behind `/metrics`. A grouping that is undefined or null is left
 * out, like a label without a value. Throws a TypeError or RangeError on a label that every gateway refuses.
 *
 * Values are percent-encoded. Some would not survive that, because servers and proxies read `%2F` as a slash, resolve `.`
 * and `..`, and merge slashes. These are sent in base64, as `name@base64`.
 */
export function groupPath(
  jobName: string | null | undefined,
  groupings: Readonly<Record<string, LabelValue | null | undefined>> | null | undefined,
): string {
  const job = jobName === undefined || jobName === null || jobName === '' ? '' : segments('job', jobName);
  const others = Object.entries(groupings ?? {}).map(([name, value]) => groupingPath(name, value));
  return job + others.join('');
}

function groupingPath(name: string, value: LabelValue | null | undefined): string {
  if (!isLegacyLabelName(name) || name.startsWith('__') || name === 'job') {
    throw new RangeError(
      `Cannot push metrics by label ${describe(name)}: expected letters, digits and "_" in the name of a grouping, ` +
        'no digit or "__" at its start, and not "job", which jobName is for.',
    );
  }
  return value === undefined || value === null ? '' : segments(name, labelValueText(value, name, 'groupings'));
}

function segments(name: string, value: string): string {
  const text = wellFormed(value);
  if (!/^\.{0,2}$|\//.test(text)) return `/${name}/${encodeURIComponent(text)}`;
  // An empty segment would be lost, and padding is decoded to nothing.
  return `/${name}@base64/${Buffer.from(text).toString('base64url') || '='}`;
}
