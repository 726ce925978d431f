import type { ClientRequest, IncomingMessage } from 'node:http';
import { isBodiless, sizeOf } from './body-size.ts';
import type { RequestMetrics, StartedRequest } from './request-metrics.ts';
import type { Subscriptions } from './subscriptions.ts';

/** A request of undici, on which `fetch()` is built. */
interface UndiciRequest {
  readonly origin: string | URL;
  readonly method: string;
  /** The protocol that the connection shall change to, as a WebSocket asks for. */
  readonly upgrade?: string | null;
  readonly body?: unknown;
  readonly contentLength?: number | null;
}

interface UndiciResponse {
  readonly statusCode: number;
  /** Names and values in turn. */
  readonly headers: readonly Uint8Array[];
}

/** A request of `fetch()`, until its response has been read. */
interface Fetch {
  readonly started: StartedRequest;
  response: UndiciResponse | undefined;
}

interface UndiciMessage {
  readonly request: UndiciRequest;
}

/** Counts the requests that the process makes by `fetch()`, undici and `http.request()`, until their response has been read. */
export class ClientRequests {
  readonly #metrics: RequestMetrics;
  readonly #fetches = new WeakMap<UndiciRequest, Fetch>();
  readonly #errors = new WeakMap<ClientRequest, unknown>();

  constructor(metrics: RequestMetrics, subscriptions: Subscriptions) {
    this.#metrics = metrics;
    subscriptions.add('http.client.request.start', ({ request }: { readonly request: ClientRequest }) => {
      const started = metrics.begin(request.method, true);
      request.once(
        'close',
        subscriptions.guard(() => this.#end(request, started)),
      );
    });
    subscriptions.add(
      'http.client.request.error',
      (message: { readonly request: ClientRequest; readonly error: unknown }) =>
        this.#errors.set(message.request, message.error),
    );
    subscriptions.add('undici:request:create', ({ request }: UndiciMessage) => {
      // Nothing is published of how it ends.
      if (typeof request.upgrade === 'string') return;
      this.#fetches.set(request, { started: metrics.begin(request.method, true), response: undefined });
    });
    subscriptions.add(
      'undici:request:headers',
      ({ request, response }: UndiciMessage & { response: UndiciResponse }) => {
        const fetch = this.#fetches.get(request);
        if (fetch === undefined) return;
        fetch.response = response;
        // undici waits for the body that a `Content-Length` in this response speaks of, until the connection is closed.
        if (isBodiless(request.method, response.statusCode)) this.#endFetch(request, '');
      },
    );
    subscriptions.add('undici:request:trailers', ({ request }: UndiciMessage) => this.#endFetch(request, ''));
    subscriptions.add('undici:request:error', ({ request, error }: UndiciMessage & { readonly error: unknown }) =>
      this.#endFetch(request, kindOf(error)),
    );
  }

  #end(request: ClientRequest, started: StartedRequest): void {
    const { res } = request as { readonly res?: IncomingMessage | null };
    const error = this.#errors.get(request);
    const isComplete = res?.complete === true || res?.statusCode === 101;
    this.#metrics.end(started, {
      place: sent(request, HOST) ?? request.host,
      status: res?.statusCode ?? 0,
      error: error !== undefined ? kindOf(error) : isComplete ? '' : 'aborted',
      requestSize: sizeOf({ 'content-length': sent(request, LENGTH), 'transfer-encoding': sent(request, ENCODING) }),
      responseSize: !isComplete ? NaN : isBodiless(request.method, res!.statusCode!) ? 0 : sizeOf(res!.headers),
      extraLabels: [],
    });
  }

  #endFetch(request: UndiciRequest, error: string): void {
    const fetch = this.#fetches.get(request);
    if (fetch === undefined) return;
    this.#fetches.delete(request);
    const { started, response } = fetch;
    const { statusCode = 0, headers = [] } = response ?? {};
    this.#metrics.end(started, {
      place: new URL(request.origin).host,
      status: statusCode,
      error,
      requestSize: request.contentLength ?? (request.body === null ? 0 : NaN),
      responseSize: error !== '' ? NaN : isBodiless(request.method, statusCode) ? 0 : lengthIn(headers),
      extraLabels: [],
    });
  }
}

const HOST = /^host: (.*)$/im;
const LENGTH = /^content-length: (.*)$/im;
const ENCODING = /^transfer-encoding: (.*)$/im;

/** A header of a request as it was sent: `getHeader()` has neither what Node adds nor what was passed as an array. */
function sent(request: ClientRequest, header: RegExp): string | undefined {
  return header.exec((request as { readonly _header?: string | null })._header ?? '')?.[1];
}

/** The content length in headers as undici has them: `NaN` if there is none. */
function lengthIn(headers: readonly Uint8Array[]): number {
  const name = headers.findIndex((each, i) => i % 2 === 0 && String(each).toLowerCase() === 'content-length');
  return name === -1 ? NaN : Number(String(headers[name + 1]));
}

/** A code or a name of an error. Anything longer is a text, which may differ each time. */
const KIND = /^\w{1,64}$/;

/** What identifies an error: its code such as `ECONNREFUSED`, or its name such as `AbortError`. */
function kindOf(error: unknown): string {
  try {
    const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown };
    return [code, name].find((kind): kind is string => typeof kind === 'string' && KIND.test(kind)) ?? 'Error';
  } catch {
    return 'Error'; // the reason of an abort can be any object
  }
}
