import type { Family } from '../model/family.ts';
import { seriesNames } from '../model/series-names.ts';
import { warn } from '../model/warning.ts';
import type { FamilyDescription } from './message.ts';
import { MergedFamily } from './merged-family.ts';

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
   * Returns the family that one of this description belongs to, or undefined if it cannot be exposed beside those that
   * are there: of one name, but with another type or other buckets. One that no worker has any more makes way.
   */
  join(description: FamilyDescription): MergedFamily | undefined {
    const { name, type } = description;
    const existing = this.#families.get(name);
    if (existing?.agreesWith(description) === true) return existing;
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
    if (this.#refused.has(name)) return;
    this.#refused.add(name);
    warn(
      'METRICS_NOT_MERGED',
      `Cannot merge metric "${name}" of type ${type} from a worker, so it is missing there: expected the type and buckets ` +
        `that the other workers' have, got others than those of "${owner}". Give it another name, or restart the others.`,
    );
  }
}
