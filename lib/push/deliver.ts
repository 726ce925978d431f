import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../model/error-text.ts';
import { backOff, retryAfterMilliseconds } from './back-off.ts';
import { type PushFailure, pushError } from './push-error.ts';
import { type PushAnswer, type PushRequest, sendRequest } from './send-request.ts';

/** How often to try again, and how long to wait before. */
interface RetryOptions {
  readonly retries: number;
  /** Milliseconds, as {@link backOff} takes them. */
  readonly retryDelay: number;
}

/**
 * Sends a request, and again if it failed in a way that may pass; resolves to the answer of the gateway that took it.
 *
 * Every request may be repeated, also one of which nobody knows whether it arrived: PUT, POST and DELETE of a
 * Pushgateway replace what is there, and all attempts send the same bytes.
 */
export async function deliver(request: PushRequest, { retries, retryDelay }: RetryOptions): Promise<PushAnswer> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOf(request);
    if ('resp' in outcome) return outcome;
    if (attempt > retries || !mayPass(outcome)) throw pushError(request, outcome, attempt);
    await pause(waitBefore(outcome, backOff(attempt, retryDelay), request.timeout), request.signal);
  }
}

async function attemptOf(request: PushRequest): Promise<PushAnswer | PushFailure> {
  try {
    const answer = await sendRequest(request);
    const { statusCode = 0, headers } = answer.resp;
    if (statusCode >= 200 && statusCode < 300) return answer;
    const retryAfter = retryAfterMilliseconds(headers['retry-after'], headers.date);
    return { status: statusCode, reason: answer.body, retryAfterMilliseconds: retryAfter };
  } catch (error) {
    request.signal?.throwIfAborted();
    return { error };
  }
}

/** Transient failures of the network or an overloaded server; none of them means that the request is wrong. */
function mayPass(failure: PushFailure): boolean {
  return 'status' in failure ? PASSING_STATUSES.has(failure.status) : PASSING_CODES.has(errorCode(failure.error) ?? '');
}

/**
 * Returns the milliseconds to wait before the next attempt: what the gateway asks for, if that is more than the back-off.
 * A job must not hang on a gateway that says "tomorrow", so it is no more than one attempt may take.
 */
function waitBefore(failure: PushFailure, backOffMilliseconds: number, timeout: number): number {
  const wanted = 'status' in failure ? (failure.retryAfterMilliseconds ?? 0) : 0;
  return Math.max(backOffMilliseconds, Math.min(wanted, timeout));
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted(); // with its own reason, where the timer has an AbortError
    throw error;
  }
}

const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const PASSING_CODES: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'],
]);
