import type { Suffix } from './format.ts';
import { LabelList } from './label-list.ts';
import { scanNumber } from './numbers.ts';
import type { ParsedExemplar, ParsedSample } from './parsed-family.ts';
import { QUOTE, type Scanner } from './scanner.ts';

/** The current sample line, as the rules see it. There is one per parser, reused for each line. */
export class SampleLine {
  readonly scanner: Scanner;
  name = '';
  suffix: Suffix = '';
  readonly labels = new LabelList();
  /** The labels of the exemplar that is being read. */
  readonly exemplarLabels = new LabelList();
  value = NaN;
  valueStart = 0;
  /** Not undefined at first: V8 would discard the compiled reader at each timestamp of whole seconds, again and again. */
  timestampSeconds: number | undefined = 0;
  timestampStart = 0;
  exemplar: ParsedExemplar | undefined;
  exemplarStart = 0;

  constructor(scanner: Scanner) {
    this.scanner = scanner;
  }

  /** Starts the next line. */
  open(name: string, suffix: Suffix): void {
    this.name = name;
    this.suffix = suffix;
    this.timestampSeconds = undefined;
    this.exemplar = undefined;
    this.labels.clear();
  }

  /** The value of the point label as a number, or `NaN`. */
  pointNumber(): number {
    const { scanner, labels } = this;
    const end = scanNumber(scanner, labels.point!.valueStart);
    // A number with escapes would end at a backslash.
    return end !== -1 && scanner.codes[end] === QUOTE ? scanner.number : NaN;
  }

  /** Throws a SyntaxError at the value. */
  failValue(expected: string): never {
    this.scanner.fail(this.valueStart, expected);
  }

  /** Throws a SyntaxError at the point label. */
  failPoint(expected: string): never {
    this.scanner.fail(this.labels.point!.start, expected);
  }

  /** Throws a SyntaxError at the start of the line. */
  failSample(expected: string, got?: string): never {
    this.scanner.fail(this.scanner.lineStart, expected, got);
  }
}

/** A sample that is being completed. */
export type SampleDraft = { -readonly [Key in keyof ParsedSample]: ParsedSample[Key] };

/** The sample of a line. It has only the properties that the line has, so that equal samples are deeply equal. */
export function sampleOf({ name, labels, value, timestampSeconds, exemplar }: SampleLine): SampleDraft {
  const { byName } = labels;
  // Two literals: a property that is added to an object costs 0.3 µs.
  const sample: SampleDraft =
    timestampSeconds === undefined
      ? { name, labels: byName, value }
      : { name, labels: byName, value, timestampSeconds };
  if (exemplar !== undefined) sample.exemplar = exemplar;
  return sample;
}
