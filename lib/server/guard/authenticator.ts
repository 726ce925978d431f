import { errorText, warn } from '../../model/error-text.ts';
import { PLAIN_TEXT, pathOf, type RequestHandler, send } from '../http/exchange.ts';
import type { Credentials, PasswordHash } from './auth-options.ts';
import { AttemptLimiter, RETURN_MILLISECONDS, VerificationQueue } from './verification-queue.ts';

/** The result for a request: accepted, refused, or not verified yet, to be retried after a delay. */
export type Verdict = 'accepted' | 'refused' | { readonly retryAfterSeconds: number };

/** The client's connection: the socket of a request. */
export interface Connection {
  readonly remoteAddress?: string | undefined;
  /** Whether it has been closed. */
  readonly destroyed: boolean;
}

/** Size of the cache of wrong passwords: a wrong password that is retried costs one verification. */
const MAX_REFUSED = 1_000;
/**
 * How many passwords are remembered as turned away. Each one costs its sender a connection for a second. With 512
 * connections that is at most 512 a second, so a client is remembered for at least 30 seconds, two scrapes of
 * Prometheus.
 */
const MAX_TURNED_AWAY = 16_384;
const TURNED_AWAY: Verdict = { retryAfterSeconds: 1 };

/**
 * Verifies the credentials of requests.
 *
 * Tokens are compared immediately, whatever else is waiting. A password takes 200 ms of a thread by design (scrypt), so
 * each is verified once: results are cached under an HMAC whose key never leaves this process.
 *
 * A guess looks like the right password until it is verified, and guesses can arrive faster than that. So attempts are
 * rate limited by address: the first ten, and ten a minute, are verified immediately. Beyond that, a password is turned
 * away once, after a second, and queued when it is presented again. A client with the right password retries anyway; a
 * guess costs its sender a second request and a connection that is blocked for a second. See {@link VerificationQueue}.
 *
 * For an unknown user name, the password is verified against some user's hash and refused, so response times do not
 * reveal which users exist.
 */
export class Authenticator {
  readonly #users: ReadonlyMap<string, PasswordHash>;
  readonly #key = process.getBuiltinModule('node:crypto').randomBytes(32);
  readonly #tokens: readonly Buffer[];
  readonly #attempts: AttemptLimiter;
  readonly #queue: VerificationQueue;
  readonly #now: () => number;
  /** The correct passwords, at most one per user. */
  readonly #accepted = new Set<string>();
  readonly #refused = new Set<string>();
  /** When each password was first turned away; the least recently presented one comes first. */
  readonly #turnedAway = new Map<string, number>();
  /** The password that a connection waits for. Others in the same pipeline are turned away meanwhile. */
  readonly #waiting = new WeakMap<Connection, string>();

  /** `now` returns monotonic time in milliseconds. */
  constructor({ users, tokens }: Credentials, now: () => number = () => performance.now()) {
    this.#users = users;
    // Digests have the same length, as timingSafeEqual() requires.
    this.#tokens = tokens.map((token) => this.#digest(token));
    this.#attempts = new AttemptLimiter(now);
    this.#queue = new VerificationQueue(now);
    this.#now = now;
  }

  /** Verifies the `Authorization` header of a request. A request without the header is refused. */
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

  /** Compares with every token even after a match, so the time reveals nothing. */
  #isToken(presented: string): boolean {
    const { timingSafeEqual } = process.getBuiltinModule('node:crypto');
    const digest = this.#digest(presented);
    return this.#tokens.filter((token) => timingSafeEqual(token, digest)).length > 0;
  }

  async #decidePassword(userPass: string, connection: Connection): Promise<Verdict> {
    const colon = userPass.indexOf(':');
    const [stranger] = this.#users.values();
    // scrypt ignores trailing NULs. RFC 7617, section 2, allows none.
    if (colon === -1 || stranger === undefined || userPass.includes('\0')) return 'refused';
    const [name, password] = [userPass.slice(0, colon), userPass.slice(colon + 1)];
    // Base64 and Unicode can encode the same password in several ways, which share one cache entry.
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

  /** Returns undefined if the password must be presented again first, or the queue is full. */
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

  /** To guess faster, a client has to keep more connections waiting. */
  #delay(): Promise<undefined> {
    return new Promise((resolve) => void setTimeout(resolve, RETURN_MILLISECONDS, undefined).unref());
  }

  #turnAway(key: string, connection: Connection): Verdict {
    // A client that closes its connection early has not waited, so it is not remembered.
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
    return process.getBuiltinModule('node:crypto').createHmac('sha256', this.#key).update(text).digest();
  }
}

function dropOldest(kept: Set<string> | Map<string, unknown>, most: number): void {
  if (kept.size <= most) return;
  const [oldest] = kept.keys();
  kept.delete(oldest!);
}

/**
 * Passes requests with valid credentials, or for an open path, to `handler`. Answers others with 401, or with 429 and
 * `Retry-After` while too many passwords are waiting to be verified.
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
        const body = `Cannot answer: too many passwords are waiting to be verified. Try again in ${retryAfterSeconds} s.\n`;
        refuse(429, body, { 'Retry-After': String(retryAfterSeconds) });
      }
    };
    authenticator
      .decide(request.headers.authorization, request.socket)
      .then(
        (verdict) => answer(verdict),
        // The system is out of memory or randomness: refuse everybody, and keep the host process running.
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

/** The accepted schemes. Basic comes first: it makes a browser prompt for a name and password. */
function challengeOf({ users, tokens }: Credentials): string {
  const basic = users.size > 0 ? ['Basic realm="metrics", charset="UTF-8"'] : [];
  const bearer = tokens.length > 0 ? ['Bearer realm="metrics"'] : [];
  return [...basic, ...bearer].join(', ');
}
