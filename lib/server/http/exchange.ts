import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorText, warn } from '../../model/error-text.ts';

/** A request handler for `node:http` and the servers built on it. Never throws and never rejects. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** An answer whose whole body is known before its first byte leaves. */
interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** Headers of this answer alone, beside those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request and its response. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The content type of messages to people. */
export const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** Sends `reply` with its length; to HEAD the same headers and no body. Does nothing if the response is answered. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  sendToAll([{ request, response }], reply);
}

/**
 * Sends one reply to several; its head is made once. A response that throws, as middlewares that wrap it can make it, is
 * cut off; the others get the reply, and then the first exception is thrown.
 */
export function sendToAll(exchanges: readonly Exchange[], { status, contentType, body, headers }: Reply): void {
  const head = { ...headersOf(contentType), 'Content-Length': String(Buffer.byteLength(body)), ...headers };
  const faults: unknown[] = [];
  for (const { request, response } of exchanges) {
    if (isAnswered(response)) continue;
    try {
      response.writeHead(status, head);
      // Not `end(body)` for HEAD: on a server with `rejectNonStandardBodyWrites` that throws.
      if (request.method === 'HEAD') response.end();
      else response.end(body);
    } catch (error) {
      faults.push(error);
      cutOff(response);
    }
  }
  if (faults.length > 0) throw faults[0];
}

/** Returns the headers that every answer has. */
export function headersOf(contentType: string): Record<string, string> {
  return {
    'Content-Type': contentType,
    // Responses are valid only at this moment: no proxy may cache a scrape or a health report.
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** Whether nothing can be sent any more: the client has gone, or somebody else (a timeout middleware) has answered. */
export function isAnswered(response: ServerResponse): boolean {
  return response.destroyed || response.headersSent;
}

/**
 * Ends the connection so that no client takes what it has for the whole: by a reset, since an HTTP/1.0 client (nginx
 * asks its upstreams so by default) reads a plain close as the proper end. Only bare TCP can be reset; under TLS the
 * missing close notification says the same.
 */
export function cutOff(response: ServerResponse): void {
  const { socket } = response;
  if (socket?.remoteFamily !== undefined && !('encrypted' in socket)) socket.resetAndDestroy();
  else response.destroy();
}

/** Lets GET and HEAD through to `handler`; answers anything else with 405 and `Allow`. */
export function readOnly(handler: RequestHandler): RequestHandler {
  return (request, response) => {
    if (request.method === 'GET' || request.method === 'HEAD') {
      handler(request, response);
      return;
    }
    send(request, response, {
      status: 405,
      contentType: PLAIN_TEXT,
      body: `Cannot ${request.method} here: expected GET or HEAD.\n`,
      headers: { Allow: 'GET, HEAD' },
    });
  };
}

// RFC 9112, section 3.2: a path with a query, or (section 3.2.2, from a proxy) a whole URL, whose path may be empty.
// Not `new URL()`: it throws on targets such as "//", and would make "/x/../metrics" a second name of "/metrics".
const TARGET = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i;

const PLAIN_PATH = /^\/[a-z]*$/;

/** Returns the path of a request's target, without its query; `/` where there is none. */
export function pathOf(target = '/'): string {
  // Nearly all are plain paths, and this is asked three times for each request.
  if (PLAIN_PATH.test(target)) return target;
  return TARGET.exec(target)?.[1] || '/';
}

/** The socket or response that a guard closes when a listener throws. */
interface Closable {
  destroy(): unknown;
}

/**
 * Keeps exceptions of event listeners from the host process, where they would be uncaught: each closes the connection it
 * happened on and is counted, and the first one is reported as a process warning.
 */
export class ListenerGuard {
  readonly #count: () => void;
  #hasWarned = false;

  /** `count` is called for each exception. */
  constructor(count: () => void = () => {}) {
    this.#count = count;
  }

  /** Returns `listener` with its exceptions caught; `closableOf` picks what to close from its arguments. */
  guard<A extends unknown[]>(
    listener: (...args: A) => void,
    closableOf: (...args: A) => Closable,
  ): (...args: A) => void {
    return (...args) => {
      try {
        listener(...args);
      } catch (error) {
        this.#count();
        closableOf(...args).destroy();
        if (this.#hasWarned) return;
        this.#hasWarned = true;
        warn(
          'METRICS_LISTENER_FAILED',
          `A request could not be handled, and its connection was closed: ${errorText(error)}`,
        );
      }
    };
  }
}
