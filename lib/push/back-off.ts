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

/** RFC 9111, section 1.2.2: what stands for any larger number of seconds. */
const MAX_DELTA_SECONDS = 2 ** 31;

const HTTP_DATE =
  /^[a-z]{3,9}(?:, \d\d[ -][a-z]{3}[ -]\d{2}(?:\d\d)? \d\d:\d\d:\d\d GMT| [a-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4})$/i;

function httpDate(text: string): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined;
  // The form of asctime() names no zone, and means GMT too.
  const milliseconds = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
