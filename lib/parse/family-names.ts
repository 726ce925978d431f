import type { ParsedType } from './parsed-family.ts';
import type { Suffix, Suffixes } from './suffixes.ts';

/** A sample name that two families have. */
export interface SharedName {
  readonly sampleName: string;
  /** The one that had it first. */
  readonly owner: string;
}

/** The families of an exposition so far: nothing but the name and type of each is kept once it has been given away. */
export class FamilyNames {
  readonly #suffixes: Suffixes;
  readonly #allSuffixes: readonly Suffix[];
  readonly #types = new Map<string, ParsedType>();

  constructor(suffixes: Suffixes) {
    this.#suffixes = suffixes;
    this.#allSuffixes = [...new Set(Object.values(suffixes).flat())];
  }

  /** Whether a family has this name. */
  has(name: string): boolean {
    return this.#types.has(name);
  }

  /** The type of a family. */
  typeOf(name: string): ParsedType | undefined {
    return this.#types.get(name);
  }

  /** The family that a sample of this name belongs to, or would. */
  ownerOf(sampleName: string): string | undefined {
    for (const suffix of this.#allSuffixes) {
      if (!sampleName.endsWith(suffix)) continue;
      const name = sampleName.slice(0, sampleName.length - suffix.length);
      const type = this.#types.get(name);
      if (type !== undefined && this.#suffixes[type].includes(suffix)) return name;
    }
    return undefined;
  }

  /** Takes a family whose type is known; unless it has a sample name that another one has too, which is returned. */
  add(name: string, type: ParsedType): SharedName | undefined {
    for (const suffix of this.#suffixes[type]) {
      const sampleName = name + suffix;
      const owner = this.ownerOf(sampleName);
      if (owner !== undefined) return { sampleName, owner };
    }
    this.#types.set(name, type);
    return undefined;
  }
}
