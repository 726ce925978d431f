import { checkFamily } from './check-family.ts';
import type { ParsedFamily, ParsedSample, ParsedType } from './parsed-family.ts';
import { refusal } from './refusal.ts';
import { seriesKey } from './series-key.ts';

/** A family whose lines are still arriving. */
interface OpenFamily {
  readonly name: string;
  type: ParsedType;
  help: string;
  readonly samples: ParsedSample[];
  /** The line of each sample, at the same index. */
  readonly sampleLines: number[];
  readonly seriesKeys: Set<string>;
  hasType: boolean;
  hasHelp: boolean;
  /** A blank line came after it: nothing of this family may follow. */
  isEnded: boolean;
}

/** The sample names that a family of each type takes, as suffixes of its name. */
const OWNED_SUFFIXES: Readonly<Record<ParsedType, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  untyped: [''],
  summary: ['', '_sum', '_count'],
  histogram: ['', '_bucket', '_sum', '_count'],
};

/**
 * Puts the lines of an exposition, given one after the other, into families, and holds them to the rules between lines:
 * one group per family, HELP and TYPE once and first, no name shared by two families, each series once.
 *
 * A finished family is then held to the rules of its type by `checkFamily`.
 */
export class FamilySequence {
  readonly #families: ParsedFamily[] = [];
  readonly #byName = new Map<string, OpenFamily>();
  /** The family that each sample name belongs to. */
  readonly #owners = new Map<string, OpenFamily>();
  #current: OpenFamily | undefined;
  #lastWasBlank = false;

  /** A HELP line; `help` is unescaped. */
  addHelp(name: string, help: string, line: number): void {
    if (this.#byName.get(name)?.hasHelp) throw refusal(line, `one HELP line for ${name}`, 'a second');
    const family = this.#continueOrOpen(name, this.#byName.get(name), line);
    if (family.samples.length > 0) throw refusal(line, `HELP of ${name} before its samples`, 'after them');
    family.hasHelp = true;
    family.help = help;
  }

  /** A TYPE line. */
  addType(name: string, type: ParsedType, line: number): void {
    if (this.#byName.get(name)?.hasType) throw refusal(line, `one TYPE line for ${name}`, 'a second');
    const family = this.#continueOrOpen(name, this.#byName.get(name), line);
    if (family.samples.length > 0) throw refusal(line, `TYPE of ${name} before its samples`, 'after them');
    family.hasType = true;
    family.type = type;
    for (const suffix of OWNED_SUFFIXES[type]) this.#own(name + suffix, family, line);
  }

  /** A sample line; it belongs to the family whose type claims its name, or opens an untyped one. */
  addSample(sample: ParsedSample, line: number): void {
    const family = this.#continueOrOpen(sample.name, this.#owners.get(sample.name), line);
    const key = `${sample.name} ${seriesKey(sample.labels)}`;
    if (family.seriesKeys.has(key)) throw refusal(line, 'each series once', key);
    family.seriesKeys.add(key);
    family.samples.push(sample);
    family.sampleLines.push(line);
  }

  /** A blank line, which ends the current family. */
  addBlankLine(line: number): void {
    if (this.#current === undefined || this.#lastWasBlank) {
      throw refusal(line, 'a blank line only between two families', 'one that follows no family');
    }
    this.#current.isEnded = true;
    this.#lastWasBlank = true;
  }

  /** Ends the exposition after its last line and returns the families in the order of the text. */
  finish(lastLine: number): ParsedFamily[] {
    if (this.#lastWasBlank) throw refusal(lastLine, 'a blank line only between two families', 'one at the end');
    this.#closeCurrent();
    return this.#families;
  }

  #continueOrOpen(name: string, known: OpenFamily | undefined, line: number): OpenFamily {
    this.#lastWasBlank = false;
    if (known === undefined) return this.#open(name, line);
    if (known !== this.#current) throw refusal(line, `all lines of ${known.name} in one group`, `${name} further down`);
    if (known.isEnded) throw refusal(line, `no blank line inside the family ${known.name}`, `${name} after one`);
    return known;
  }

  #open(name: string, line: number): OpenFamily {
    this.#closeCurrent();
    const family: OpenFamily = {
      name,
      type: 'untyped',
      help: '',
      samples: [],
      sampleLines: [],
      seriesKeys: new Set(),
      hasType: false,
      hasHelp: false,
      isEnded: false,
    };
    this.#own(name, family, line);
    this.#byName.set(name, family);
    this.#current = family;
    return family;
  }

  #own(sampleName: string, family: OpenFamily, line: number): void {
    const owner = this.#owners.get(sampleName) ?? family;
    if (owner !== family) {
      throw refusal(line, `no sample name shared by ${owner.name} and ${family.name}`, sampleName);
    }
    this.#owners.set(sampleName, family);
  }

  #closeCurrent(): void {
    if (this.#current === undefined) return;
    const { name, type, help, samples, sampleLines } = this.#current;
    const family: ParsedFamily = { name, type, help, samples };
    checkFamily(family, sampleLines);
    this.#families.push(family);
  }
}
