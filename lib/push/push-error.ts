import { errorCode, errorText, shortened } from '../model/error-text.ts';
import { withoutSecrets } from './secrets.ts';
import type { PushRequest } from './send-request.ts';

/** The result of a failed attempt: an answer, or none. */
export type PushFailure =
  | {
      readonly status: number;
      readonly reason: string;
      /** How long to wait before a retry, if the gateway sent `Retry-After`. */
      readonly retryAfterMilliseconds: number | undefined;
    }
  | { readonly error: unknown };

/** As much of a gateway's reason as is shown. */
const MAX_REASON_CHARACTERS = 500;

/**
 * Returns the error for metrics that could not be pushed or deleted: where to, what came instead of success, and what
 * to do. Its `status` or `code` is that of the failure. It has the words of prom-client that programs look for.
 * Whatever came from outside is shown without the request's credentials.
 */
export function pushError(request: PushRequest, failure: PushFailure, attempts: number): Error {
  const { method, url } = request;
  const action = method === 'DELETE' ? 'delete' : 'push';
  const place = url.origin + url.pathname;
  if ('status' in failure) {
    const reason = shownReason(failure.reason, request);
    const told = `${action} failed with status ${failure.status}${reason === '' ? '' : `, ${reason}`}`;
    const tries = attempts > 1 ? ` (after ${attempts} attempts)` : '';
    const remedy = remedyOfStatus(failure.status, failure.retryAfterMilliseconds, request.receiver);
    const message = `Cannot ${action} metrics at ${place}: expected success, but ${told}${tries}. ${remedy}`;
    return Object.assign(new Error(message), { status: failure.status });
  }
  const code = errorCode(failure.error);
  const reason = shownReason(errorText(failure.error), request);
  const tries = attempts > 1 ? ` after ${attempts} attempts` : '';
  const message =
    `Cannot ${action} metrics at ${place}: expected an answer, got none${tries}${reason === '' ? '' : ` (${reason})`}. ` +
    remedyOfCode(code ?? '', request.receiver);
  return Object.assign(new Error(message), { code });
}

/** Returns what a receiver says as it may be shown: on a line of bounded length, without the request's credentials. */
export function shownReason(reason: string, request: PushRequest): string {
  return shortened(withoutSecrets(reason, request), MAX_REASON_CHARACTERS);
}

function remedyOfStatus(status: number, retryAfterMilliseconds: number | undefined, receiver: string): string {
  if (status >= 500 || status === 408 || status === 429) {
    const seconds = Math.ceil((retryAfterMilliseconds ?? 0) / 1000);
    return seconds > 0 ? `Try again in ${seconds} s.` : 'Try again later.';
  }
  switch (status) {
    case 400:
      return `${receiver === PUSHGATEWAY ? 'Nothing was stored. ' : ''}Fix the problem reported above.`;
    case 401:
    case 403:
      return receiver === PUSHGATEWAY
        ? 'Pass the option auth: "user:password", or what else the gateway asks for.'
        : 'Pass what it asks for by the option headers, or connection: { auth: "user:password" }.';
    default:
      return `Check that the URL is the one of ${withArticle(receiver)}.`;
  }
}

function remedyOfCode(code: string, receiver: string): string {
  const isGateway = receiver === PUSHGATEWAY;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `Use a host of the certificate in the URL, or pass one as ${isGateway ? 'the option servername' : 'connection: { servername }'}.`;
  if (/CERT|UNABLE_TO_/.test(code))
    return `Pass the certificate that ${isGateway ? "the gateway's is signed with as the option ca" : "the receiver's is signed with as connection: { ca }"}.`;
  if (/^ERR_(HTTP_)?INVALID_/.test(code)) return 'Fix the headers.';
  return `Check the URL, and that ${withArticle(receiver)} listens there.`;
}

/** What it is called by its client, whose options are others than those of bridges. */
const PUSHGATEWAY = 'Pushgateway';

/** Returns the name of a receiver as messages have it. */
export function withArticle(receiver: string): string {
  return `${/^[AEIO]/.test(receiver) ? 'an' : 'a'} ${receiver}`;
}
