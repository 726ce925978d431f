import type { Suffix } from './format.ts';
import { LabelList, type LabelName } from './labels.ts';
import { scanNumber } from './numbers.ts';
import type { ParsedExemplar } from './parsed-family.ts';
import { QUOTE, type Scanner } from './scanner.ts';

/** The current sample line, as the rules see it. There is one per parser, reused for each line. */
export class SampleLine {
  readonly scanner: Scanner;
  name = '';
  suffix: Suffix = '';
  readonly labels: LabelList;
  value = NaN;
  valueStart = 0;
  timestampSeconds: number | undefined;
  timestampStart = 0;
  exemplar: ParsedExemplar | undefined;
  exemplarStart = 0;

  constructor(scanner: Scanner, labelNames: Map<string, LabelName>) {
    this.scanner = scanner;
    this.labels = new LabelList(labelNames);
  }

  /** Starts the next line. `labelNames` are the label names to expect. */
  open(name: string, suffix: Suffix, labelNames: LabelName[]): void {
    this.name = name;
    this.suffix = suffix;
    this.timestampSeconds = undefined;
    this.exemplar = undefined;
    this.labels.clear(labelNames);
  }

  /** The value of the label at `pointIndex` as a number, or `NaN`. */
  pointNumber(): number {
    const { scanner, labels } = this;
    const end = scanNumber(scanner, labels.valueStarts[labels.pointIndex]!);
    // A number with escapes would end at a backslash.
    return end !== -1 && scanner.codes[end] === QUOTE ? scanner.number : NaN;
  }

  /** Throws a SyntaxError at the value. */
  failValue(expected: string): never {
    this.scanner.fail(this.valueStart, expected);
  }

  /** Throws a SyntaxError at the label at `pointIndex`. */
  failPoint(expected: string): never {
    this.scanner.fail(this.labels.starts[this.labels.pointIndex]!, expected);
  }

  /** Throws a SyntaxError at the start of the line. */
  failSample(expected: string, got?: string): never {
    this.scanner.fail(this.scanner.lineStart, expected, got);
  }
}
