import { type Suffix, type Suffixes, suffixesOf } from './format.ts';
import { escapedText, ownCopy } from './names.ts';
import type { OpenMetrics2Parts } from './openmetrics2-parts.ts';
import type { ParsedFamily, ParsedSample, ParsedType } from './parsed-family.ts';
import { checksOf, type SampleChecks } from './rules/metrics.ts';
import { codesOf, type Scanner } from './scanner.ts';

/** A name that samples of a family can have. */
export interface SampleName {
  readonly name: string;
  /** Undefined if the family's type does not have such samples, which lenient parsing accepts. */
  readonly suffix: Suffix | undefined;
  /** The start of a line with this name, `x_sum` or `{"x.y_sum"`, as character codes. */
  readonly opening: Uint16Array;
}

/** The rules that the type of a family determines. */
interface Settled {
  readonly type: ParsedType;
  readonly sampleNames: readonly SampleName[];
  readonly checks: SampleChecks;
}

/** A family whose lines are being read. */
export interface OpenFamily {
  readonly name: string;
  readonly firstLine: number;
  help: string | undefined;
  unit: string | undefined;
  hasType: boolean;
  /** Undefined before the TYPE line or, without one, the first sample. */
  settled: Settled | undefined;
  /** Whether a second group of its lines has been reported. */
  isSplit: boolean;
  /** The name of the last sample; the next one usually has the same. */
  lastName: SampleName | undefined;
  readonly samples: ParsedSample[];
}

/**
 * Assembles lines into families and checks the rules between families: the lines of each family come in one group,
 * metadata first, and no two families share a sample name.
 *
 * In strict parsing a family is complete when the next one begins, and only its name and type are kept. Lenient parsing
 * accepts lines of a family anywhere, so all families are kept and complete at the end.
 */
export class FamilyAssembly {
  /** The parts of OpenMetrics 2.0, if that is the format. */
  readonly openMetrics2: OpenMetrics2Parts | undefined;
  readonly #scanner: Scanner;
  readonly #suffixes: Suffixes;
  readonly #allSuffixes: readonly Suffix[];
  readonly #types = new Map<string, ParsedType>();
  /** All families, in lenient parsing only. */
  readonly #kept = new Map<string, OpenFamily>();
  #current: OpenFamily | undefined;
  #finished: ParsedFamily | undefined;

  constructor(scanner: Scanner, openMetrics2?: OpenMetrics2Parts) {
    this.openMetrics2 = scanner.format.isOpenMetrics2 === true ? openMetrics2 : undefined;
    this.#scanner = scanner;
    this.#suffixes = suffixesOf(scanner.format);
    this.#allSuffixes = [...new Set(Object.values(this.#suffixes).flat())];
  }

  /** The family of the last line. */
  get current(): OpenFamily | undefined {
    return this.#current;
  }

  /** Whether the last line completed the family before it. */
  get hasFinished(): boolean {
    return this.#finished !== undefined;
  }

  /** Hands out the family that the last line completed. */
  takeFinished(): ParsedFamily | undefined {
    const finished = this.#finished;
    this.#finished = undefined;
    return finished;
  }

  /** Completes the families that are still open, and hands them out. */
  *finish(): Generator<ParsedFamily, void> {
    const last = this.#current;
    const families = this.#scanner.problems === undefined && last !== undefined ? [last] : this.#kept.values();
    for (const family of families) yield this.#parsed(family);
  }

  #parsed(family: OpenFamily): ParsedFamily {
    const { name, help = '', unit = '', samples } = family;
    const { type, checks } = family.settled ?? this.#settle(family, 'unknown', family.firstLine, 1);
    checks.close(this.#scanner);
    return { name, type, help, unit, samples };
  }

  /** The family of a metadata line; `at` is the position of its name. */
  describe(name: string, at: number, keyword: string): OpenFamily {
    const family = this.#current;
    if (family?.name === name) {
      const { length } = family.samples;
      if (length > 0) {
        const expected = `${keyword} of ${name} before its samples`;
        this.#scanner.tolerate(() => this.#scanner.fail(at, expected, 'one after them'));
      }
      return family;
    }
    const isKnown = this.#types.has(name) || this.#kept.has(name);
    return isKnown ? this.#reopen(name, at) : this.#open(name);
  }

