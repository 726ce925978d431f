import type { Server, ServerOptions } from 'node:https';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { errorText } from '../../model/error-text.ts';
import { PLAIN_TEXT, type RequestHandler, send } from '../http/exchange.ts';
import { TlsFiles, TlsReload } from './tls-files.ts';
import type { TlsOptions } from './tls-options.ts';

const DEFAULT_RELOAD_SECONDS = 10;

/** An HTTPS server that does not listen yet. */
interface TlsServer {
  readonly server: Server;
  /** Watches the certificate files; start it when the server listens. Undefined if there are none. */
  readonly reload: TlsReload | undefined;
}

/** Creates an HTTPS server. Rejects with an Error, which shows no secret, if the certificate or key is unusable. */
export async function createTlsServer(options: ServerOptions, tls: TlsOptions): Promise<TlsServer> {
  const { reloadSeconds = DEFAULT_RELOAD_SECONDS, clientCa } = tls;
  const files = new TlsFiles(tls);
  // Taken before the files are read, so a change in between is noticed.
  const state = await files.state();
  const isClientVerified = clientCa !== undefined;
  const client = { requestCert: isClientVerified, rejectUnauthorized: isClientVerified };
  try {
    const { createServer } = process.getBuiltinModule('node:https');
    const server = createServer({ ...options, ...(await files.read()), ...client });
    return { server, reload: files.hasFiles ? new TlsReload(server, files, state, reloadSeconds) : undefined };
  } catch (cause) {
    // Neither our messages nor OpenSSL's show the contents of the files.
    throw new Error(`Cannot serve metrics over TLS: ${errorText(cause)}. Check tls.cert, tls.key and tls.clientCa.`, {
      cause,
    });
  }
}

/**
 * Passes requests to `handler` if the connection's client certificate has one of the names; answers others with 403.
 * The TLS handshake has already validated the certificate.
 */
export function requireClientName(handler: RequestHandler, names: readonly string[]): RequestHandler {
  const allowed = new Set(names);
  return (request, response) => {
    // The type omits null, which is returned once the connection is closed.
    const certificate = (request.socket as TLSSocket).getPeerCertificate() as PeerCertificate | null;
    if (certificate !== null && certificateNames(certificate).some((name) => allowed.has(name))) {
      handler(request, response);
      return;
    }
    const body = 'Cannot answer: expected a client certificate with one of the allowed names.\n';
    send(request, response, { status: 403, contentType: PLAIN_TEXT, body });
  };
}

// Each entry is KIND:value. Node quotes a value with special characters as a JSON string, so no value can pass for two
// entries.
const ALTERNATIVE_NAME = /(?:^|, )(\w[\w ]*):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/g;
const KINDS = ['DNS', 'URI', 'email', 'IP Address'];

/** Returns the common names and alternative names of a client's certificate, unchanged. */
export function certificateNames({ subject, subjectaltname = '' }: PeerCertificate): readonly string[] {
  const alternatives = [...subjectaltname.matchAll(ALTERNATIVE_NAME)]
    .filter(([, kind = '']) => KINDS.includes(kind))
    .map(([, , value = '']) => (value.startsWith('"') ? (JSON.parse(value) as string) : value));
  // A certificate may have several common names; the type allows only one.
  return [(subject as typeof subject | undefined)?.CN ?? [], alternatives].flat();
}
