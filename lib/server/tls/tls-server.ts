import { createServer, type Server, type ServerOptions } from 'node:https';
import { errorText } from '../../model/error-text.ts';
import { TlsFiles } from './tls-files.ts';
import type { TlsOptions } from './tls-options.ts';
import { TlsReload } from './tls-reload.ts';

const DEFAULT_RELOAD_SECONDS = 10;

/** A server of node:https that listens to nothing yet. */
export interface TlsServer {
  readonly server: Server;
  /** Watches the certificate files, to be started when the server listens; undefined if there are none. */
  readonly reload: TlsReload | undefined;
}

/** Returns a server of node:https. Rejects with an Error, which shows no secret, if certificate or key cannot be used. */
export async function createTlsServer(options: ServerOptions, tls: TlsOptions): Promise<TlsServer> {
  const { reloadSeconds = DEFAULT_RELOAD_SECONDS, clientCa } = tls;
  const files = new TlsFiles(tls);
  // Before the files are read: a change in between must not go unseen.
  const state = await files.state();
  const isClientVerified = clientCa !== undefined;
  const client = { requestCert: isClientVerified, rejectUnauthorized: isClientVerified };
  try {
    const server = createServer({ ...options, ...(await files.read()), ...client });
    return { server, reload: files.hasFiles ? new TlsReload(server, files, state, reloadSeconds) : undefined };
  } catch (cause) {
    // Neither ours nor OpenSSL's messages show what is in the files.
    throw new Error(`Cannot serve metrics by TLS: ${errorText(cause)}. Check tls.cert, tls.key and tls.clientCa.`, {
      cause,
    });
  }
}
