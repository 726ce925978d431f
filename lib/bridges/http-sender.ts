import type { OutgoingHttpHeaders } from 'node:http';
import { errorText } from '../model/error-text.ts';
import { describe, refuse } from '../model/names.ts';
import { deliver } from '../push/deliver.ts';
import { shownReason, withArticle } from '../push/push-error.ts';
import { type ConnectionOptions, checkConnection, type GatewayAddress, gatewayAddress } from '../push/push-settings.ts';
import { type PushAnswer, type PushRequest, untilDeadline } from '../push/send-request.ts';
import { PUSH_OPTIONS } from './check-options.ts';
import type { PushContext, PushOptions } from './push-loop.ts';

export type { ConnectionOptions } from '../push/push-settings.ts';

/** A request as a {@link HeadersHook} gets it. */
export interface UnsentRequest {
  readonly method: 'POST';
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Returns further headers of a request, such as a token that is fetched when the one before expires, or a signature. */
export type HeadersHook = (request: UnsentRequest) => RequestHeaders | Promise<RequestHeaders>;

/** Headers by their names. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** Options of the bridges that push over HTTP. */
export interface HttpPushOptions extends PushOptions {
  /** Headers to send, or a function that is asked for them before each request. */
  readonly headers?: RequestHeaders | HeadersHook;
  /** Options of `https.request()` by Node's names: `agent`, `auth`, and those of TLS such as `ca`, `cert` and `key`. */
  readonly connection?: ConnectionOptions;
  /** Milliseconds before the first retry, doubled before each further one, with up to 50 % jitter; 500 unless given. */
  readonly retryDelay?: number;
}

/** The options that all bridges over HTTP have. */
export const HTTP_OPTIONS = [
  ...PUSH_OPTIONS,
  'headers',
  'connection',
  'retryDelay',
] as const satisfies readonly (keyof HttpPushOptions)[];

/** How the requests of a protocol are sent. */
interface Protocol {
  /** What the receiver is called in errors, such as `OTLP receiver`. */
  readonly receiver: string;
  /** Whether to send again what was refused with this status, and for this reason. */
  readonly isRetried: (status: number, reason: string) => boolean;
  /** Returns what the body of a refusal says, of which each character is a byte. */
  readonly reasonOf: (body: string) => string;
  /** Whether bodies are sent compressed by gzip. */
  readonly isCompressed: boolean;
}

/** The statuses by which receivers refuse what is in a request. */
const OF_CONTENT: ReadonlySet<number> = new Set([400, 413, 422, 500]);

/** An answer of success. */
export interface Taken extends PushAnswer {
  /** Returns a text of the answer as it may be shown: short, without the request's credentials. */
  readonly shown: (text: string) => string;
}

/** The errors of {@link HttpSender.send} that say how a request fared; `headers()` may have thrown others, with any `status`. */
const ofRequests = new WeakSet<object>();

/** Returns the status of the answer that an error is about, if it is about one. */
export function statusOf(error: unknown): number | undefined {
  return ofRequests.has(error as object) ? (error as { readonly status?: number }).status : undefined;
}

/** Sends the requests of a bridge, with retries until the push is given up. Shares all of it with the Pushgateway's client. */
export class HttpSender {
  /** What cannot be done otherwise, for messages. */
  readonly #action: string;
  readonly #address: GatewayAddress;
  readonly #hook: HeadersHook;
  readonly #connection: ConnectionOptions;
  readonly #retryDelay: number;
  readonly #protocol: Protocol;

