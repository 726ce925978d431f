import type { SampleLine } from '../sample-line.ts';
import type { MetricPoint } from './metric-point.ts';
import { requireFirst } from './values.ts';

/** A state set of OpenMetrics: each state is named once, by the label of the family's name, and is 0 or 1. */
export class StateSetPoint implements MetricPoint {
  readonly #states = new Set<string>();

  add(line: SampleLine): void {
    const state = line.labels.values[line.labels.pointIndex]!;
    requireFirst(line, this.#states.has(state));
    if (line.value !== 0 && line.value !== 1) line.failValue(`0 or 1 in ${line.name}, which is of type stateset`);
    this.#states.add(state);
  }

  close(): void {}
}
