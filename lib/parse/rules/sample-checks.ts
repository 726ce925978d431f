import type { SampleLine } from '../sample-line.ts';

/** The rules between the samples of one family. */
export interface SampleChecks {
  /** Holds the next sample to them; throws a SyntaxError. */
  add(line: SampleLine): void;
  /** Called when the family is complete. */
  close(): void;
}
