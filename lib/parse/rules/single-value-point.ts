import type { SampleLine } from '../sample-line.ts';
import type { MetricPoint } from './metric-point.ts';
import { requireFirstOfTime } from './values.ts';

/** A gauge or unknown of OpenMetrics: any one value. */
export class SingleValuePoint implements MetricPoint {
  #hasValue = false;

  add(line: SampleLine): void {
    requireFirstOfTime(line, this.#hasValue);
    this.#hasValue = true;
  }

  close(): void {}
}
