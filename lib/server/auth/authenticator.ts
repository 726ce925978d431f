import type * as Crypto from 'node:crypto';
import { AttemptLimiter } from './attempt-limiter.ts';
import type { Credentials } from './auth-options.ts';
import type { PasswordHash } from './password-hash.ts';

/** What becomes of a request: let in, not let in, or not even looked at for so many seconds. */
export type Verdict = 'accepted' | 'refused' | { readonly retryAfterSeconds: number };

/** Passwords that wait to be verified; beyond it nobody gets a verdict. */
const MAX_WAITING = 32;
/** Credentials remembered as right; far more than a configuration has, less than an attacker could use. */
const MAX_ACCEPTED = 100;

/**
 * Decides on the credentials of requests.
 *
 * scrypt takes 200 ms of a thread by design, so it is done once for each right password and not at every scrape: what was
 * accepted is remembered, under an HMAC with a key that this process made and nobody else has. Wrong ones are verified
 * every time, one after the other, so that no flood of them takes the threads that the host needs.
 *
 * A name that is no user's has its password verified against some user's hash, for nothing, so that the answer takes as long.
 */
export class Authenticator {
  readonly #users: ReadonlyMap<string, PasswordHash>;
  readonly #tokens: readonly string[];
  readonly #attempts: AttemptLimiter;
  readonly #accepted = new Set<string>();
  /** Verdicts that are being reached, so that many scrapes with one password cost one verification. */
  readonly #pending = new Map<string, Promise<boolean>>();
  #turn: Promise<unknown> = Promise.resolve();
  #crypto: typeof Crypto | undefined;
  #key: Buffer | undefined;

  constructor({ users, tokens }: Credentials, attempts: AttemptLimiter = new AttemptLimiter()) {
    this.#users = users;
    this.#tokens = tokens;
    this.#attempts = attempts;
  }

  /** Decides on an `Authorization` header that came from `address`. Without one it is refused, and is no attempt. */
  async decide(authorization: string | undefined, address: string): Promise<Verdict> {
    if (authorization === undefined) return 'refused';
    const crypto = (this.#crypto ??= await import('node:crypto'));
    const presented = this.#digest(crypto, authorization).toString('base64');
    if (this.#accepted.has(presented)) return 'accepted';
    let verdict = this.#pending.get(presented);
    if (verdict === undefined) {
      const retryAfterSeconds = this.#pending.size < MAX_WAITING ? this.#attempts.waitSeconds(address) : 1;
      if (retryAfterSeconds > 0) return { retryAfterSeconds };
      this.#attempts.count(address);
      verdict = this.#verify(crypto, authorization).finally(() => this.#pending.delete(presented));
      this.#pending.set(presented, verdict);
    }
    if (!(await verdict)) return 'refused';
    if (this.#accepted.size < MAX_ACCEPTED) this.#accepted.add(presented);
    return 'accepted';
  }

  async #verify(crypto: typeof Crypto, authorization: string): Promise<boolean> {
    const [, scheme = '', credentials = ''] = /^(\w+) +(\S+) *$/.exec(authorization) ?? [];
    switch (scheme.toLowerCase()) {
      case 'bearer':
        return this.#isToken(crypto, credentials);
      case 'basic':
        return this.#isPassword(credentials);
      default:
        return false;
    }
  }

  #isToken(crypto: typeof Crypto, presented: string): boolean {
    const digest = this.#digest(crypto, presented);
    // Every token is looked at, whichever it is. Digests are equally long, as timingSafeEqual() wants.
    return this.#tokens.filter((token) => crypto.timingSafeEqual(this.#digest(crypto, token), digest)).length > 0;
  }

  async #isPassword(credentials: string): Promise<boolean> {
    const [stranger] = this.#users.values();
    if (stranger === undefined) return false;
    const decoded = Buffer.from(credentials, 'base64').toString();
    const colon = decoded.indexOf(':');
    const hash = colon === -1 ? undefined : this.#users.get(decoded.slice(0, colon));
    const isRight = await this.#inTurn(() => (hash ?? stranger).verify(decoded.slice(colon + 1)));
    return isRight && hash !== undefined;
  }

  /** Runs `verify` when those before it are done. */
  #inTurn(verify: () => Promise<boolean>): Promise<boolean> {
    const result = this.#turn.then(verify);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #digest(crypto: typeof Crypto, text: string): Buffer {
    this.#key ??= crypto.randomBytes(32);
    return crypto.createHmac('sha256', this.#key).update(text).digest();
  }
}
