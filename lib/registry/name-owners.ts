import type { Collector } from '../model/collector.ts';
import { checkMetricName, describe, type NameValidationScheme, refuse, seriesNames } from '../model/names.ts';

/** Names that every registry keeps for its metrics about itself. */
export const OVERFLOWED_UPDATES = 'metrics_client_overflowed_updates_total';
export const COLLECTOR_FAILURES = 'metrics_client_collector_failures_total';

/** The names of one metric, or of one collector. */
interface Claim {
  /** What messages call it, such as `metric "x"`. */
  readonly text: string;
  /** Held until it leaves the registry. */
  readonly declared: readonly string[];
  /** Of a collector, what it returned the last time besides. */
  returned: readonly string[];
}

/** Tells which metric or collector of a registry exposes a series of a given name: each name belongs to one of them. */
export class NameOwners {
  readonly #claims = new Map<object, Claim>();
  readonly #owners = new Map<string, Claim>();

  constructor() {
    this.clear();
  }

  /** Returns the name that is taken already, and by whom; undefined if `names` are free for `claimant`, and distinct. */
  clash(claimant: object, names: readonly string[]): { readonly name: string; readonly text: string } | undefined {
    const own = this.#claims.get(claimant);
    const seen = new Set<string>();
    for (const name of names) {
      const owner = seen.has(name) ? (own ?? { text: 'the same collector' }) : this.#owners.get(name);
      if (owner !== undefined && (owner !== own || seen.has(name))) return { name, text: owner.text };
      seen.add(name);
    }
    return undefined;
  }

  /**
   * Gives names to a metric or collector until it is released. Throws a RangeError if one of them is taken; then nothing
   * has changed.
   *
   * @param text What messages call the claimant, such as `metric "x"`.
   */
  claim(claimant: object, text: string, names: readonly string[]): void {
    const clash = this.clash(claimant, names);
    if (clash !== undefined) {
      throw new RangeError(
        `Cannot register ${text}: ` +
          (clash.text === text && text.startsWith('metric')
            ? `expected a free name, got one that is taken: A metric with the name ${clash.name} has already been registered. ` +
              'Create it once, or pass ifExists: "reuse".'
            : `expected free names for its series, got "${clash.name}", which is a series of ${clash.text}. Rename one of them.`),
      );
    }
    this.#claim(claimant, text, names);
  }

  /** The names that were declared by a metric or collector. */
  declaredBy(claimant: object): readonly string[] {
    return this.#claims.get(claimant)?.declared ?? [];
  }

  /**
   * Takes note of the free names that a collector has returned, instead of those that it returned before: so that a metric
   * is refused when it is created, where it would cost the collector every scrape from then on.
   */
  learn(collector: object, names: readonly string[]): void {
    const claim = this.#claims.get(collector);
    if (claim === undefined) return; // removed meanwhile
    const { returned, declared } = claim;
    if (returned.length === names.length && returned.every((name, i) => name === names[i])) return;
    for (const name of returned) if (!declared.includes(name)) this.#owners.delete(name);
    for (const name of names) this.#owners.set(name, claim);
    claim.returned = names;
  }

  /** Frees the names of a metric or collector. */
  release(claimant: object): void {
    const claim = this.#claims.get(claimant);
    if (claim === undefined) return;
    this.#claims.delete(claimant);
    for (const name of [...claim.declared, ...claim.returned]) this.#owners.delete(name);
  }

  /** Frees all names but those that every registry keeps for itself. */
  clear(): void {
    this.#claims.clear();
    this.#owners.clear();
    this.#claim(this, 'the registry itself', [OVERFLOWED_UPDATES, COLLECTOR_FAILURES]);
  }

  #claim(claimant: object, text: string, names: readonly string[]): void {
    const claim = { text, declared: names, returned: [] };
    this.#claims.set(claimant, claim);
    for (const name of names) this.#owners.set(name, claim);
  }
}

/** Returns the names of all series that a collector says it may return, as its registry exposes them. Throws on a bad name. */
export function declaredNames(
  { name, families = [] }: Collector,
  prefix: string,
  scheme: NameValidationScheme,
): readonly string[] {
  if (!Array.isArray(families)) {
    refuse(`register collector ${describe(name)}`, 'families as an array', families);
  }
  return families.flatMap((family: Partial<NonNullable<Collector['families']>[number]> | undefined) => {
    checkMetricName(family?.name, scheme);
    return seriesNames(prefix + family?.name, family?.type ?? 'unknown');
  });
}
