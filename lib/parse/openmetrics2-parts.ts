import type { ParsedSample, ParsedType } from './parsed-family.ts';
import type { SampleChecks } from './rules/metrics.ts';
import type { SampleLine } from './sample-line.ts';
import type { Scanner } from './scanner.ts';

/**
 * What OpenMetrics 2.0 reads otherwise than 1.0. Only who hands these parts to the parser loads them: `parse()` does, and the
 * live page does not.
 */
export interface OpenMetrics2Parts {
  /** Reads and checks a sample from behind its labels up to the line feed. */
  readSample(line: SampleLine, type: ParsedType, checks: SampleChecks): ParsedSample;
  /** Returns the rules between the samples of a family. */
  checksOf(type: ParsedType, familyName: string): SampleChecks;
  /** Checks name, type and unit of a family, as far as they are known; a fault is reported at the scanner's position. */
  checkFamily(scanner: Scanner, name: string, unit: string, type: ParsedType | undefined): void;
  /** Checks a help text, from the scanner's position to the end of the line. */
  checkHelp(scanner: Scanner, lineEnd: number): void;
}
