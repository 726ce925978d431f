import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { RequestHandler } from '../request-handler.ts';
import { PLAIN_TEXT, send } from '../responses.ts';
import { certificateNames } from './certificate-names.ts';

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
