import { HASH, LINE_FEED, SPACE, TAB } from './characters.ts';
import { KnownLabels } from './known-labels.ts';
import { LabelList } from './label-list.ts';
import { LabelNames } from './label-names.ts';
import type { ParsedExemplar } from './parsed-family.ts';
import { readLabels } from './read-labels.ts';
import type { SampleLine } from './sample-line.ts';
import { scanNumber } from './scan-number.ts';
import type { Scanner } from './scanner.ts';

/** Reads what OpenMetrics has behind the labels: a value, maybe a timestamp in seconds, maybe an exemplar. */
export class OpenMetricsNumbers {
  readonly #scanner: Scanner;
  readonly #exemplarNames = new KnownLabels(new LabelNames());
  readonly #exemplarLabels = new LabelList();

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  /** Reads up to the line feed. */
  read(line: SampleLine): void {
    const scanner = this.#scanner;
    this.#takeSpace('one space and a value');
    line.valueStart = scanner.at;
    line.value = this.#readNumber('a value: a decimal number, NaN, +Inf or -Inf');
    if (scanner.code() === LINE_FEED) return;
    scanner.at++;
    if (scanner.code() !== HASH) {
      line.timestampStart = scanner.at;
      line.timestampSeconds = this.#readTimestamp('a timestamp in seconds, an exemplar, or the end of the line');
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
    this.#exemplarLabels.clear();
    const labels = readLabels(scanner, this.#exemplarNames, this.#exemplarLabels);
    this.#takeSpace('one space and a value of the exemplar');
    const value = this.#readNumber('a value of the exemplar: a decimal number, NaN, +Inf or -Inf');
    if (scanner.code() === LINE_FEED) return { labels, value };
    scanner.at++;
    return { labels, value, timestampSeconds: this.#readTimestamp('a timestamp in seconds, or the end of the line') };
  }

  #takeSpace(expected: string): void {
    if (this.#scanner.code() !== SPACE) this.#scanner.fail(this.#scanner.at, expected);
    this.#scanner.at++;
  }

  #readTimestamp(expected: string): number {
    const start = this.#scanner.at;
    const seconds = this.#readNumber(expected);
    if (!Number.isFinite(seconds)) this.#scanner.fail(start, expected);
    return seconds;
  }

  /** Reads a number that a space or the line feed ends. */
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