  /** Sets the type of a family. */
  setType(family: OpenFamily, type: ParsedType, at: number): void {
    family.hasType = true;
    this.#settle(family, type, this.#scanner.line, at - this.#scanner.lineStart + 1);
  }

  /** The sample name of the current line, which belongs to the current family or opens the next. */
  sampleName(name: string): SampleName {
    const { lineStart, line } = this.#scanner;
    const family = this.#current;
    if (family?.settled === undefined && family?.name === name) this.#settle(family, 'unknown', line, 1);
    const known = family?.settled?.sampleNames.find((sampleName) => sampleName.name === name);
    if (known !== undefined) return known;
    const type = this.#types.get(name);
    // A kept family without a type has had only HELP or UNIT lines so far.
    const owner = this.#ownerOf(name) ?? (type === undefined ? this.#kept.get(name)?.name : undefined);
    if (owner !== undefined) {
      this.#reopen(owner, lineStart);
      return this.sampleName(name);
    }
    if (type !== undefined) {
      const expected = this.#suffixes[type].map((suffix) => name + suffix).join(', ');
      const rule = `samples of the ${type} ${name} to be named ${expected}`;
      this.#scanner.tolerate(() => this.#scanner.fail(lineStart, rule, name));
      this.#current = this.#kept.get(name)!;
      return { ...sampleNameOf(name, ''), suffix: undefined };
    }
    return this.#settle(this.#open(name), 'unknown', line, 1).sampleNames[0]!;
  }

  #open(name: string): OpenFamily {
    const isStrict = this.#scanner.problems === undefined;
    if (isStrict && this.#current !== undefined) this.#finished = this.#parsed(this.#current);
    const family: OpenFamily = {
      name: ownCopy(name),
      firstLine: this.#scanner.line,
      help: undefined,
      unit: undefined,
      hasType: false,
      settled: undefined,
      isSplit: false,
      lastName: undefined,
      samples: [],
    };
    if (!isStrict) this.#kept.set(family.name, family);
    this.#current = family;
    return family;
  }

  #settle(family: OpenFamily, type: ParsedType, line: number, column: number): Settled {
    const { name } = family;
    const sampleNames = this.#suffixes[type].map((suffix) => sampleNameOf(name, suffix));
    for (const sampleName of sampleNames) {
      const owner = this.#ownerOf(sampleName.name);
      if (owner === undefined || owner === name) continue;
      const got = `${sampleName.name} of both ${owner} and ${name}`;
      const rule = 'sample names that belong to one family';
      this.#scanner.tolerate(() => this.#scanner.failInLine(line, column, rule, got));
    }
    this.#types.set(name, type);
    family.lastName = undefined;
    const checks = this.openMetrics2?.checksOf(type, name) ?? checksOf(this.#scanner.format, type, name);
    family.settled = { type, sampleNames, checks };
    return family.settled;
  }

  /** The family that has samples of this name. */
  #ownerOf(sampleName: string): string | undefined {
    for (const suffix of this.#allSuffixes) {
      if (!sampleName.endsWith(suffix)) continue;
      const name = sampleName.slice(0, sampleName.length - suffix.length);
      const type = this.#types.get(name);
      if (type !== undefined && this.#suffixes[type].includes(suffix)) return name;
    }
    return undefined;
  }

  /** Continues a family after another one: a fault, which lenient parsing lists once per family. */
  #reopen(name: string, at: number): OpenFamily {
    const family = this.#kept.get(name);
    if (family?.isSplit !== true) {
      const got = 'a line of it after another family';
      this.#scanner.tolerate(() => this.#scanner.fail(at, `all lines of ${name} in one group`, got));
    }
    family!.isSplit = true;
    this.#current = family;
    return family!;
  }
}

function sampleNameOf(familyName: string, suffix: Suffix): SampleName {
  const name = familyName + suffix;
  const opening = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) ? name : `{"${escapedText(name)}"`;
  return { name, suffix, opening: codesOf(opening) };
}
