import type { Family } from '../model/family.ts';
import { seriesNames } from '../model/series-names.ts';
import { describe } from '../model/names.ts';
import { warn } from '../model/warning.ts';
import type { FamilyDescription } from './message.ts';
import { MergedFamily } from './merged-family.ts';

/** Metrics of which it is reported that they cannot be merged, so that a worker that makes up names fills no log. */
const MAX_WARNINGS = 100;

/** The families of all workers, by name. */
export class MergedFamilies {
  readonly #areApart: boolean;
  readonly #families = new Map<string, MergedFamily>();
  /** Which family exposes a series name. */
  readonly #owners = new Map<string, string>();
  /** Names whose refusal has been told. */
  readonly #refused = new Set<string>();

  /** `areApart`: whether each series is one worker's. `reserved` are names that no worker's family may have. */
  constructor(areApart: boolean, reserved: readonly string[]) {
    this.#areApart = areApart;
    for (const name of reserved) this.#owners.set(name, name);
  }

  /**
   * Returns the family that one of this description, with all these labels, belongs to. Returns undefined if it cannot be
   * exposed beside the others: the same name with another type or other buckets. A family that no worker has any more
   * makes way.
   */
  join(description: FamilyDescription, labelNames: readonly string[]): MergedFamily | undefined {
    const { name, type } = description;
    const existing = this.#families.get(name);
    if (existing?.agreesWith(description, labelNames) === true) return existing;
    const names = seriesNames(name, type);
    const inTheWay = new Set(names.map((one) => this.#owners.get(one)).filter((owner) => owner !== undefined));
    for (const owner of inTheWay) {
      if (this.#families.get(owner)?.sources === 0) this.#remove(owner);
      else return this.#refuse(description, owner);
    }
    const family = new MergedFamily(description, this.#areApart);
    this.#families.set(name, family);
    for (const one of names) this.#owners.set(one, name);
    return family;
  }

  /** A family that {@link join} refused: it takes what its worker says, and is exposed nowhere. */
  unexposed(description: FamilyDescription): MergedFamily {
    return new MergedFamily(description, this.#areApart);
  }

  /** The families to expose, in the order in which they came. */
  get exposed(): Family[] {
    const exposed: Family[] = [];
    for (const family of this.#families.values()) {
      family.removeInvisible();
      if (family.series.length > 0) {
        if (this.#areApart || family.aggregator !== 'omit') exposed.push(family.live);
      } else if (family.sources === 0) this.#remove(family.name);
    }
    return exposed;
  }

  #remove(name: string): void {
    const family = this.#families.get(name)!;
    this.#families.delete(name);
    for (const one of seriesNames(name, family.type)) this.#owners.delete(one);
  }

  #refuse({ name, type }: FamilyDescription, owner: string): undefined {
    if (this.#refused.has(name) || this.#refused.size >= MAX_WARNINGS) return;
    this.#refused.add(name);
    warn(
      'METRICS_NOT_MERGED',
      `Cannot merge metric ${describe(name)} of type ${type} from a worker, so its values are missing: expected the type, ` +
        `buckets and labels of ${describe(owner)} in the other workers, got others. Rename it, or restart the other workers.`,
    );
  }
}
