import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { errorText, warn } from '../../model/error-text.ts';
import { PLAIN_TEXT, pathOf, type RequestHandler, send } from '../http/exchange.ts';
import type { Credentials, PasswordHash } from './auth-options.ts';
import { AttemptLimiter, RETURN_MILLISECONDS, VerificationQueue } from './verification-queue.ts';

/** The result for a request: accepted, refused, or unverified, to be retried after so many seconds. */
export type Verdict = 'accepted' | 'refused' | { readonly retryAfterSeconds: number };

/** The client's connection: the socket of a request. */
export interface Connection {
  readonly remoteAddress?: string | undefined;
  /** Whether it has been closed. */
  readonly destroyed: boolean;
}

/** Passwords remembered as wrong, so that one that is presented again and again costs one verification. */
const MAX_REFUSED = 1_000;
/**
 * Passwords remembered as turned away. Each has cost its sender a second of a connection: of a server's 512 connections, 512
 * a second, so that a client is remembered for half a minute at least, two scrapes of Prometheus.
 */
const MAX_TURNED_AWAY = 16_384;
const TURNED_AWAY: Verdict = { retryAfterSeconds: 1 };

/**
 * Decides on the credentials of requests.
 *
 * Tokens are looked up at once, whoever else asks for what. A password takes 200 ms of a thread by design (scrypt), so each is
 * verified once: what was right or wrong is remembered, under an HMAC with a key that only this process has.
 *
 * Nobody can tell the right password from a guess before it is verified, and guesses come faster than they can be. A password
 * is verified at once while its address has credit (ten, and ten a minute). Beyond that, it is turned away once, after
 * a second, and queued when it comes back. That is what a client with the right password does anyway, while a guess costs a
 * second request and the second that its connection waits; see {@link VerificationQueue}.
 *
 * A name that is no user's has its password verified against some user's hash, for nothing, so that the answer takes as long.
 */
export class Authenticator {
  readonly #users: ReadonlyMap<string, PasswordHash>;
  readonly #key = randomBytes(32);
  readonly #tokens: readonly Buffer[];
  readonly #attempts: AttemptLimiter;
  readonly #queue: VerificationQueue;
  readonly #now: () => number;
  /** The passwords that were right, at most one for each user. */
  readonly #accepted = new Set<string>();
  readonly #refused = new Set<string>();
  /** By password, when it was first turned away; the one that came least recently first. */
  readonly #turnedAway = new Map<string, number>();
  /** The password that a connection waits for. Of others in the same pipeline none is looked at meanwhile. */
  readonly #waiting = new WeakMap<Connection, string>();

  /** `now` gives the time in milliseconds, from any start. */
  constructor({ users, tokens }: Credentials, now: () => number = () => performance.now()) {
    this.#users = users;
    // Digests are equally long, as timingSafeEqual() requires.
    this.#tokens = tokens.map((token) => this.#digest(token));
    this.#attempts = new AttemptLimiter(now);
    this.#queue = new VerificationQueue(now);
    this.#now = now;
  }

  /** Decides on the `Authorization` header of a request. Without one, it is refused. */
  async decide(authorization: string | undefined, connection: Connection): Promise<Verdict> {
    const [, scheme = '', credentials = ''] = /^(\w+) +(\S+) *$/.exec(authorization ?? '') ?? [];
    switch (scheme.toLowerCase()) {
      case 'bearer':
        return this.#isToken(credentials) ? 'accepted' : 'refused';
      case 'basic':
        return this.#decidePassword(Buffer.from(credentials, 'base64').toString(), connection);
      default:
        return 'refused';
    }
  }

  /** Compares with every token, whichever matches, so that the time tells nothing. */
  #isToken(presented: string): boolean {
    const digest = this.#digest(presented);
    return this.#tokens.filter((token) => timingSafeEqual(token, digest)).length > 0;
  }

  async #decidePassword(userPass: string, connection: Connection): Promise<Verdict> {
    const colon = userPass.indexOf(':');
    const [stranger] = this.#users.values();
    // scrypt takes a password with NULs behind it for the same. RFC 7617, section 2, allows none.
    if (colon === -1 || stranger === undefined || userPass.includes('\0')) return 'refused';
    const [name, password] = [userPass.slice(0, colon), userPass.slice(colon + 1)];
    // Base64 and Unicode have several spellings of the same password, which count as one.
    const key = this.#digest(`${name}:${password.normalize('NFC')}`).toString('base64');
    if (this.#accepted.has(key)) return 'accepted';
    if (this.#refused.has(key)) return 'refused';
    if ((this.#waiting.get(connection) ?? key) !== key) return TURNED_AWAY;
    this.#waiting.set(connection, key);
    try {
      const hash = this.#users.get(name);
      const verify = async (): Promise<boolean> => {
        const isRight = (await (hash ?? stranger).verify(password)) && hash !== undefined;
        this.#remember(key, isRight);
        return isRight;
      };
      const isGone = (): boolean => connection.destroyed;
      const isRight = await (this.#queue.join(key, isGone) ?? this.#enqueue(key, verify, connection) ?? this.#delay());
      if (isRight === undefined) return this.#turnAway(key, connection);
      return isRight ? 'accepted' : 'refused';
    } finally {
      this.#waiting.delete(connection);
    }
  }

  /** Returns undefined where a password has to come back first, or there is no room for it. */
  #enqueue(
    key: string,
    verify: () => Promise<boolean>,
    connection: Connection,
  ): Promise<boolean | undefined> | undefined {
    const address = connection.remoteAddress ?? '';
    const returningSince = this.#turnedAway.get(key);
    if (returningSince === undefined && !this.#attempts.tryCount(address)) return undefined;
    const isGone = (): boolean => connection.destroyed;
    return this.#queue.add({ key, returningSince, attempts: () => this.#attempts.attempts(address), isGone, verify });
  }

  /** A client that would guess faster has to keep more connections waiting. */
  #delay(): Promise<undefined> {
    return new Promise((resolve) => void setTimeout(resolve, RETURN_MILLISECONDS, undefined).unref());
  }

  #turnAway(key: string, connection: Connection): Verdict {
    // Closing a connection early is no way to be remembered sooner.
    if (connection.destroyed) return TURNED_AWAY;
    const since = this.#turnedAway.get(key) ?? this.#now();
    this.#turnedAway.delete(key);
    this.#turnedAway.set(key, since);
    dropOldest(this.#turnedAway, MAX_TURNED_AWAY);
    return TURNED_AWAY;
  }

  #remember(key: string, isRight: boolean): void {
    this.#turnedAway.delete(key);
    if (isRight) this.#accepted.add(key);
    else dropOldest(this.#refused.add(key), MAX_REFUSED);
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

function dropOldest(kept: Set<string> | Map<string, unknown>, most: number): void {
  if (kept.size <= most) return;
  const [oldest] = kept.keys();
  kept.delete(oldest!);
}

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
