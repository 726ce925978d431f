import type { ParsedType } from '../../parse/parsed-family.ts';
import type { Reading } from './reading.ts';

/** What one scrape says of a metric family. */
export interface ScrapedFamily {
  readonly name: string;
  readonly type: ParsedType;
  /** Empty if the exposition has none. */
  readonly help: string;
  /** Empty if the exposition has none. */
  readonly unit: string;
  readonly readings: readonly Reading[];
}
