import type { FamilyAssembly, SampleName } from './families.ts';
import { readIdentifier, readQuotedName } from './names.ts';
import { readMilliseconds, scanNumber } from './numbers.ts';
import type { ParsedExemplar } from './parsed-family.ts';
import { checkExemplar } from './rules/points.ts';
import { SampleLine, sampleOf } from './sample-line.ts';
import { CLOSING_BRACE, COMMA, HASH, LINE_FEED, OPENING_BRACE, QUOTE, type Scanner, SPACE, TAB } from './scanner.ts';

/** Reads sample lines: the name, the labels, the value, and what may follow it in the format. */
export class SampleReader {
  readonly #scanner: Scanner;
  readonly #families: FamilyAssembly;
  readonly #line: SampleLine;

  constructor(scanner: Scanner, families: FamilyAssembly) {
    this.#scanner = scanner;
    this.#families = families;
    this.#line = new SampleLine(scanner);
  }

  /** Reads the line up to its line feed and adds the sample to its family. */
  read(): void {
    const line = this.#line;
    // A quoted name stands inside the braces, before the labels.
    const isNameInBraces = this.#scanner.code() === OPENING_BRACE;
    const sampleName = this.#knownName() ?? this.#families.sampleName(this.#readName(isNameInBraces));
    const family = this.#families.current!;
    family.lastName = sampleName;
    line.open(sampleName.name, sampleName.suffix ?? '');
    this.#readLabels(isNameInBraces);
    const { type, checks } = family.settled!;
    const { isOpenMetrics } = this.#scanner.format;
    const { openMetrics2 } = this.#families;
    if (openMetrics2 !== undefined) {
      family.samples.push(openMetrics2.readSample(line, type, checks));
      return;
    }
    if (isOpenMetrics) this.#readOpenMetricsValue();
    else this.#readTextValue();
    if (this.#scanner.problems !== undefined) {
      this.#scanner.tolerate(() => checkExemplar(line, type));
      if (sampleName.suffix !== undefined) this.#scanner.tolerate(() => checks.add(line));
    } else {
      if (isOpenMetrics) checkExemplar(line, type);
      checks.add(line);
    }
    family.samples.push(sampleOf(line));
  }

  /** The name, if it is one of the current family's names in its usual spelling. */
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
    scanner.skipOptionalBlanks();
    const start = scanner.at;
    const name = scanner.code() === QUOTE ? readQuotedName(scanner, 'metric name') : '';
    if (name !== '') return name;
    const { hasQuotedNames } = scanner.format;
    return scanner.fail(start, `a metric name ${hasQuotedNames ? 'in quotes, before any label' : 'before the brace'}`);
  }

  #readLabels(isNameInBraces: boolean): void {
    const scanner = this.#scanner;
    scanner.skipOptionalBlanks();
    const code = scanner.code();
    if (isNameInBraces) {
      if (code !== COMMA && code !== CLOSING_BRACE) scanner.fail(scanner.at, '"," or "}" after the metric name');
      scanner.at++;
      if (code === CLOSING_BRACE) return;
    } else {
      if (code !== OPENING_BRACE) return;
      scanner.at++;
    }
    this.#line.labels.read(scanner);
  }

  /** In the text formats, a value and an optional timestamp in milliseconds. */
  #readTextValue(): void {
    const line = this.#line;
    const scanner = this.#scanner;
    scanner.skipBlanks();
    line.valueStart = scanner.at;
    const end = scanNumber(scanner, scanner.at);
    const code = end === -1 ? NaN : scanner.codes[end]!;
    if (code !== LINE_FEED && code !== SPACE && code !== TAB) line.failValue(`a value: ${NUMBER}`);
    line.value = scanner.number;
    scanner.at = end;
    if (code === LINE_FEED) return;
    scanner.skipBlanks();
    if (scanner.code() === LINE_FEED) return;
    line.timestampStart = scanner.at;
    line.timestampSeconds = readMilliseconds(scanner) / 1000;
    scanner.skipBlanks();
    if (scanner.code() !== LINE_FEED) scanner.fail(scanner.at, 'the end of the line after the timestamp');
  }

  /** In OpenMetrics, a value, an optional timestamp in seconds and an optional exemplar. */
  #readOpenMetricsValue(): void {
    const line = this.#line;
    const scanner = this.#scanner;
    scanner.takeSpace('one space and a value');
    line.valueStart = scanner.at;
    line.value = this.#readNumber(`a value: ${NUMBER}`);
    if (scanner.code() === LINE_FEED) return;
    scanner.at++;
    if (scanner.code() !== HASH) {
      line.timestampStart = scanner.at;
      line.timestampSeconds = this.#readSeconds('a timestamp in seconds, an exemplar, or the end of the line');
      if (scanner.code() === LINE_FEED) return;
      scanner.at++;
    }
    line.exemplarStart = scanner.at;
    line.exemplar = this.#readExemplar();
    if (scanner.code() !== LINE_FEED) scanner.fail(scanner.at, 'the end of the line after the exemplar');
  }

  #readExemplar(): ParsedExemplar {
    const scanner = this.#scanner;
    if (!scanner.take('# {')) scanner.fail(scanner.at, '"# {" of an exemplar, or the end of the line');
    const labels = this.#line.exemplarLabels.read(scanner);
    scanner.takeSpace('one space and a value of the exemplar');
    const value = this.#readNumber(`a value of the exemplar: ${NUMBER}`);
    if (scanner.code() === LINE_FEED) return { labels, value };
    scanner.at++;
    return { labels, value, timestampSeconds: this.#readSeconds('a timestamp in seconds, or the end of the line') };
  }

  #readSeconds(expected: string): number {
    const start = this.#scanner.at;
    const seconds = this.#readNumber(expected);
    if (!Number.isFinite(seconds)) this.#scanner.fail(start, expected);
    return seconds;
  }

  /** Reads an OpenMetrics number, which ends at a space or the line feed. */
  #readNumber(expected: string): number {
    const scanner = this.#scanner;
    const end = scanNumber(scanner, scanner.at);
    const code = end === -1 ? NaN : scanner.codes[end];
    if (code === TAB) scanner.fail(end, 'one space or the end of the line');
    if (code !== LINE_FEED && code !== SPACE) scanner.fail(scanner.at, expected);
    scanner.at = end;
    return scanner.number;
  }
}

const NUMBER = 'a decimal number, NaN, +Inf or -Inf';
