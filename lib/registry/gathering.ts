import type { CollectedFamily, Collector } from '../model/collector.ts';
import { errorText } from '../model/error-text.ts';
import type { Family } from '../model/family.ts';
import { loadModule } from '../model/load-module.ts';
import { seriesNames } from '../model/names.ts';
import { isThenable, MAX_TIMER_MILLISECONDS } from '../model/promises.ts';
import type { CollectedContext, familyOfCollected } from './collected-family.ts';
import { CollectorRun, type Outcome } from './collector-run.ts';
import type { NameOwners } from './name-owners.ts';
import { readFamily, runOf } from './read-family.ts';
import type { ConstantLabels, RegisteredFamily } from './registered-family.ts';
import { selfFamilies } from './self-families.ts';

/** How long one scrape waits. */
interface Patience {
  readonly seconds: number;
  /** Whether a collector that outlasts it counts as hung, so that later scrapes do not wait for it. */
  readonly isFull: boolean;
  /** Whether the process stays alive meanwhile. */
  readonly keepAlive: boolean;
}

/** A custom collector and the registry that it joined first, whose prefix and labels its families get. */
export interface RegisteredCollector {
  readonly collector: Collector;
  readonly name: string;
  readonly context: () => CollectedContext;
  /** Set by the first scrape. Registries that were merged share it. */
  run: CollectorRun<Family[]> | undefined;
}

/** What one scrape takes from a gathering. */
interface Gathered {
  /** The families that are ready, in the order of registration. */
  readonly families: readonly Family[];
  /** The failure of the first collector that is not ready. */
  readonly failure: Error | undefined;
}

/** Reads what custom collectors return. Loaded for registries that have one: others save its memory. */
let readCollected: typeof familyOfCollected | undefined;

/** Loads what {@link Gathering} needs for custom collectors. */
export async function loadReader(): Promise<void> {
  readCollected ??= (await loadModule(() => import('./collected-family.ts'), 'familyOfCollected')).familyOfCollected;
}

/**
 * One run of all collectors of a registry, shared by the scrapes that come while it is under way. Each waits for as long as
 * its own patience lasts, and takes what is ready by then.
 */
export class Gathering {
  /** Settles when all runs have begun. */
  readonly begun: Promise<void>;
  readonly #startedAt = performance.now();
  #families: readonly RegisteredFamily[] = [];
  #collectors: readonly RegisteredCollector[] = [];
  /** Of the runs that have begun; undefined while they have not ended. */
  readonly #outcomes = new Map<CollectorRun<unknown>, Outcome<unknown> | undefined>();
  /** Called when the last run has ended. */
  readonly #waiting = new Set<() => void>();
  #pending = 0;
  #isGivenUp = false;
  /** Scrapes that have joined and not left. */
  #scrapes = 0;

  /** Begins in a microtask: a collector that scrapes its own registry then joins this run instead of starting another. */
  constructor(families: ReadonlyMap<unknown, RegisteredFamily>, collectors: ReadonlyMap<unknown, RegisteredCollector>) {
    this.begun = Promise.resolve().then(async () => {
      if (collectors.size > 0) await loadReader();
      this.#begin([...families.values()], [...collectors.values()]);
    });
  }

  /** Begins all runs at once, so that a scrape waits for the slowest of them and not for their sum. */
  #begin(families: readonly RegisteredFamily[], collectors: readonly RegisteredCollector[]): void {
    this.#families = families;
    this.#collectors = collectors;
    for (const family of families) {
      if (family.hasCollect) runOf(family);
      if (family.run !== undefined) this.#start(family.run);
    }
    for (const collector of collectors) this.#start((collector.run ??= collectorRun(collector)));
  }

  #start(run: CollectorRun<unknown>): void {
    const outcome = run.start();
    if (!(outcome instanceof Promise)) {
      this.#outcomes.set(run, outcome);
      return;
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
      const timer = setTimeout(end, Math.min(seconds * 1000, MAX_TIMER_MILLISECONDS));
      if (!keepAlive) (timer as { unref?: () => void }).unref?.();
      this.#waiting.add(end);
    });
  }

  /**
   * Returns what is ready for a scrape that has waited. `owners` and `constantLabels` are those of the registry: a collector
   * may not return the series of another metric.
   */
  take(patience: Patience, owners: NameOwners, constantLabels: ConstantLabels): Gathered {
    const families: Family[] = [];
    let failure: Error | undefined;
    const add = (name: string, outcome: Outcome<readonly Family[]>): void => {
      if (outcome.ok) families.push(...outcome.result);
      else failure ??= new Error(`Collector "${name}" failed: ${errorText(outcome.error)}`, { cause: outcome.error });
    };
    for (const family of this.#families) {
      const outcome = family.run === undefined ? readFamily(family) : this.#outcomeOf(family.run, patience);
      if (!outcome.ok) add(family.name, outcome);
      else if (!isList(outcome.result)) families.push(outcome.result);
      else add(family.name, withFreeNames(outcome.result, family, family.run!, owners));
    }
    for (const { collector, name, run } of this.#collectors) {
      const outcome = this.#outcomeOf(run!, patience);
      add(name, outcome.ok ? withFreeNames(outcome.result, collector, run!, owners) : outcome);
    }
    families.push(...selfFamilies(this.#families, this.#collectors, constantLabels));
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

function collectorRun({ collector, name, context }: RegisteredCollector): CollectorRun<Family[]> {
  // Checked and copied as soon as the collector has returned: what it returned may be live.
  const read = (collected: Iterable<CollectedFamily>): Family[] => {
    const current = context();
    const families: Family[] = [];
    for (const one of collected) families.push(readCollected!(one, current));
    return families;
  };
  return new CollectorRun(name, () => {
    const collected = collector.collect();
    return isThenable(collected) ? Promise.resolve(collected).then(read) : read(collected);
  });
}

/** Whether a metric has returned its families, instead of being read as one. */
function isList(result: Family | readonly Family[]): result is readonly Family[] {
  return Array.isArray(result);
}

/** Returns what a collector or a metric returned, all of it or, if the name of a series is taken, a failure. */
function withFreeNames(
  families: readonly Family[],
  claimant: object,
  run: CollectorRun<unknown>,
  owners: NameOwners,
): Outcome<readonly Family[]> {
  const names = families.flatMap(({ name, type }) => seriesNames(name, type));
  const clash = owners.clash(claimant, names);
  if (clash !== undefined) return run.fail(new RangeError(`its series "${clash.name}" is a series of ${clash.text}`));
  owners.learn(claimant, names);
  return { ok: true, result: families };
}
