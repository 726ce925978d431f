import { errorCode } from '../model/error-text.ts';
import { type PushFailure, pushError } from './push-error.ts';
import { type PushAnswer, type PushRequest, sendRequest } from './send-request.ts';

/** How often to try again, and how long to wait before. */
interface RetryOptions {
  readonly retries: number;
  /** Milliseconds, as {@link backOff} takes them. */
  readonly retryDelay: number;
  /** Whether a refusal may be an answer of success later; by default that depends on the status, as for a Pushgateway. */
  readonly isRetried?: (status: number, reason: string) => boolean;
  /** Returns what the body of a refusal says; the body itself unless given. */
  readonly reasonOf?: (body: string) => string;
  /** By `performance.now()`; no attempt starts later. */
  readonly deadline?: number;
}

/**
 * Sends a request, and again if it failed in a way that may pass; resolves to the answer of the gateway that took it.
 *
 * Every request may be repeated, even if the first one may have arrived: PUT, POST and DELETE of a
 * Pushgateway replace what is there, and all attempts send the same bytes.
 */
export async function deliver(request: PushRequest, options: RetryOptions): Promise<PushAnswer> {
  const { retries, retryDelay, isRetried = isRetriedByDefault, reasonOf, deadline = Infinity } = options;
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOf(request, reasonOf);
    if ('resp' in outcome) return outcome;
    const wait = waitBefore(outcome, backOff(attempt, retryDelay), request.timeout);
    const isLast = attempt > retries || performance.now() + wait >= deadline;
    if (isLast || !mayPass(outcome, isRetried)) throw pushError(request, outcome, attempt);
    await pause(wait, request);
  }
}

async function attemptOf(request: PushRequest, reasonOf: RetryOptions['reasonOf']): Promise<PushAnswer | PushFailure> {
  try {
    const answer = await sendRequest(request);
    const { statusCode = 0, headers } = answer.resp;
    if (statusCode >= 200 && statusCode < 300) return answer;
    const retryAfter = retryAfterMilliseconds(headers['retry-after'], headers.date);
    return { status: statusCode, reason: reasonOf?.(answer.body) ?? answer.body, retryAfterMilliseconds: retryAfter };
  } catch (error) {
    request.signal?.throwIfAborted();
    return { error };
  }
}

/** Transient failures of the network or an overloaded server; the request itself is valid. */
function mayPass(failure: PushFailure, isRetried: (status: number, reason: string) => boolean): boolean {
  return 'status' in failure
    ? isRetried(failure.status, failure.reason)
    : PASSING_CODES.has(errorCode(failure.error) ?? '');
}

/**
 * Returns the milliseconds to wait before the next attempt: what the gateway asks for, if that is more than the back-off.
 * A job must not hang on a gateway that says "tomorrow", so it is no more than one attempt may take.
 */
function waitBefore(failure: PushFailure, backOffMilliseconds: number, timeout: number): number {
  const wanted = 'status' in failure ? (failure.retryAfterMilliseconds ?? 0) : 0;
  return Math.max(backOffMilliseconds, Math.min(wanted, timeout));
}

async function pause(milliseconds: number, { signal, isUnref = false }: PushRequest): Promise<void> {
  try {
    const options = { ref: !isUnref, ...(signal && { signal }) };
    await process.getBuiltinModule('node:timers/promises').setTimeout(milliseconds, undefined, options);
  } catch (error) {
    signal?.throwIfAborted(); // with its own reason, where the timer has an AbortError
    throw error;
  }
}

const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

function isRetriedByDefault(status: number): boolean {
  return PASSING_STATUSES.has(status);
}

const PASSING_CODES: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'],
]);

/** The longest wait that doubling leads to. */
const MAX_MILLISECONDS = 30_000;

/**
 * Returns the milliseconds to wait after an attempt, counted from 1: `retryDelay`, doubled each time, 30,000 at most,
 * with up to 50 % jitter, so that jobs that failed together do not come back together.
 */
export function backOff(attempt: number, retryDelay: number, random: () => number = Math.random): number {
  const longest = Math.min(retryDelay * 2 ** (attempt - 1), MAX_MILLISECONDS);
  return longest * (1 - random() / 2);
}

/**
 * Returns the milliseconds that a `Retry-After` header asks to wait, in seconds or as a date; undefined for any other
 * text. A date is compared with the `Date` of the same answer, if it has one: the gateway's clock may differ from ours.
 *
 * @see RFC 9110, section 10.2.3, and section 5.6.7 for the three forms of a date.
 */
export function retryAfterMilliseconds(
  retryAfter: string | undefined,
  date: string | undefined,
  now: number = Date.now(),
): number | undefined {
  const text = retryAfter?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_DELTA_SECONDS) * 1000;
  const until = httpDate(text);
  return until === undefined ? undefined : Math.max(0, until - (httpDate(date?.trim() ?? '') ?? now));
}

/** RFC 9111, section 1.2.2: the value that represents any larger number of seconds. */
const MAX_DELTA_SECONDS = 2 ** 31;

const HTTP_DATE =
  /^[a-z]{3,9}(?:, \d\d[ -][a-z]{3}[ -]\d{2}(?:\d\d)? \d\d:\d\d:\d\d GMT| [a-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4})$/i;

function httpDate(text: string): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined;
  // The form of asctime() names no zone, and means GMT too.
  const milliseconds = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
