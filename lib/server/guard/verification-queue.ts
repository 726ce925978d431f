import { clientKey } from './addresses.ts';

/** Verifications that may follow one another at once: about four seconds of one thread, at 200 ms each. */
const BURST = 20;
/** After that one starts every so often, which bounds guesses to two a second. */
const PACE_MILLISECONDS = 500;
/** Passwords that wait at once. */
const MAX_WAITING = 32;
/** How long one waits for its turn. Prometheus waits 10 seconds for an answer by default. */
const MAX_WAIT_MILLISECONDS = 5_000;
/** A password has come back if it is presented again after so long. */
export const RETURN_MILLISECONDS = 1_000;

/** A password that is to be verified. */
interface Candidate {
  /** Stands for the name and the password. */
  readonly key: string;
  /** When it was presented first, if it has come back after it was turned away. */
  readonly returningSince: number | undefined;
  /** How many attempts its address has made lately. */
  readonly attempts: () => number;
  /** Whether whoever presented it waits no longer. */
  readonly isGone: () => boolean;
  readonly verify: () => Promise<boolean>;
}

interface Entry extends Candidate {
  returningSince: number | undefined;
  readonly arrivedAt: number;
  /** Of each who waits for the outcome, whether it has gone. */
  readonly waiters: (() => boolean)[];
  readonly result: Promise<boolean | undefined>;
  readonly resolve: (isRight: boolean | undefined) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Verifies passwords, one at a time and at a bounded pace, and chooses fairly which of those that wait is next.
 *
 * Two rules take turns, so that whoever would keep others out has to beat both at once:
 * - the address with the fewest attempts, the newest first, so that nobody waits until a backlog of guesses is done: guesses
 *   from elsewhere do not delay a client that makes none;
 * - of the passwords that have come back, the one that came first: a guess is rarely worth presenting twice, but a client
 *   with the right password comes back with the same one. (Mail servers call this greylisting.) This admits a client that
 *   shares its address with the guessing, as behind a proxy.
 */
export class VerificationQueue {
  /** By key, in the order of their arrival; without the one that is being verified. */
  readonly #waiting = new Map<string, Entry>();
  readonly #now: () => number;
  #running: Entry | undefined;
  #isTurnOfReturning = false;
  /** When the work done so far would be over at the given pace, in milliseconds. */
  #paidUntil = 0;
  #pause: NodeJS.Timeout | undefined;

  /** `now` gives the time in milliseconds, from any start. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Waits for a password that waits already, or is being verified. Returns undefined if it is neither. */
  join(key: string, isGone: () => boolean): Promise<boolean | undefined> | undefined {
    const entry = this.#running?.key === key ? this.#running : this.#waiting.get(key);
    if (entry === undefined) return undefined;
    entry.waiters.push(isGone);
    if (this.#now() - entry.arrivedAt >= RETURN_MILLISECONDS) entry.returningSince ??= entry.arrivedAt;
    return entry.result;
  }

  /**
   * Adds a password, which must not be there yet. Resolves to whether it is right; to undefined if its turn has not come in time, or it had to make room.
   * Returns undefined if there is no room for it.
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

  /** Drops whoever is gone, else one whose claim is less than that of `candidate`. Returns whether there is room. */
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

  /** Starts the next verification, unless one is running, or the pace allows none yet. */
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

/** Compares two claims to a place: below 0 if `a` has the better one. */
function claim(a: Candidate, b: Candidate): number {
  const [since, other] = [a.returningSince ?? Infinity, b.returningSince ?? Infinity];
  return since === other ? a.attempts() - b.attempts() : since - other;
}

/** Of equals, the one that stands first. */
function best(entries: readonly Entry[], compare: (a: Candidate, b: Candidate) => number): Entry | undefined {
  return entries.reduce<Entry | undefined>(
    (least, entry) => (least && compare(least, entry) <= 0 ? least : entry),
    undefined,
  );
}

/** New passwords that an address may try at once. */
const ATTEMPTS_AT_ONCE = 10;
/** After that, one more for each of these. */
const SECONDS_PER_ATTEMPT = 6;
/** Addresses remembered. Beyond that the oldest is forgotten, and starts again. */
const MAX_ADDRESSES = 1_000;

/**
 * Counts the passwords that an address tries for the first time: ten at once, then ten a minute, are its credit. Attempts
 * are counted before their outcome is known, so that many at once are no way around the limit.
 */
export class AttemptLimiter {
  /** By address, the time at which its attempts are forgotten, in milliseconds; the oldest address first. */
  readonly #forgottenAt = new Map<string, number>();
  readonly #now: () => number;

  /** `now` gives the time in milliseconds, from any start. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many attempts of the address are not forgotten yet. Less means cleaner. */
  attempts(address: string): number {
    const ahead = (this.#forgottenAt.get(clientKey(address)) ?? 0) - this.#now();
    return Math.max(0, Math.ceil(ahead / 1000 / SECONDS_PER_ATTEMPT));
  }

  /** Counts an attempt of the address, if it has one left, and returns whether it had. */
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
