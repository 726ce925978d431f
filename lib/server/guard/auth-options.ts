import { describe } from '../../model/names.ts';
import { checkOptions, kindOf } from '../common-options.ts';

/** Authentication: each request must carry a user's password or one of the tokens. */
export interface AuthOptions {
  /**
   * User names and their password hashes, for basic authentication. `npx @finpilot/metrics hash-password` creates a
   * hash; the password itself is never stored.
   */
  readonly users?: Readonly<Record<string, string>>;
  /** Bearer tokens of at least 16 characters. Read them from a file or the environment; do not put them in code. */
  readonly tokens?: readonly string[];
  /** Paths that need no credentials, such as `['/health', '/ready']` for Kubernetes probes. Default: none. */
  readonly openPaths?: readonly string[];
}

/** {@link AuthOptions}, validated and parsed. */
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
 * Validates and parses the options. Throws a TypeError, RangeError or SyntaxError if they are invalid; no message shows
 * a token or a hash.
 */
export function readAuthOptions(options: AuthOptions): Credentials {
  checkOptions(options, ['users', 'tokens', 'openPaths'], 'auth');
  const { users: hashes = {}, tokens: texts = [], openPaths = [] } = options;
  const users = readUsers(hashes);
  const tokens = readTokens(texts);
  if (users.size + tokens.length === 0) {
    throw new RangeError(`${ACTION}: expected auth to have a user or a token, got none. Omit auth to admit everybody.`);
  }
  return { users, tokens, openPaths: readPaths(openPaths) };
}

function readUsers(given: Readonly<Record<string, string>>): Map<string, PasswordHash> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`${ACTION}: expected auth.users to be an object of names and hashes, got ${kindOf(given)}.`);
  }
  const users = new Map<string, PasswordHash>();
  for (const [name, text] of Object.entries(given)) {
    // RFC 7617, section 2: the name ends at the first colon.
    if (name.includes(':')) {
      throw new RangeError(`${ACTION}: expected auth.users to have names without a colon, got ${describe(name)}.`);
    }
    users.set(name, PasswordHash.parse(text, `the password of user ${describe(name)}`));
  }
  const costs = new Set([...users.values()].map(({ cost }) => cost));
  if (costs.size > 1) {
    // Response times would reveal which users exist.
    throw new RangeError(
      `${ACTION}: expected all hashes of auth.users to have the same cost, got ${[...costs].join(' and ')}. ` +
        'Hash them again: npx @finpilot/metrics hash-password',
    );
  }
  return users;
}

function readTokens(given: readonly string[]): readonly string[] {
  const expected = `${ACTION}: expected auth.tokens to be an array of strings`;
  if (!Array.isArray(given)) throw new TypeError(`${expected}, got ${kindOf(given)}.`);
  for (const token of given as readonly unknown[]) {
    if (typeof token !== 'string') throw new TypeError(`${expected}, got ${kindOf(token)} in it.`);
    if (TOKEN.test(token)) continue;
    throw new RangeError(
      `${expected} of at least 16 letters, digits and -._~+/, got an invalid one. Make one: openssl rand -hex 32`,
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

// OWASP, "Password Storage Cheat Sheet": of its equally strong choices, N = 2^14, r = 8, p = 5 needs the least memory,
// 16 MiB. It takes about 200 ms in the thread pool.
const COST = { ln: 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Limit on the memory for one verification, which the text of a hash determines. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

// The string format of the Password Hashing Competition, with unpadded base64.
const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface Cost {
  /** Binary logarithm of scrypt's N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** A salted scrypt hash of a password, stored as `$scrypt$ln=14,r=8,p=5$SALT$HASH`. */
export class PasswordHash {
  readonly #cost: Cost;
  readonly #salt: Buffer;
  readonly #key: Buffer;

  private constructor(cost: Cost, salt: Buffer, key: Buffer) {
    this.#cost = cost;
    this.#salt = salt;
    this.#key = key;
  }

  /** Hashes a password with a new salt. Takes about 200 ms in the thread pool. */
  static async create(password: string): Promise<PasswordHash> {
    const { randomBytes } = process.getBuiltinModule('node:crypto');
    const salt = randomBytes(SALT_BYTES);
    return new PasswordHash(COST, salt, await derive(password, salt, KEY_BYTES, COST));
  }

  /**
   * Reads a stored hash. Throws a TypeError unless it is a string, a SyntaxError unless it has the format, a RangeError
   * if it would need more than 256 MiB. Messages identify the hash by `name` and never show it.
   */
  static parse(text: unknown, name: string): PasswordHash {
    const expected = `Cannot create a metrics server: expected ${name} to be a hash such as $scrypt$ln=14,r=8,p=5$…$…`;
    const remedy = 'Make one: npx @finpilot/metrics hash-password';
    if (typeof text !== 'string') throw new TypeError(`${expected}, got ${describe(text)}. ${remedy}`);
    const [, ln, r, p, salt = '', key = ''] = FORMAT.exec(text) ?? [];
    if (ln === undefined) throw new SyntaxError(`${expected}, got text in another format. ${remedy}`);
    const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
    if (cost.ln < 1 || cost.r < 1 || cost.p < 1 || memoryBytes(cost) > MAX_MEMORY_BYTES) {
      throw new RangeError(`${expected}, got one of ln=${ln},r=${r},p=${p}, which is out of range. ${remedy}`);
    }
    return new PasswordHash(cost, Buffer.from(salt, 'base64'), Buffer.from(key, 'base64'));
  }

  /** The work of one verification: two hashes with the same cost take equally long. */
  get cost(): string {
    return `ln=${this.#cost.ln},r=${this.#cost.r},p=${this.#cost.p}`;
  }

  /** Whether `password` matches. Takes equally long either way, in the thread pool. */
  async verify(password: string): Promise<boolean> {
    const { timingSafeEqual } = process.getBuiltinModule('node:crypto');
    return timingSafeEqual(await derive(password, this.#salt, this.#key.length, this.#cost), this.#key);
  }

  toString(): string {
    return `$scrypt$${this.cost}$${unpadded(this.#salt)}$${unpadded(this.#key)}`;
  }
}

async function derive(password: string, salt: Buffer, length: number, cost: Cost): Promise<Buffer> {
  const { scrypt } = process.getBuiltinModule('node:crypto');
  const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 2 * memoryBytes(cost) };
  return new Promise((resolve, reject) => {
    // Passwords that look the same are the same: RFC 8265, section 4.2.2.
    scrypt(password.normalize('NFC'), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

// RFC 7914, section 2.
function memoryBytes({ ln, r, p }: Cost): number {
  return 128 * r * (2 ** ln + p);
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
