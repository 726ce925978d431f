import type { IncomingMessage } from 'node:http';
import { warn } from '../../model/warning.ts';
import { errorText } from '../../model/error-text.ts';
import { pathOf } from '../path-of.ts';
import type { RequestHandler } from '../request-handler.ts';
import { PLAIN_TEXT, send } from '../responses.ts';
import type { Credentials } from './auth-options.ts';
import { Authenticator } from './authenticator.ts';

/**
 * Lets those requests through to `handler` that carry credentials, or are for an open path. Others are answered with 401;
 * with 429 and `Retry-After` where there were too many wrong ones.
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
    authenticator.decide(request.headers.authorization, addressOf(request)).then(
      (verdict) => {
        if (verdict === 'accepted') handler(request, response);
        else if (verdict === 'refused') {
          refuse(401, 'Cannot answer: expected valid credentials.\n', { 'WWW-Authenticate': challenge });
        } else {
          const { retryAfterSeconds } = verdict;
          const body = `Cannot answer: too many wrong credentials. Try again in ${retryAfterSeconds} s.\n`;
          refuse(429, body, { 'Retry-After': String(retryAfterSeconds) });
        }
      },
      // The system has no memory or no randomness left: nobody is let in, and the host goes on.
      (error: unknown) => {
        warn('METRICS_AUTH_FAILED', `Cannot verify credentials: ${errorText(error)}`);
        refuse(500, 'Cannot answer: credentials cannot be verified at the moment.\n', {});
      },
    );
  };
}

/** The schemes that there are. Basic comes first: it makes a browser ask for name and password. */
function challengeOf({ users, tokens }: Credentials): string {
  const basic = users.size > 0 ? ['Basic realm="metrics", charset="UTF-8"'] : [];
  const bearer = tokens.length > 0 ? ['Bearer realm="metrics"'] : [];
  return [...basic, ...bearer].join(', ');
}

function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}
