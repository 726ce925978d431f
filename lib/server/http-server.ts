import { createServer, type Server, type ServerOptions } from 'node:http';
import { errorText } from '../model/error-text.ts';
import type { ServerLimits } from './server-limits.ts';
import type { TlsFiles } from './tls/tls-files.ts';

/** How often Node looks for clients that take too long; its own 30 s would be the least limit that could be kept. */
const CHECKING_MILLISECONDS = 1_000;
/** How long a connection is silent before the system asks whether the client is still there. */
const PROBE_AFTER_MILLISECONDS = 30_000;

/**
 * Returns a server of node:http, or of node:https if there is TLS, that holds clients to the limits of a connection. It
 * listens to nothing yet. Rejects with an Error if certificate or key cannot be used.
 */
export async function createHttpServer(
  limits: Required<ServerLimits>,
  tls: { readonly files: TlsFiles; readonly isClientVerified: boolean } | undefined,
): Promise<Server> {
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
  if (tls === undefined) return createServer(options);
  // Only now: it takes several milliseconds to load.
  const https = await import('node:https');
  try {
    return https.createServer({
      ...options,
      ...(await tls.files.read()),
      requestCert: tls.isClientVerified,
      rejectUnauthorized: tls.isClientVerified,
      handshakeTimeout: headersTimeout,
    });
  } catch (cause) {
    // Neither ours nor OpenSSL's messages show what is in the files.
    throw new Error(`Cannot serve metrics by TLS: ${errorText(cause)}. Check tls.cert, tls.key and tls.clientCa.`, { cause });
  }
}