  /**
   * Throws a TypeError or RangeError if the URL or an option is invalid; `urlSource` is the environment variable that the URL
   * is from, if it is.
   */
  constructor(url: string | URL, options: HttpPushOptions, protocol: Protocol, urlSource?: string) {
    const { headers = {}, connection = {}, retryDelay = 500 } = options;
    const action = `push metrics to ${withArticle(protocol.receiver)}`;
    this.#action = action;
    const place = urlSource === undefined ? action : `${action} at the address of ${urlSource}`;
    this.#address = gatewayAddress(url, place, 'https://metrics.example.org/v1/metrics');
    if (typeof connection !== 'object' || connection === null) refuse(action, 'connection as an object', connection);
    checkConnection(connection, action);
    if (typeof headers !== 'function') checkHeaders(action, headers);
    if (typeof retryDelay !== 'number' || !(retryDelay >= 0 && retryDelay < Infinity))
      refuse(action, 'retryDelay as milliseconds, 0 or more', retryDelay, RangeError);
    this.#hook = typeof headers === 'function' ? headers : () => headers;
    this.#connection = connection;
    this.#retryDelay = retryDelay;
    this.#protocol = protocol;
  }

  /**
   * Whether an error of {@link send} is a refusal of what was sent: other requests may be taken. The others concern the receiver
   * or the network, and would be the same for all.
   */
  isRefusal(error: unknown): boolean {
    const status = statusOf(error);
    return status !== undefined && OF_CONTENT.has(status) && !this.#protocol.isRetried(status, errorText(error));
  }

  /** Sends a body until it is taken; the bytes of the answer are the characters of its body. Rejects as `deliver()` does. */
  async send(
    plain: Uint8Array,
    contentHeaders: RequestHeaders,
    signal: AbortSignal,
    { deadline }: PushContext,
  ): Promise<Taken> {
    const { receiver, isRetried, reasonOf, isCompressed } = this.#protocol;
    const { url, auth } = this.#address;
    const { promisify } = process.getBuiltinModule('node:util');
    const body = isCompressed ? await promisify(process.getBuiltinModule('node:zlib').gzip)(plain) : plain;
    const encoding = isCompressed ? { 'content-encoding': 'gzip' } : {};
    const headers: Record<string, string> = {
      'user-agent': '@finpilot/metrics',
      ...contentHeaders,
      ...encoding,
      'content-length': String(body.length),
    };
    const left = (): number => Math.max(1, Math.ceil(deadline - performance.now()));
    const timeoutError = (): Error =>
      new Error(
        'Cannot push metrics: expected headers() to end in time, got no end of it. Give it a deadline of its own.',
      );
    const further = await untilDeadline<RequestHeaders>(
      left(),
      signal,
      timeoutError,
      (resolve, reject) => {
        new Promise<RequestHeaders>((done) =>
          done(this.#hook({ method: 'POST', url: new URL(url), headers, body })),
        ).then(resolve, reject);
      },
      true,
    );
    const all: OutgoingHttpHeaders = { ...headers };
    for (const [name, value] of Object.entries(checkHeaders(this.#action, further ?? {})))
      all[name.toLowerCase()] = value;
    const request: PushRequest = {
      method: 'POST',
      url,
      connection: { ...this.#connection, ...(auth !== undefined && { auth }) },
      headers: all,
      body,
      timeout: left(),
      signal,
      receiver,
      isAnswerBinary: true,
      isUnref: true,
    };
    const options = { retries: Infinity, retryDelay: this.#retryDelay, isRetried, reasonOf, deadline };
    try {
      return { ...(await deliver(request, options)), shown: (text) => shownReason(text, request) };
    } catch (error) {
      ofRequests.add(error as object);
      throw error;
    }
  }
}

/**
 * Throws a TypeError unless these are headers that HTTP can carry: those of a `Headers` or a `Map` would be none, and a token
 * that was read from a file may end with a line break. Values are not shown.
 */
function checkHeaders(action: string, headers: unknown): RequestHeaders {
  const refused = (expected: string): TypeError =>
    new TypeError(`Cannot ${action}: expected ${expected}, got something else that is not shown.`);
  if (typeof headers !== 'object' || headers === null || Symbol.iterator in headers)
    throw refused('headers as an object of texts by their names, or a function that returns one');
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) refuse(action, 'names of headers as HTTP has them', name);
    if (typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) continue;
    throw refused(`the header ${describe(name)} as a text without line breaks, and characters of Latin-1`);
  }
  return headers as RequestHeaders;
}
