import type { CollectedSeries } from '../model/collector.ts';
import { labelValueText, wellFormed } from '../model/label-value.ts';

/** The label values of a collected family's series, each set of them once. */
export class CollectedLabelSets {
  readonly metricName: string;
  readonly #labelNames: readonly string[];
  readonly #seen = new Set<string>();

  constructor(metricName: string, labelNames: readonly string[]) {
    this.metricName = metricName;
    this.#labelNames = labelNames;
  }

  /** Returns the values in the order of the label names. Throws a RangeError on a set that has been taken before. */
  take(labels: CollectedSeries['labels'] = {}): string[] {
    const values = this.#labelNames.map((name) => {
      // hasOwn: a missing label called `constructor` would find the one that objects inherit.
      const value: unknown = Object.hasOwn(labels, name) ? labels[name] : undefined;
      return value === undefined ? '' : wellFormed(labelValueText(value, name, this.metricName));
    });
    const key = JSON.stringify(values);
    if (this.#seen.has(key)) {
      throw new RangeError(
        `Cannot collect metric "${this.metricName}": expected each label set once, got ${key} twice.`,
      );
    }
    this.#seen.add(key);
    return values;
  }
}
