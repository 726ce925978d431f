import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText, warn } from '../../model/error-text.ts';
import { loadModule } from '../../model/load-module.ts';
import type { TlsReload } from '../guard/tls-files.ts';
import type { TlsOptions } from '../guard/tls-options.ts';
import type { ServerSettings } from '../metrics-server-options.ts';
import type { ServerLimits } from '../shared-options.ts';
import { OpenConnections } from './open-connections.ts';
import { createRequestFlow, type ServerParts } from './request-flow.ts';

/** A server of node:http or node:https from the time it listens to the time it is closed. */
export class OpenServer {
  readonly #server: Server;
  readonly #connections: OpenConnections;
  readonly #reload: TlsReload | undefined;

  private constructor(server: Server, connections: OpenConnections, reload: TlsReload | undefined) {
    this.#server = server;
    this.#connections = connections;
    this.#reload = reload;
  }

  /** Resolves when it listens. Rejects with an Error that says what to do. */
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
    // A client that asks before it sends a body is answered like any other: no body is wanted.
    server.on('checkContinue', answer);
    // Node itself answers other expectations with 417, before any limit, name or credential is checked.
    server.on('checkExpectation', answer);
    await startListening(server, port, host);
    reload?.start();
    return new OpenServer(server, connections, reload);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Lets the process exit in spite of the server and its connections, or no longer. */
  setUnref(isUnref: boolean): void {
    if (isUnref) this.#server.unref();
    else this.#server.ref();
    this.#connections.setUnref(isUnref);
  }

  /** Takes no new connection, lets requests in flight finish, and cuts them off after `timeoutSeconds`. */
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

/** A server that listens to nothing yet. */
interface HttpServer {
  readonly server: Server;
  /** What looks at its certificates, to be started when it listens; undefined without files. */
  readonly reload?: TlsReload | undefined;
}

/** How often Node looks for clients that take too long; its own 30 s would be the least limit that could be kept. */
const CHECKING_MILLISECONDS = 1_000;
/** How long a connection is silent before the system asks whether the client is still there. */
const PROBE_AFTER_MILLISECONDS = 30_000;

/**
 * Returns a server of node:http, or of node:https if there is TLS, that holds clients to the limits of a connection.
 * Rejects with an Error if certificate or key cannot be used.
 */
async function createHttpServer(limits: Required<ServerLimits>, tls: TlsOptions | undefined): Promise<HttpServer> {
  const headersTimeout = limits.headersTimeoutSeconds * 1000;
  const options: ServerOptions = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout,
    // There is no body to wait for: a request is its headers.
    requestTimeout: headersTimeout,
    connectionsCheckingInterval: CHECKING_MILLISECONDS,
    keepAliveTimeout: limits.keepAliveTimeoutSeconds * 1000,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER_MILLISECONDS,
  };
  if (tls === undefined) return { server: createServer(options) };
  // Only now: it takes several milliseconds to load.
  const { createTlsServer } = await loadModule(() => import('../guard/tls-server.ts'), 'createTlsServer');
  return createTlsServer({ ...options, handshakeTimeout: headersTimeout }, tls);
}

/** Returns the error for a server that cannot listen: what was tried, what is wrong and what to do; `code` is kept. */
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
