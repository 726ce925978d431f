import { QUOTE } from './characters.ts';
import { LabelList } from './label-list.ts';
import type { ParsedExemplar } from './parsed-family.ts';
import { scanNumber } from './scan-number.ts';
import type { Scanner } from './scanner.ts';
import type { Suffix } from './suffixes.ts';

/** The sample line that is being read: what the rules look at. There is one per parser, used again for each line. */
export class SampleLine {
  readonly scanner: Scanner;
  name = '';
  suffix: Suffix = '';
  labels = new LabelList();
  /** The labels of the sample before it, which may be another family's. */
  previousLabels = new LabelList();
  value = NaN;
  valueStart = 0;
  timestampSeconds: number | undefined;
  timestampStart = 0;
  exemplar: ParsedExemplar | undefined;
  exemplarStart = 0;

  constructor(scanner: Scanner) {
    this.scanner = scanner;
  }

  /** Begins the next sample line. */
  open(name: string, suffix: Suffix): void {
    const free = this.previousLabels;
    this.previousLabels = this.labels;
    this.labels = free;
    this.name = name;
    this.suffix = suffix;
    this.timestampSeconds = undefined;
    this.exemplar = undefined;
    free.clear();
  }

  /** The value of the label that tells the samples of a metric apart, as a number; `NaN` if it is none. */
  pointNumber(): number {
    const { scanner, labels } = this;
    const end = scanNumber(scanner, labels.valueStarts[labels.pointIndex]!);
    // With escapes in it, it would end at a backslash.
    return end !== -1 && scanner.codes[end] === QUOTE ? scanner.number : NaN;
  }

  /** Throws the SyntaxError of a faulty value. */
  failValue(expected: string): never {
    this.scanner.fail(this.valueStart, expected);
  }

  /** Throws the SyntaxError of the label that tells the samples of a metric apart. */
  failPoint(expected: string): never {
    this.scanner.fail(this.labels.starts[this.labels.pointIndex]!, expected);
  }

  /** Throws the SyntaxError of a sample that should not stand here. */
  failSample(expected: string, got?: string): never {
    this.scanner.fail(this.scanner.lineStart, expected, got);
  }
}
