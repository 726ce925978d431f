import { createServer, type Server, type ServerOptions } from 'node:https';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { errorText } from '../../model/error-text.ts';
import { PLAIN_TEXT, type RequestHandler, send } from '../http/exchange.ts';
import { TlsFiles, TlsReload } from './tls-files.ts';
import type { TlsOptions } from './tls-options.ts';

const DEFAULT_RELOAD_SECONDS = 10;

/** A server of node:https that listens to nothing yet. */
interface TlsServer {
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

/**
 * Lets those requests through to `handler` whose connection has a client certificate with one of the names; others are
 * answered with 403. The TLS handshake has already validated the certificate.
 */
export function requireClientName(handler: RequestHandler, names: readonly string[]): RequestHandler {
  const allowed = new Set(names);
  return (request, response) => {
    // Its type does not say that it is null once the connection is gone.
    const certificate = (request.socket as TLSSocket).getPeerCertificate() as PeerCertificate | null;
    if (certificate !== null && certificateNames(certificate).some((name) => allowed.has(name))) {
      handler(request, response);
      return;
    }
    const body = 'Cannot answer: expected a client certificate with one of the allowed names.\n';
    send(request, response, { status: 403, contentType: PLAIN_TEXT, body });
  };
}

// Each entry is KIND:value; Node writes a value with anything odd in it as a JSON string, so that no value can pass for
// two entries.
const ALTERNATIVE_NAME = /(?:^|, )(\w[\w ]*):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/g;
const KINDS = ['DNS', 'URI', 'email', 'IP Address'];

/** Returns the names of a client's certificate: its common names and its alternative names, as they are written there. */
export function certificateNames({ subject, subjectaltname = '' }: PeerCertificate): readonly string[] {
  const alternatives = [...subjectaltname.matchAll(ALTERNATIVE_NAME)]
    .filter(([, kind = '']) => KINDS.includes(kind))
    .map(([, , value = '']) => (value.startsWith('"') ? (JSON.parse(value) as string) : value));
  // A certificate may have several common names, which its type does not know.
  return [(subject as typeof subject | undefined)?.CN ?? [], alternatives].flat();
}
