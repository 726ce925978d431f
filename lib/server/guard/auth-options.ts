import { describe } from '../../model/names.ts';
import { checkOptions, kindOf } from '../shared-options.ts';

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

// OWASP, "Password Storage Cheat Sheet": N = 2^14, r = 8, p = 5 is as strong as its other choices, and needs the least
// memory, 16 MiB, for some 200 ms on a thread of its own.
const COST = { ln: 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Memory that a verification may take: what a hash asks for comes from its text. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

// The string format of the Password Hashing Competition, with base64 without padding.
const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface Cost {
  /** Binary logarithm of scrypt's N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** A password as it is stored: `$scrypt$ln=14,r=8,p=5$SALT$HASH`, from which nobody gets the password back. */
export class PasswordHash {
  readonly #cost: Cost;
  readonly #salt: Buffer;
  readonly #key: Buffer;

  private constructor(cost: Cost, salt: Buffer, key: Buffer) {
    this.#cost = cost;
    this.#salt = salt;
    this.#key = key;
  }

  /** Hashes a password with a new salt. Takes some 200 ms, not of the event loop. */
  static async create(password: string): Promise<PasswordHash> {
    const { randomBytes } = await import('node:crypto');
    const salt = randomBytes(SALT_BYTES);
    return new PasswordHash(COST, salt, await derive(password, salt, KEY_BYTES, COST));
  }

  /**
   * Reads a stored hash. Throws a TypeError unless it is a string, a SyntaxError unless it has the format, a RangeError
   * if it would need more than 256 MiB. The messages do not show it: `name` says which it is.
   */
  static parse(text: unknown, name: string): PasswordHash {
    const expected = `Cannot create a metrics server: expected ${name} to be a hash such as $scrypt$ln=14,r=8,p=5$…$…`;
    const remedy = 'Make one: npx @finpilot/metrics hash-password';
    if (typeof text !== 'string') throw new TypeError(`${expected}, got ${describe(text)}. ${remedy}`);
    const [, ln, r, p, salt = '', key = ''] = FORMAT.exec(text) ?? [];
    if (ln === undefined) throw new SyntaxError(`${expected}, got another text. ${remedy}`);
    const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
    if (cost.ln < 1 || cost.r < 1 || cost.p < 1 || memoryBytes(cost) > MAX_MEMORY_BYTES) {
      throw new RangeError(`${expected}, got one of ln=${ln},r=${r},p=${p}, which is out of range. ${remedy}`);
    }
    return new PasswordHash(cost, Buffer.from(salt, 'base64'), Buffer.from(key, 'base64'));
  }

  /** How much work a verification is: two hashes of the same cost take equally long. */
  get cost(): string {
    return `ln=${this.#cost.ln},r=${this.#cost.r},p=${this.#cost.p}`;
  }

  /** Whether `password` is the one. Takes as long either way, not of the event loop. */
  async verify(password: string): Promise<boolean> {
    const { timingSafeEqual } = await import('node:crypto');
    return timingSafeEqual(await derive(password, this.#salt, this.#key.length, this.#cost), this.#key);
  }

  toString(): string {
    return `$scrypt$${this.cost}$${unpadded(this.#salt)}$${unpadded(this.#key)}`;
  }
}

async function derive(password: string, salt: Buffer, length: number, cost: Cost): Promise<Buffer> {
  const { scrypt } = await import('node:crypto');
  const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 2 * memoryBytes(cost) };
  return new Promise((resolve, reject) => {
    // One spelling for passwords that look the same: RFC 8265, section 4.2.2.
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
