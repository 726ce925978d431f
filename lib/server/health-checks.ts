import { errorText } from '../model/error-text.ts';
import { describe, refuse } from '../model/names.ts';
import { checkSeconds } from './common-options.ts';

/**
 * Checks whether something works. The check fails if it returns `false`, throws, rejects, or does not settle within the
 * timeout. Any other result is ok.
 */
export type HealthCheck = () => boolean | void | Promise<boolean | void>;

/** Options for a check. */
export interface HealthCheckOptions {
  /** The timeout of the check, in seconds; above 0. Default 5. */
  readonly timeoutSeconds?: number;
}

/** The result of one check. */
export interface HealthCheckResult {
  readonly status: 'ok' | 'failing';
  /** Time from the start of the check to its end, or until now if it is still running. */
  readonly durationSeconds: number;
  /** Why the check failed. */
  readonly error?: string;
}

/** The body of `/health` and `/ready`. */
export interface HealthReport {
  /** `ok` if every check is ok, or there are none. */
  readonly status: 'ok' | 'failing';
  readonly checks: Readonly<Record<string, HealthCheckResult>>;
}

/** A check and its current run, if any. */
interface Entry {
  readonly check: HealthCheck;
  readonly timeoutSeconds: number;
  run: Run | undefined;
}

interface Run {
  readonly startedAt: number;
  /** Settles with the check or at its timeout, whichever comes first; `undefined` at the timeout. Never rejects. */
  readonly result: Promise<HealthCheckResult | undefined>;
}

const DEFAULT_TIMEOUT_SECONDS = 5;

/** The named checks of one path. */
export class HealthChecks {
  readonly #entries = new Map<string, Entry>();

  /** Adds a check. Throws if the name is taken. */
  add(name: string, check: HealthCheck, { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }: HealthCheckOptions = {}): void {
    if (typeof name !== 'string') {
      refuse('add a check', 'its name to be a string', name);
    }
    const action = `add check ${describe(name)}`;
    if (typeof check !== 'function') {
      refuse(action, 'a function', check);
    }
    checkSeconds(timeoutSeconds, action, 'timeoutSeconds');
    if (this.#entries.has(name)) {
      throw new RangeError(`Cannot ${action}: expected a new name, got one that is taken. Remove that check first.`);
    }
    this.#entries.set(name, { check, timeoutSeconds, run: undefined });
  }

  /** Removes a check; returns whether there was one. */
  remove(name: string): boolean {
    return this.#entries.delete(name);
  }

  /**
   * Runs all checks concurrently and reports on each, in the order in which they were added. A check that is still
   * running for an earlier report is not started again: this report waits for the same run, until that run's timeout.
   * Never rejects.
   */
  async report(): Promise<HealthReport> {
    const runs = [...this.#entries].map(async ([name, entry]) => [name, await resultOf(entry)] as const);
    const results = await Promise.all(runs);
    return {
      status: results.every(([, { status }]) => status === 'ok') ? 'ok' : 'failing',
      checks: Object.fromEntries(results),
    };
  }
}

async function resultOf(entry: Entry): Promise<HealthCheckResult> {
  const run = (entry.run ??= start(entry));
  const result = await run.result;
  if (result !== undefined) return result;
  const durationSeconds = secondsSince(run.startedAt);
  return {
    status: 'failing',
    durationSeconds,
    error: `Still running after ${durationSeconds.toFixed(1)} s, expected an answer within ${entry.timeoutSeconds} s.`,
  };
}

function start(entry: Entry): Run {
  const startedAt = performance.now();
  const result = new Promise<HealthCheckResult | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), entry.timeoutSeconds * 1000);
    // A check that hangs must not keep the process alive.
    timer.unref();
    void attempt(entry.check, startedAt).then((outcome) => {
      clearTimeout(timer);
      entry.run = undefined;
      resolve(outcome);
    });
  });
  return { startedAt, result };
}

async function attempt(check: HealthCheck, startedAt: number): Promise<HealthCheckResult> {
  try {
    const answer = await check();
    const durationSeconds = secondsSince(startedAt);
    return answer === false
      ? { status: 'failing', durationSeconds, error: 'The check returned false.' }
      : { status: 'ok', durationSeconds };
  } catch (error) {
    return { status: 'failing', durationSeconds: secondsSince(startedAt), error: errorText(error) };
  }
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
