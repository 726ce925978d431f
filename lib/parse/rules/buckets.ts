import type { SampleLine } from '../sample-line.ts';

/** The buckets of one histogram so far: in increasing order of `le`, and each with all observations of those before. */
export class Buckets {
  /** The last upper bound; undefined before the first bucket. */
  lastBound: number | undefined;
  lastCount = 0;
  hasNegativeBound = false;

  /** Takes the next bucket. */
  add(line: SampleLine): void {
    const bound = line.pointNumber();
    if (Number.isNaN(bound)) line.failPoint('a number as le');
    if (this.lastBound !== undefined && bound <= this.lastBound) line.failPoint(`le above ${this.lastBound}`);
    if (!(line.value >= this.lastCount)) line.failValue(`a cumulative count of ${this.lastCount} or more`);
    this.lastBound = bound;
    this.lastCount = line.value;
    if (bound < 0) this.hasNegativeBound = true;
  }

  /** Whether the last bucket counts everything. */
  get isComplete(): boolean {
    return this.lastBound === Infinity;
  }
}
