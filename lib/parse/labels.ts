/**
 * The labels of a sample: a read-only map in the order of the text.
 *
 * Not a `Map`, which takes more time and memory than all else of a sample. It searches its names one by one: samples have few.
 */
export class Labels implements ReadonlyMap<string, string> {
  /** Samples with the same label names share the array. An ordinary property, as `assert.deepEqual()` compares no others. */
  readonly labelNames: readonly string[];
  readonly labelValues: readonly string[];

  constructor(labelNames: readonly string[], labelValues: readonly string[]) {
    this.labelNames = labelNames;
    this.labelValues = labelValues;
  }

  get size(): number {
    return this.labelNames.length;
  }

  get(name: string): string | undefined {
    const index = this.labelNames.indexOf(name);
    return index === -1 ? undefined : this.labelValues[index];
  }

  has(name: string): boolean {
    return this.labelNames.includes(name);
  }

  keys(): MapIterator<string> {
    return this.labelNames.values();
  }

  values(): MapIterator<string> {
    return this.labelValues.values();
  }

  entries(): MapIterator<[string, string]> {
    return this.labelNames.map((name, i): [string, string] => [name, this.labelValues[i]!]).values();
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }

  forEach(callback: (value: string, name: string, labels: Labels) => void, thisArg?: unknown): void {
    for (const [name, value] of this) callback.call(thisArg, value, name, this);
  }

  /** Shows the labels as a `Map` in `console.log()`. */
  [Symbol.for('nodejs.util.inspect.custom')](
    depth: number,
    options: object,
    inspect: (...of: unknown[]) => string,
  ): string {
    return inspect(new Map(this), { ...options, depth });
  }
}

/** All samples without labels share this map. */
export const NO_LABELS = new Labels([], []);
