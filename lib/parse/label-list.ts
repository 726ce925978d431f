import type { KnownLabels } from './known-labels.ts';

/** The labels of the sample line that is being read, or of the one before it; the arrays are used again and again. */
export class LabelList {
  readonly names: string[] = [];
  readonly values: string[] = [];
  /** Where each label begins in the text. */
  readonly starts: number[] = [];
  /** Where its value begins. */
  readonly valueStarts: number[] = [];
  /** How many labels there are; the arrays may be longer. */
  length = 0;
  /** Where the last label ends. */
  end = 0;
  /** The rank of the last label, -1 before the first. */
  lastRank = -1;
  /** Whether the text of the labels is their key, as {@link KnownLabels} says. */
  isPlain = true;
  /** The index of the label that tells the samples of a metric apart (`le`, `quantile`, a state set's name), or -1. */
  pointIndex = -1;

  /** Makes the list empty. */
  clear(): void {
    this.length = 0;
    this.lastRank = -1;
    this.isPlain = true;
    this.pointIndex = -1;
  }

  /** Appends a label. */
  push(name: string, value: string, start: number, valueStart: number): void {
    const { length } = this;
    this.names[length] = name;
    this.values[length] = value;
    this.starts[length] = start;
    this.valueStarts[length] = valueStart;
    this.length = length + 1;
    if (value === '') this.isPlain = false;
  }

  /** The index of a label, or -1. */
  indexOf(name: string): number {
    for (let i = 0; i < this.length; i++) if (this.names[i] === name) return i;
    return -1;
  }

  /** Whether both have the same labels in the same order, apart from `le` and the like. */
  isSameMetric(other: LabelList): boolean {
    const { names, values, length, pointIndex } = this;
    const own = pointIndex === -1 ? length : length - 1;
    if (own !== (other.pointIndex === -1 ? other.length : other.length - 1)) return false;
    let j = 0;
    for (let i = 0; i < length; i++) {
      if (i === pointIndex) continue;
      if (j === other.pointIndex) j++;
      if (names[i] !== other.names[j] || values[i] !== other.values[j]) return false;
      j++;
    }
    return true;
  }

  /** What the metrics of one family are told apart by: the labels but `le` and the like. */
  metricKey(text: string, known: KnownLabels): string {
    const { length, pointIndex, starts, end } = this;
    const isAlone = length === 0 || (length === 1 && pointIndex === 0);
    if (isAlone) return '';
    if (!this.isPlain) return known.key(this.#metricLabels());
    const start = starts[0]!;
    if (pointIndex === -1) return text.slice(start, end);
    if (pointIndex === length - 1) return text.slice(start, starts[pointIndex]! - 1);
    const behind = text.slice(starts[pointIndex + 1], end);
    return pointIndex === 0 ? behind : text.slice(start, starts[pointIndex]) + behind;
  }

  #metricLabels(): [name: string, value: string][] {
    const labels: [string, string][] = [];
    for (let i = 0; i < this.length; i++) if (i !== this.pointIndex) labels.push([this.names[i]!, this.values[i]!]);
    return labels;
  }
}
