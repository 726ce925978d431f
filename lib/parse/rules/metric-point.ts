import type { Scanner } from '../scanner.ts';
import type { SampleLine } from '../sample-line.ts';

/**
 * The rules between the samples of one metric point: those of one metric (that is, of the same labels but for `le` and
 * the like) and one time.
 */
export interface MetricPoint {
  /** Holds the next sample to them; throws a SyntaxError. */
  add(line: SampleLine): void;
  /** Called when the point is complete. */
  close(scanner: Scanner): void;
}
