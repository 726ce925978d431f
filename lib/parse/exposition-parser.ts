import { FamilyAssembly } from './families.ts';
import type { Format } from './format.ts';
import { LineInput } from './line-input.ts';
import { readOpenMetricsMetadata, readTextMetadata } from './metadata.ts';
import type { OpenMetrics2Parts } from './openmetrics2-parts.ts';
import type { ParsedFamily, ParseProblem } from './parsed-family.ts';
import { SampleReader } from './sample-reader.ts';
import { HASH, LINE_FEED, Scanner } from './scanner.ts';

/** The chunks of an exposition, cut anywhere: a response body, a file stream, an exporter's chunks. */
export type ExpositionChunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** Yields each family of an exposition as soon as it is complete. An error of the source is passed on unchanged. */
export async function* familiesOf(
  chunks: ExpositionChunks,
  parser: ExpositionParser,
): AsyncGenerator<ParsedFamily, void, undefined> {
  for await (const chunk of chunks) {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) {
      throw new TypeError(`Cannot parse an exposition: expected chunks of string or Uint8Array, got ${typeof chunk}.`);
    }
    yield* parser.push(chunk);
  }
  yield* parser.end();
}

/** Parses an exposition in chunks and yields each family as soon as it is complete. */
export class ExpositionParser {
  readonly #scanner: Scanner;
  readonly #input: LineInput;
  readonly #families: FamilyAssembly;
  readonly #samples: SampleReader;
  /** Whether `# EOF` has been read. */
  #isEnded = false;

  /** Lenient parsing adds the faults that it accepts to `problems`. OpenMetrics 2.0 needs its parts. */
  constructor(format: Format, problems?: ParseProblem[], openMetrics2?: OpenMetrics2Parts) {
    this.#scanner = new Scanner(format, problems);
    this.#input = new LineInput(this.#scanner);
    this.#families = new FamilyAssembly(this.#scanner, openMetrics2);
    this.#samples = new SampleReader(this.#scanner, this.#families);
  }

  /** Yields the families that the next chunk completes. Read it to its end before the next call. */
  *push(chunk: string | Uint8Array): Generator<ParsedFamily, void> {
    for (const _ of this.#input.push(chunk)) {
      while (this.#readLines()) yield this.#families.takeFinished()!;
    }
  }

  /** Ends the exposition and yields its last family. */
  *end(): Generator<ParsedFamily, void> {
    const { rest } = this.#input;
    if (this.#scanner.format.isOpenMetrics) this.#endLastLine(rest);
    else this.#scanner.tolerate(() => this.#endLastLine(rest));
    const isOpen = this.#scanner.problems !== undefined && rest !== '' && !this.#scanner.format.isOpenMetrics;
    // Prometheus reads a last line without a line feed.
    if (isOpen) yield* this.push('\n');
    yield* this.#families.finish();
  }

  /** Reads lines until a family is complete (true) or the run ends (false). */
  #readLines(): boolean {
    const scanner = this.#scanner;
    const families = this.#families;
    const { length } = scanner.codes;
    while (scanner.at < length) {
      scanner.openLine();
      if (scanner.format.isOpenMetrics) this.#readOpenMetricsLine();
      else this.#readTextLine();
      // All readers stop at the line feed.
      scanner.at++;
      if (families.hasFinished) return true;
    }
    return false;
  }

  #readTextLine(): void {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    const code = scanner.code();
    if (code === HASH) readTextMetadata(scanner, this.#families);
    else if (code !== LINE_FEED) this.#samples.read();
  }

  #readOpenMetricsLine(): void {
    const scanner = this.#scanner;
    if (this.#isEnded) scanner.fail(scanner.at, NOTHING_MORE, 'another line');
    if (scanner.code() !== HASH) {
      this.#samples.read();
    } else if (scanner.text.startsWith('# EOF\n', scanner.at)) {
      this.#isEnded = true;
      scanner.at += '# EOF'.length;
    } else {
      readOpenMetricsMetadata(scanner, this.#families);
    }
  }

  /** Only OpenMetrics may end without a line feed. */
  #endLastLine(rest: string): void {
    const scanner = this.#scanner;
    const line = scanner.line + 1;
    const { isOpenMetrics } = scanner.format;
    if (rest !== '' && this.#isEnded) scanner.failInLine(line, 1, NOTHING_MORE, 'another line');
    if (isOpenMetrics && rest === '# EOF') return;
    if (rest !== '') scanner.failInLine(line, rest.length + 1, 'a line feed at the end of the line', END_OF_TEXT);
    if (isOpenMetrics && !this.#isEnded) scanner.failInLine(line, 1, '"# EOF" as the last line', END_OF_TEXT);
  }
}

const NOTHING_MORE = 'nothing after "# EOF"';
const END_OF_TEXT = 'the end of the text';
