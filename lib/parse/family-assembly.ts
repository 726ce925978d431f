import { codesOf } from './codes-of.ts';
import { FamilyNames } from './family-names.ts';
import { LabelNames } from './label-names.ts';
import { OpenFamily, type SampleName, type Settled } from './open-family.ts';
import type { ParsedFamily, ParsedType } from './parsed-family.ts';
import { checksOf } from './rules/checks-of.ts';
import type { Scanner } from './scanner.ts';
import { suffixesOf, type Suffixes } from './suffixes.ts';
import { escapedText, ownCopy } from './written-text.ts';

/**
 * Puts lines into families, and holds them to the rules between families: one group of lines each, metadata first, and
 * no sample name that two of them have.
 */
export class FamilyAssembly {
  readonly #scanner: Scanner;
  readonly #suffixes: Suffixes;
  readonly #names: FamilyNames;
  readonly #labelNames = new LabelNames();
  #current: OpenFamily | undefined;
  #finished: ParsedFamily | undefined;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
    this.#suffixes = suffixesOf(scanner.format);
    this.#names = new FamilyNames(this.#suffixes);
  }

  /** The family of the last line. */
  get current(): OpenFamily | undefined {
    return this.#current;
  }

  /** Whether the last line has completed the family before it. */
  get hasFinished(): boolean {
    return this.#finished !== undefined;
  }

  /** Gives away the family that the last line has completed. */
  takeFinished(): ParsedFamily | undefined {
    const finished = this.#finished;
    this.#finished = undefined;
    return finished;
  }

  /** Completes the last family. */
  finish(): void {
    const family = this.#current;
    if (family === undefined) return;
    const { type, checks } = family.settled ?? this.#settle(family, 'unknown', family.firstLine, 1);
    checks.close();
    this.#finished = family.parsed(type);
    this.#current = undefined;
  }

  /** The family of a line of metadata that has the family's name at the given position. */
  describe(name: string, at: number, keyword: string): OpenFamily {
    const family = this.#current;
    if (family?.name === name) {
      const { length } = family.samples;
      if (length > 0) this.#scanner.fail(at, `${keyword} of ${name} before its samples`, 'one after them');
      return family;
    }
    if (this.#names.has(name)) this.#failSecondGroup(at, name);
    return this.#open(name);
  }

  /** Takes the type of a family. */
  setType(family: OpenFamily, type: ParsedType, at: number): void {
    family.hasType = true;
    this.#settle(family, type, this.#scanner.line, at - this.#scanner.lineStart + 1);
  }

  /** The family of a sample, whose name is one of the current one's or opens another. */
  sampleName(name: string): SampleName {
    const { lineStart } = this.#scanner;
    const family = this.#current;
    if (family?.settled === undefined && family?.name === name) {
      this.#settle(family, 'unknown', this.#scanner.line, 1);
    }
    const known = family?.settled?.sampleNames.find((sampleName) => sampleName.name === name);
    if (known !== undefined) return known;
    const owner = this.#names.ownerOf(name);
    if (owner !== undefined) this.#failSecondGroup(lineStart, owner);
    if (this.#names.has(name)) this.#failSampleName(name);
    return this.#settle(this.#open(name), 'unknown', this.#scanner.line, 1).sampleNames[0]!;
  }

  #open(name: string): OpenFamily {
    this.finish();
    this.#current = new OpenFamily(ownCopy(name), this.#scanner.line, this.#labelNames);
    return this.#current;
  }

  #settle(family: OpenFamily, type: ParsedType, line: number, column: number): Settled {
    const { name } = family;
    const shared = this.#names.add(name, type);
    if (shared !== undefined) {
      const got = `${shared.sampleName} of both ${shared.owner} and ${name}`;
      this.#scanner.failInLine(line, column, 'sample names that belong to one family', got);
    }
    const sampleNames = this.#suffixes[type].map((suffix) => sampleNameOf(name, suffix));
    const checks = checksOf(this.#scanner.format, type, name, family.labels);
    family.settled = { type, sampleNames, checks };
    return family.settled;
  }

  #failSecondGroup(at: number, name: string): never {
    this.#scanner.fail(at, `all lines of ${name} in one group`, 'a line of it after another family');
  }

  #failSampleName(name: string): never {
    const type = this.#names.typeOf(name)!;
    const expected = this.#suffixes[type].map((suffix) => name + suffix).join(', ');
    this.#scanner.fail(this.#scanner.lineStart, `samples of the ${type} ${name} to be named ${expected}`, name);
  }
}

function sampleNameOf(familyName: string, suffix: SampleName['suffix']): SampleName {
  const name = familyName + suffix;
  const opening = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) ? name : `{"${escapedText(name)}"`;
  return { name, suffix, opening: codesOf(opening) };
}
