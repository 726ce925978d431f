import type { Collector } from '../model/collector.ts';
import { errorText } from '../model/error-text.ts';
import type { Family } from '../model/family.ts';
import type { CollectorRun, Outcome } from './collector-run.ts';
import type { RegisteredFamily } from './registered-family.ts';

/** The longest delay that a timer takes, 24.8 days; beyond it Node fires at once. */
const LONGEST_DELAY_MILLISECONDS = 2 ** 31 - 1;

/** How long one scrape waits. */
export interface Patience {
  readonly seconds: number;
  /** Whether a collector that outlasts it counts as hung, so that later scrapes do not wait for it. */
  readonly isFull: boolean;
  /** Whether the process stays alive meanwhile. */
  readonly keepAlive: boolean;
}

type Registered = readonly [Collector, CollectorRun<Family[]>];

/** Returns what a collector collected, or a failure if its names are taken. */
type Check = (families: readonly Family[], ...registered: Registered) => Outcome<readonly Family[]>;

/**
 * One run of all collectors of a registry, shared by the scrapes that come while it is under way. Each waits for as long as
 * its own patience lasts, and takes what is ready by then.
 */
export class Gathering {
  /** Settles when all runs have begun. */
  readonly begun: Promise<void>;
  readonly #startedAt = performance.now();
  #families: readonly RegisteredFamily[] = [];
  #collectors: readonly Registered[] = [];
  /** Of the runs that have begun; undefined while they have not ended. */
  readonly #outcomes = new Map<CollectorRun<unknown>, Outcome<unknown> | undefined>();
  /** Called when the last run has ended. */
  readonly #waiting = new Set<() => void>();
  #pending = 0;
  #isGivenUp = false;
  /** Scrapes that have joined and not left. */
  #scrapes = 0;

  /** `begin` is called in a microtask, and calls {@link begin}. */
  constructor(begin: (gathering: Gathering) => Promise<void>) {
    this.begun = Promise.resolve(this).then(begin);
  }

  /** Begins all runs at once, so that a scrape waits for the slowest of them and not for their sum. */
  begin(families: readonly RegisteredFamily[], collectors: readonly Registered[]): void {
    this.#families = families;
    this.#collectors = collectors;
    for (const run of this.runs()) {
      const outcome = run.start();
      if (!(outcome instanceof Promise)) {
        this.#outcomes.set(run, outcome);
        continue;
      }
      this.#outcomes.set(run, undefined);
      this.#pending++;
      // Never rejects, as start() promises.
      void outcome.then((settled) => {
        this.#outcomes.set(run, settled);
        this.#pending--;
        if (this.#pending === 0) for (const wake of this.#waiting) wake();
      });
    }
  }

  /** The metrics that were registered at the beginning. */
  get families(): readonly RegisteredFamily[] {
    return this.#families;
  }

  /** The runs of metrics that have a `collect`, and of collectors. */
  *runs(): Generator<CollectorRun<unknown>> {
    for (const { run } of this.#families) if (run !== undefined) yield run;
    for (const [, run] of this.#collectors) yield run;
  }

  /** Whether a new scrape may join: what synchronous collectors returned is not older than `maxSeconds`. */
  isJoinable(maxSeconds: number): boolean {
    return !this.#isGivenUp && performance.now() - this.#startedAt < maxSeconds * 1000;
  }

  /** Counts a scrape that joins. */
  join(): this {
    this.#scrapes++;
    return this;
  }

  /** Counts a scrape that is done; returns whether it was the last one. */
  leave(): boolean {
    this.#scrapes--;
    return this.#scrapes === 0;
  }

  /** Whether every run has ended. */
  get isSettled(): boolean {
    return this.#pending === 0;
  }

  /** Resolves when every run has ended, or when the patience has. */
  settled({ seconds, keepAlive }: Patience): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting.delete(end);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, Math.min(seconds * 1000, LONGEST_DELAY_MILLISECONDS));
      if (!keepAlive) (timer as { unref?: () => void }).unref?.();
      this.#waiting.add(end);
    });
  }

  /** Returns the families that are ready, in their order, and the failure of the first collector that is not. */
  take(
    patience: Patience,
    check: Check,
  ): { readonly families: readonly Family[]; readonly failure: Error | undefined } {
    const families: Family[] = [];
    let failure: Error | undefined;
    const fail = (name: string, error: unknown): void => {
      failure ??= new Error(`Collector "${name}" failed: ${errorText(error)}`, { cause: error });
    };
    for (const family of this.#families) {
      const outcome = family.run === undefined ? family.read() : this.#outcomeOf(family.run, patience);
      if (outcome.ok) families.push(outcome.result);
      else fail(family.name, outcome.error);
    }
    for (const [collector, run] of this.#collectors) {
      const collected = this.#outcomeOf(run, patience);
      const outcome = collected.ok ? check(collected.result, collector, run) : collected;
      if (outcome.ok) families.push(...outcome.result);
      else fail(run.name, outcome.error);
    }
    return { families, failure };
  }

  #outcomeOf<T>(run: CollectorRun<T>, { seconds, isFull }: Patience): Outcome<T> {
    const outcome = this.#outcomes.get(run) as Outcome<T> | undefined;
    if (outcome !== undefined) return outcome;
    if (!this.#outcomes.has(run)) {
      // A metric that could not be read by a scrape before this one is collected from then on.
      const begun = run.start();
      return begun instanceof Promise ? run.giveUp(0, false) : begun;
    }
    this.#isGivenUp ||= isFull;
    return run.giveUp(seconds, isFull);
  }
}
