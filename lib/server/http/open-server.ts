import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText, warn } from '../../model/error-text.ts';
import { loadModule } from '../../model/load-module.ts';
import type { ServerLimits } from '../common-options.ts';
import type { TlsReload } from '../guard/tls-files.ts';
import type { TlsOptions } from '../guard/tls-options.ts';
import type { ServerSettings } from '../metrics-server-options.ts';
import { OpenConnections } from './open-connections.ts';
import { createRequestFlow, type ServerParts } from './request-flow.ts';

/** A listening HTTP or HTTPS server, until it is closed. */
export class OpenServer {
  readonly #server: Server;
  readonly #connections: OpenConnections;
  readonly #reload: TlsReload | undefined;

  private constructor(server: Server, connections: OpenConnections, reload: TlsReload | undefined) {
    this.#server = server;
    this.#connections = connections;
    this.#reload = reload;
  }

  /** Starts to listen. Rejects with an Error that says what to do. */
  static async listen(settings: ServerSettings, parts: ServerParts): Promise<OpenServer> {
    const { port, host, tls, allow, limits } = settings;
    const { handler, listeners } = await createRequestFlow(settings, parts);
    const { server, reload } = await createHttpServer(limits, tls);
    const connections = new OpenConnections(server, { ...limits, allow }, listeners);
    const answer = listeners.guard(
      (request: IncomingMessage, response: ServerResponse) => {
        if (connections.owe(request, response)) handler(request, response);
      },
      ({ socket }) => socket,
    );
    server.on('request', answer);
    // A client that waits for "100 Continue" is answered like any other: no request needs a body.
    server.on('checkContinue', answer);
    // By default, Node answers other expectations with 417 before any limit, name or credential is checked.
    server.on('checkExpectation', answer);
    await startListening(server, port, host);
    reload?.start();
    return new OpenServer(server, connections, reload);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sets whether the process may exit while the server listens or has connections. */
  setUnref(isUnref: boolean): void {
    if (isUnref) this.#server.unref();
    else this.#server.ref();
    this.#connections.setUnref(isUnref);
  }

  /** Stops accepting connections, lets requests in flight finish, and cuts them off after `timeoutSeconds`. */
  async close(timeoutSeconds: number): Promise<void> {
    this.#reload?.stop();
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    this.#connections.closeWhenAnswered();
    const timer = setTimeout(() => this.#connections.destroyAll(), timeoutSeconds * 1000);
    timer.unref();
    await closed;
    clearTimeout(timer);
  }
}

async function startListening(server: Server, port: number, host: string | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenError(error, port, host));
    server.once('error', fail);
    server.listen({ port, host }, () => {
      server.off('error', fail);
      resolve();
    });
  });
  // Without a listener a later 'error' event would be an uncaught exception.
  server.on('error', (error) => warn('METRICS_SERVER_ERROR', `The metrics server has a problem: ${errorText(error)}`));
}

/** A server that does not listen yet. */
interface HttpServer {
  readonly server: Server;
  /** Watches the certificate files; start it when the server listens. Undefined if there are none. */
  readonly reload?: TlsReload | undefined;
}

/** How often Node checks for slow requests. Its default of 30 s is too coarse for shorter timeouts. */
const CHECKING_MILLISECONDS = 1_000;
/** How long a connection is silent before the operating system sends a TCP keep-alive probe. */
const PROBE_AFTER_MILLISECONDS = 30_000;

/**
 * Creates an HTTP server, or an HTTPS server if `tls` is given, that enforces the connection limits. Rejects with an
 * Error if the certificate or key is unusable.
 */
async function createHttpServer(limits: Required<ServerLimits>, tls: TlsOptions | undefined): Promise<HttpServer> {
  const headersTimeout = limits.headersTimeoutSeconds * 1000;
  const options: ServerOptions = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout,
    // Requests have no body, so this is the same limit.
    requestTimeout: headersTimeout,
    connectionsCheckingInterval: CHECKING_MILLISECONDS,
    keepAliveTimeout: limits.keepAliveTimeoutSeconds * 1000,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER_MILLISECONDS,
  };
  if (tls === undefined) return { server: process.getBuiltinModule('node:http').createServer(options) };
  // Loaded on demand: it takes several milliseconds.
  const { createTlsServer } = await loadModule(() => import('../guard/tls-server.ts'), 'createTlsServer');
  return createTlsServer({ ...options, handshakeTimeout: headersTimeout }, tls);
}

/** Returns the error for a failed `listen()`: what was tried, what went wrong and what to do. Keeps `code`. */
export function listenError(cause: NodeJS.ErrnoException, port: number, host: string | undefined): Error {
  const place = `port ${port} of ${host === undefined ? 'all interfaces' : `host ${JSON.stringify(host)}`}`;
  const error = new Error(`Cannot serve metrics on ${place}: ${explain(cause, port)}`, { cause });
  return Object.assign(error, { code: cause.code });
}

function explain(cause: NodeJS.ErrnoException, port: number): string {
  switch (cause.code) {
    case 'EADDRINUSE':
      return (
        'expected a free port, got one that is taken (EADDRINUSE). ' +
        `Stop what listens there, choose another port than ${port}, or 0 for any free one.`
      );
    case 'EACCES':
      return 'permission denied (EACCES): ports below 1024 need privileges. Choose a port above 1023.';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return (
        `expected a host name or address of this machine, got one that is not (${cause.code}). ` +
        'Leave host out to listen on all interfaces.'
      );
    default:
      return (
        `expected to listen there, got ${cause.code ?? 'an error'} (${errorText(cause)}). ` +
        'Choose another port or host.'
      );
  }
}
