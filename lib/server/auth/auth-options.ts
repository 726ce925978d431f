import { describe } from '../../model/names.ts';
import { checkOptions } from '../check-options.ts';
import { kindOf } from '../kind-of.ts';
import { PasswordHash } from './password-hash.ts';

/** Who may ask for what. A request has to carry one of the users' passwords or one of the tokens. */
export interface AuthOptions {
  /**
   * User names with the hashes of their passwords, for basic authentication. `npx @finpilot/metrics hash-password` makes a
   * hash; the password itself is nowhere.
   */
  readonly users?: Readonly<Record<string, string>>;
  /** Bearer tokens, of 16 characters at least. Read them from a file or the environment; do not write them in code. */
  readonly tokens?: readonly string[];
  /** Paths that ask for nothing, such as `['/health', '/ready']` for the probes of Kubernetes. Default: none. */
  readonly openPaths?: readonly string[];
}

/** The same, checked and read. */
export interface Credentials {
  readonly users: ReadonlyMap<string, PasswordHash>;
  readonly tokens: readonly string[];
  readonly openPaths: ReadonlySet<string>;
}

const ACTION = 'Cannot create a metrics server';
const PATHS = ['/metrics', '/health', '/ready', '/', '/page.js', '/page.css'];
// RFC 6750, section 2.1.
const TOKEN = /^[A-Za-z0-9\-._~+/]{16,}=*$/;

/**
 * Reads who may ask for what. Throws a TypeError, RangeError or SyntaxError on what cannot be meant; no message shows a
 * token or a hash.
 */
export function readAuthOptions(options: AuthOptions): Credentials {
  checkOptions(options, ['users', 'tokens', 'openPaths'], 'auth');
  const users = readUsers(options.users ?? {});
  const tokens = readTokens(options.tokens ?? []);
  if (users.size + tokens.length === 0) {
    throw new RangeError(`${ACTION}: expected auth to have a user or a token, got none. Leave auth out to let all in.`);
  }
  return { users, tokens, openPaths: readPaths(options.openPaths ?? []) };
}

function readUsers(given: Readonly<Record<string, string>>): Map<string, PasswordHash> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`${ACTION}: expected auth.users to be an object of names and hashes, got ${kindOf(given)}.`);
  }
  const users = new Map<string, PasswordHash>();
  for (const [name, text] of Object.entries(given)) {
    // RFC 7617, section 2: what is before the first colon is the name.
    if (name.includes(':')) {
      throw new RangeError(`${ACTION}: expected auth.users to have names without a colon, got ${describe(name)}.`);
    }
    users.set(name, PasswordHash.parse(text, `the password of user ${describe(name)}`));
  }
  const costs = new Set([...users.values()].map(({ cost }) => cost));
  if (costs.size > 1) {
    // The time of an answer would tell which user is which, and that a user is none.
    throw new RangeError(
      `${ACTION}: expected the hashes of auth.users to be of one cost, got ${[...costs].join(' and ')}. ` +
        'Hash them again: npx @finpilot/metrics hash-password',
    );
  }
  return users;
}

function readTokens(given: readonly string[]): readonly string[] {
  const expected = `${ACTION}: expected auth.tokens to be an array of texts`;
  if (!Array.isArray(given)) throw new TypeError(`${expected}, got ${kindOf(given)}.`);
  for (const token of given as readonly unknown[]) {
    if (typeof token !== 'string') throw new TypeError(`${expected}, got ${kindOf(token)} in it.`);
    if (TOKEN.test(token)) continue;
    throw new RangeError(
      `${expected} of 16 characters or more, letters, digits and -._~+/, got another. ` +
        'Make one: openssl rand -hex 32',
    );
  }
  return [...given];
}

function readPaths(given: readonly string[]): ReadonlySet<string> {
  const expected = `${ACTION}: expected auth.openPaths to be an array of ${PATHS.join(', ')}`;
  if (!Array.isArray(given)) throw new TypeError(`${expected}, got ${describe(given)}.`);
  for (const path of given) {
    if (!PATHS.includes(path)) throw new RangeError(`${expected}, got ${describe(path)} in it.`);
  }
  return new Set(given);
}
