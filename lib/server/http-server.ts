import { createServer, type Server, type ServerOptions } from 'node:http';
import { loadModule } from '../model/load-module.ts';
import type { ServerLimits } from './server-limits.ts';
import type { TlsOptions } from './tls/tls-options.ts';
import type { TlsReload } from './tls/tls-reload.ts';

/** A server that listens to nothing yet. */
export interface HttpServer {
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
export async function createHttpServer(
  limits: Required<ServerLimits>,
  tls: TlsOptions | undefined,
): Promise<HttpServer> {
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
  const { createTlsServer } = await loadModule(() => import('./tls/tls-server.ts'), 'createTlsServer');
  return createTlsServer({ ...options, handshakeTimeout: headersTimeout }, tls);
}
