import type { SampleLine } from '../sample-line.ts';
import type { MetricPoint } from './metric-point.ts';
import { requireFirstOfTime } from './values.ts';

/** An info of OpenMetrics: always 1. */
export class InfoPoint implements MetricPoint {
  #hasValue = false;

  add(line: SampleLine): void {
    requireFirstOfTime(line, this.#hasValue);
    if (line.value !== 1) line.failValue(`1 in ${line.name}, which is of type info`);
    this.#hasValue = true;
  }

  close(): void {}
}
