import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorText, warn } from '../../model/error-text.ts';

/** A request handler for `node:http` and the servers built on it. Never throws and never rejects. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** An answer whose whole body is known before it is sent. */
interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** Headers in addition to those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request and its response. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The content type of messages for people. */
export const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** Sends `reply` with its length; for HEAD, without the body. Does nothing if the request is already answered. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  sendToAll([{ request, response }], reply);
}

/**
 * Sends one reply to several clients. If a response throws, which a middleware that wraps it can cause, that connection
 * is cut off; the others still get the reply, and then the first exception is thrown.
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
    // A scrape or a health report is valid only now, so no proxy may cache it.
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** Whether nothing can be sent: the client has disconnected, or other code (a timeout middleware) has answered. */
export function isAnswered(response: ServerResponse): boolean {
  return response.destroyed || response.headersSent;
}

/**
 * Aborts the connection so that no client mistakes a partial answer for a complete one. Uses a reset, because an
 * HTTP/1.0 client (by default, nginx toward its upstreams) reads a plain close as the proper end. Only plain TCP can be
 * reset; with TLS, the missing close_notify alert has the same effect.
 */
export function cutOff(response: ServerResponse): void {
  const { socket } = response;
  if (socket?.remoteFamily !== undefined && !('encrypted' in socket)) socket.resetAndDestroy();
  else response.destroy();
}

/** Passes GET and HEAD to `handler`; answers other methods with 405 and `Allow`. */
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

// RFC 9112, section 3.2: a path with a query, or (section 3.2.2, from a proxy) an absolute URL, whose path may be
// empty. Not `new URL()`: it throws on targets such as "//", and would make "/x/../metrics" an alias of "/metrics".
const TARGET = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i;

const PLAIN_PATH = /^\/[a-z]*$/;

/** Returns the path of a request target, without the query; `/` if the path is empty. */
export function pathOf(target = '/'): string {
  // A fast path: nearly all targets are plain paths, and this is called three times per request.
  if (PLAIN_PATH.test(target)) return target;
  return TARGET.exec(target)?.[1] || '/';
}

/** The socket or response to close when a listener throws. */
interface Closable {
  destroy(): unknown;
}

/**
 * Catches exceptions in event listeners, which would otherwise be uncaught exceptions in the host process. Each one
 * closes its connection and is counted; the first one is reported as a process warning.
 */
export class ListenerGuard {
  readonly #count: () => void;
  #hasWarned = false;

  /** `count` is called for each exception. */
  constructor(count: () => void = () => {}) {
    this.#count = count;
  }

  /** Wraps `listener` to catch its exceptions; `closableOf` picks what to close from its arguments. */
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
