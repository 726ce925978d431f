import { clientKey } from './addresses.ts';

/** Verifications that may run back to back: about four seconds of one thread, at 200 ms each. */
const BURST = 20;
/** After a burst, the interval between verifications, which limits guesses to two a second. */
const PACE_MILLISECONDS = 500;
/** Capacity of the queue. */
const MAX_WAITING = 32;
/** How long a password waits for its turn. Prometheus waits 10 seconds for an answer by default. */
const MAX_WAIT_MILLISECONDS = 5_000;
/** A password counts as returning if it is presented again after at least this long. */
export const RETURN_MILLISECONDS = 1_000;

/** A password to verify. */
interface Candidate {
  /** Identifies the name and the password. */
  readonly key: string;
  /** When it was first presented, if it is back after having been turned away. */
  readonly returningSince: number | undefined;
  /** How many recent attempts its address has made. */
  readonly attempts: () => number;
  /** Whether the client that presented it has disconnected. */
  readonly isGone: () => boolean;
  readonly verify: () => Promise<boolean>;
}

interface Entry extends Candidate {
  returningSince: number | undefined;
  readonly arrivedAt: number;
  /** For each client that waits for the result, whether it has disconnected. */
  readonly waiters: (() => boolean)[];
  readonly result: Promise<boolean | undefined>;
  readonly resolve: (isRight: boolean | undefined) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Verifies passwords one at a time, at a limited rate, and picks the next one fairly.
 *
 * Two rules alternate, so an attacker who wants to lock others out has to defeat both:
 * - the address with the fewest attempts goes first, the newest first among equals. Guesses from elsewhere then do not
 *   delay a client that makes none, however long their backlog.
 * - of the returning passwords, the one that was presented first goes first. A guess is rarely worth presenting twice,
 *   but a client with the right password retries the same one. (Mail servers call this greylisting.) This admits a
 *   client that shares its address with an attacker, as behind a proxy.
 */
export class VerificationQueue {
  /** By key, in order of arrival; excludes the one that is being verified. */
  readonly #waiting = new Map<string, Entry>();
  readonly #now: () => number;
  #running: Entry | undefined;
  #isTurnOfReturning = false;
  /** When the verifications started so far would have ended at the limited rate, in milliseconds. */
  #paidUntil = 0;
  #pause: NodeJS.Timeout | undefined;

