import { CLOSING_BRACE, COMMA, OPENING_BRACE, QUOTE, SPACE } from './characters.ts';
import type { FamilyAssembly } from './family-assembly.ts';
import type { KnownLabels } from './known-labels.ts';
import type { SampleName } from './open-family.ts';
import { OpenMetricsNumbers } from './openmetrics-numbers.ts';
import type { ParsedExemplar, ParsedSample } from './parsed-family.ts';
import { readLabels } from './read-labels.ts';
import { readIdentifier, readQuotedName } from './read-names.ts';
import { checkExemplar } from './rules/exemplars.ts';
import { SampleLine } from './sample-line.ts';
import type { Scanner } from './scanner.ts';
import { readTextNumbers } from './text-numbers.ts';

/** Reads sample lines: the name, the labels, and what the format has behind them. */
export class SampleReader {
  readonly #scanner: Scanner;
  readonly #families: FamilyAssembly;
  readonly #line: SampleLine;
  /** Undefined in the text formats. */
  readonly #openMetrics: OpenMetricsNumbers | undefined;

  constructor(scanner: Scanner, families: FamilyAssembly) {
    this.#scanner = scanner;
    this.#families = families;
    this.#line = new SampleLine(scanner);
    this.#openMetrics = scanner.format.isOpenMetrics ? new OpenMetricsNumbers(scanner) : undefined;
  }

  /** Reads the line up to its line feed, and adds the sample to its family. */
  read(): void {
    const line = this.#line;
    // A name that is no identifier stands inside the braces, before the labels.
    const isNameInBraces = this.#scanner.code() === OPENING_BRACE;
    const sampleName = this.#knownName() ?? this.#families.sampleName(this.#readName(isNameInBraces));
    const family = this.#families.current!;
    family.lastName = sampleName;
    line.open(sampleName.name, sampleName.suffix);
    const labels = this.#readLabels(family.labels, isNameInBraces);
    const { type, checks } = family.settled!;
    if (this.#openMetrics === undefined) {
      readTextNumbers(line);
    } else {
      this.#openMetrics.read(line);
      checkExemplar(line, type);
    }
    checks.add(line);
    family.samples.push(sampleOf(line.name, labels, line.value, line.timestampSeconds, line.exemplar));
  }

  /** The name, if it is one that the family has had or may have, written as usual. */
  #knownName(): SampleName | undefined {
    const family = this.#families.current;
    const last = family?.lastName;
    if (last === undefined) return undefined;
    if (this.#takeName(last.opening)) return last;
    return family!.settled!.sampleNames.find(({ opening }) => this.#takeName(opening));
  }

  #takeName(opening: Uint16Array): boolean {
    const { codes, at } = this.#scanner;
    if (!this.#scanner.isAt(at, opening)) return false;
    const end = at + opening.length;
    const code = codes[end];
    if (code !== OPENING_BRACE && code !== SPACE && code !== COMMA && code !== CLOSING_BRACE) return false;
    this.#scanner.at = end;
    return true;
  }

  #readName(isInBraces: boolean): string {
    const scanner = this.#scanner;
    if (isInBraces) return this.#readNameInBraces();
    const name = readIdentifier(scanner, true);
    if (name === '') scanner.fail(scanner.at, 'a metric name');
    return name;
  }

  #readNameInBraces(): string {
    const scanner = this.#scanner;
    scanner.at++;
    this.#skipBlanks();
    const start = scanner.at;
    const name = scanner.code() === QUOTE ? readQuotedName(scanner, 'metric name') : '';
    if (name !== '') return name;
    const { hasQuotedNames } = scanner.format;
    return scanner.fail(start, `a metric name ${hasQuotedNames ? 'in quotes, before any label' : 'before the brace'}`);
  }

  #readLabels(known: KnownLabels, isNameInBraces: boolean): ReadonlyMap<string, string> {
    const scanner = this.#scanner;
    this.#skipBlanks();
    const code = scanner.code();
    if (isNameInBraces) {
      if (code !== COMMA && code !== CLOSING_BRACE) scanner.fail(scanner.at, '"," or "}" after the metric name');
      scanner.at++;
      if (code === CLOSING_BRACE) return NO_LABELS;
    } else {
      if (code !== OPENING_BRACE) return NO_LABELS;
      scanner.at++;
    }
    return readLabels(scanner, known, this.#line.labels);
  }

  /** OpenMetrics has no blanks but the single ones that it asks for. */
  #skipBlanks(): void {
    if (this.#openMetrics === undefined) this.#scanner.skipBlanks();
  }
}

/** Only the properties that there is something in, so that equal samples are deeply equal. */
function sampleOf(
  name: string,
  labels: ReadonlyMap<string, string>,
  value: number,
  timestampSeconds: number | undefined,
  exemplar: ParsedExemplar | undefined,
): ParsedSample {
  if (exemplar === undefined) {
    return timestampSeconds === undefined ? { name, labels, value } : { name, labels, value, timestampSeconds };
  }
  return timestampSeconds === undefined
    ? { name, labels, value, exemplar }
    : { name, labels, value, timestampSeconds, exemplar };
}

/** What samples without labels have in common. */
const NO_LABELS: ReadonlyMap<string, string> = new Map();
