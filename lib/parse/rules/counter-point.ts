import type { SampleLine } from '../sample-line.ts';
import type { MetricPoint } from './metric-point.ts';
import { requireFirstOfTime, requireTime, requireTotal } from './values.ts';

/** A counter of OpenMetrics: `_total`, and `_created` if it likes. */
export class CounterPoint implements MetricPoint {
  #hasTotal = false;
  #hasCreated = false;

  add(line: SampleLine): void {
    if (line.suffix === '_total') {
      requireFirstOfTime(line, this.#hasTotal);
      requireTotal(line);
      this.#hasTotal = true;
    } else {
      requireFirstOfTime(line, this.#hasCreated);
      requireTime(line);
      this.#hasCreated = true;
    }
  }

  close(): void {}
}
