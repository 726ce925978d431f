import { errorText, warn } from '../../model/error-text.ts';
import { pathOf } from '../path-of.ts';
import type { RequestHandler } from '../request-handler.ts';
import { PLAIN_TEXT, send } from '../responses.ts';
import type { Credentials } from './auth-options.ts';
import { Authenticator, type Verdict } from './authenticator.ts';

/**
 * Passes requests with valid credentials, or for an open path, on to `handler`. Others are answered with 401, or with 429
 * and `Retry-After` while there are too many passwords to verify.
 */
export function requireCredentials(handler: RequestHandler, credentials: Credentials): RequestHandler {
  const authenticator = new Authenticator(credentials);
  const challenge = challengeOf(credentials);
  return (request, response) => {
    if (credentials.openPaths.has(pathOf(request.url))) {
      handler(request, response);
      return;
    }
    const refuse = (status: number, body: string, headers: Readonly<Record<string, string>>) =>
      send(request, response, { status, contentType: PLAIN_TEXT, body, headers });
    const answer = (verdict: Verdict): void => {
      if (request.socket.destroyed) return;
      if (verdict === 'accepted') handler(request, response);
      else if (verdict === 'refused') {
        refuse(401, 'Cannot answer: expected valid credentials.\n', { 'WWW-Authenticate': challenge });
      } else {
        const { retryAfterSeconds } = verdict;
        const body = `Cannot answer: too many passwords wait to be verified. Try again in ${retryAfterSeconds} s.\n`;
        refuse(429, body, { 'Retry-After': String(retryAfterSeconds) });
      }
    };
    authenticator
      .decide(request.headers.authorization, request.socket)
      .then(
        (verdict) => answer(verdict),
        // The system has no memory or no randomness left: nobody is let in, and the host goes on.
        (error: unknown) => {
          warn('METRICS_AUTH_FAILED', `Cannot verify credentials: ${errorText(error)}`);
          refuse(500, 'Cannot answer: credentials cannot be verified at the moment.\n', {});
        },
      )
      .catch((error: unknown) => {
        warn('METRICS_AUTH_FAILED', `Cannot answer a request with credentials: ${errorText(error)}`);
        request.socket.destroy();
      });
  };
}

/** The schemes that there are. Basic comes first: it makes a browser ask for name and password. */
function challengeOf({ users, tokens }: Credentials): string {
  const basic = users.size > 0 ? ['Basic realm="metrics", charset="UTF-8"'] : [];
  const bearer = tokens.length > 0 ? ['Bearer realm="metrics"'] : [];
  return [...basic, ...bearer].join(', ');
}