  /** `now` returns monotonic time in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Joins the wait for a password that is queued or being verified. Returns undefined if it is neither. */
  join(key: string, isGone: () => boolean): Promise<boolean | undefined> | undefined {
    const entry = this.#running?.key === key ? this.#running : this.#waiting.get(key);
    if (entry === undefined) return undefined;
    entry.waiters.push(isGone);
    if (this.#now() - entry.arrivedAt >= RETURN_MILLISECONDS) entry.returningSince ??= entry.arrivedAt;
    return entry.result;
  }

  /**
   * Adds a password, which must not be there yet. Resolves to whether it is right; to undefined if its turn has not
   * come in time, or it had to make room. Returns undefined if there is no room for it.
   */
  add(candidate: Candidate): Promise<boolean | undefined> | undefined {
    if (this.#waiting.size >= MAX_WAITING && !this.#makeRoom(candidate)) return undefined;
    let resolve!: Entry['resolve'];
    let reject!: Entry['reject'];
    const result = new Promise<boolean | undefined>((onResult, onError) => {
      resolve = onResult;
      reject = onError;
    });
    const timer = setTimeout(() => this.#drop(candidate.key), MAX_WAIT_MILLISECONDS).unref();
    const waiters = [candidate.isGone];
    this.#waiting.set(candidate.key, { ...candidate, arrivedAt: this.#now(), waiters, result, resolve, reject, timer });
    this.#next();
    return result;
  }

  /** Drops disconnected clients, else an entry with a weaker claim than `candidate`. Returns whether there is room. */
  #makeRoom(candidate: Candidate): boolean {
    this.#dropGone();
    if (this.#waiting.size < MAX_WAITING) return true;
    const least = [...this.#waiting.values()].reduce((worst, entry) => (claim(entry, worst) >= 0 ? entry : worst));
    if (claim(candidate, least) >= 0) return false;
    this.#drop(least.key);
    return true;
  }

  #dropGone(): void {
    for (const { key, waiters } of this.#waiting.values()) if (waiters.every((isGone) => isGone())) this.#drop(key);
  }

  #drop(key: string): void {
    const entry = this.#waiting.get(key);
    if (entry === undefined) return;
    this.#waiting.delete(key);
    clearTimeout(entry.timer);
    entry.resolve(undefined);
  }

  /** Starts the next verification, unless one is running or the rate limit does not allow one yet. */
  #next(): void {
    if (this.#running !== undefined || this.#pause !== undefined || this.#waiting.size === 0) return;
    const now = this.#now();
    const wait = this.#paidUntil - now - (BURST - 1) * PACE_MILLISECONDS;
    if (wait > 0) {
      const resume = (): void => {
        this.#pause = undefined;
        this.#next();
      };
      this.#pause = setTimeout(resume, wait).unref();
      return;
    }
    const entry = this.#choose();
    if (entry === undefined) return;
    this.#paidUntil = Math.max(this.#paidUntil, now) + PACE_MILLISECONDS;
    this.#waiting.delete(entry.key);
    clearTimeout(entry.timer);
    this.#running = entry;
    const end = (): void => {
      this.#running = undefined;
      this.#next();
    };
    entry.verify().then(entry.resolve, entry.reject).then(end);
  }

  #choose(): Entry | undefined {
    this.#dropGone();
    const waiting = [...this.#waiting.values()];
    const returning = waiting.filter(({ returningSince }) => returningSince !== undefined);
    this.#isTurnOfReturning = !this.#isTurnOfReturning;
    if (this.#isTurnOfReturning && returning.length > 0) return best(returning, claim);
    return best(waiting.reverse(), (a, b) => a.attempts() - b.attempts());
  }
}

/** Compares two claims to a place in the queue: negative if `a` has the stronger one. */
function claim(a: Candidate, b: Candidate): number {
  const [since, other] = [a.returningSince ?? Infinity, b.returningSince ?? Infinity];
  return since === other ? a.attempts() - b.attempts() : since - other;
}

/** Returns the least entry; the first among equals. */
function best(entries: readonly Entry[], compare: (a: Candidate, b: Candidate) => number): Entry | undefined {
  return entries.reduce<Entry | undefined>(
    (least, entry) => (least && compare(least, entry) <= 0 ? least : entry),
    undefined,
  );
}

/** New passwords that an address may try in a burst. */
const ATTEMPTS_AT_ONCE = 10;
/** After a burst, the interval between further attempts. */
const SECONDS_PER_ATTEMPT = 6;
/** How many addresses are tracked. Beyond that the oldest is forgotten and starts again. */
const MAX_ADDRESSES = 1_000;

/**
 * Rate limits the new passwords that an address tries: a burst of ten, then ten a minute. Attempts count before their
 * outcome is known, so concurrent attempts cannot get around the limit.
 */
export class AttemptLimiter {
  /** When the attempts of each address will be forgotten, in milliseconds; the oldest address first. */
  readonly #forgottenAt = new Map<string, number>();
  readonly #now: () => number;

  /** `now` returns monotonic time in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many attempts of the address are still remembered. */
  attempts(address: string): number {
    const ahead = (this.#forgottenAt.get(clientKey(address)) ?? 0) - this.#now();
    return Math.max(0, Math.ceil(ahead / 1000 / SECONDS_PER_ATTEMPT));
  }

  /** Counts an attempt unless the address has reached its limit; returns whether it was counted. */
  tryCount(address: string): boolean {
    if (this.attempts(address) >= ATTEMPTS_AT_ONCE) return false;
    const key = clientKey(address);
    const forgottenAt = Math.max(this.#forgottenAt.get(key) ?? 0, this.#now()) + SECONDS_PER_ATTEMPT * 1000;
    this.#forgottenAt.delete(key);
    this.#forgottenAt.set(key, forgottenAt);
    if (this.#forgottenAt.size > MAX_ADDRESSES) {
      const [oldest] = this.#forgottenAt.keys();
      this.#forgottenAt.delete(oldest!);
    }
    return true;
  }
}
