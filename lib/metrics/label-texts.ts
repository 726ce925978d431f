import { warn } from '../model/error-text.ts';
import { type LabelValue, labelValueText } from '../model/label-value.ts';
import { describe, refuse } from '../model/names.ts';
import type { LabelBranch } from './child.ts';

/** The parts of a metric that are needed to read its labels. */
export interface LabelTextsOptions {
  readonly metricName: string;
  readonly labelNames: readonly string[];
}

/** Converts labels to texts, and to the values that series keep; handles values that are not strings, missing labels and unknown labels. */
export class LabelTexts {
  readonly #options: LabelTextsOptions;
  /** Created with the first warning: an empty set takes 200 bytes per metric. */
  #warnedLabels: Set<string> | undefined;
  /** Counts look-ups by {@link lookUp}: a getter of a label may start another one, which uses the same memory. */
  #lookUps = 0;
  /** Values of the labels in the order of `labelNames`, in use during one {@link lookUp}. */
  readonly #values: unknown[] = [];

  constructor(options: LabelTextsOptions) {
    this.#options = options;
  }

  /**
   * Returns the values of an object of labels, in the order of `labelNames`: numbers and booleans as they are, others as text.
   * Throws a RangeError on an unknown label.
   */
  ofObject(labels: object): LabelValue[] {
    const names = this.#options.labelNames;
    const values = new Array<LabelValue | undefined>(names.length).fill(undefined);
    for (const name in labels) {
      const depth = names.indexOf(name);
      if (depth === -1) throw this.unknownLabel(name);
      values[depth] = this.#kept((labels as Record<string, unknown>)[name], depth);
    }
    return values.map((value, depth) => value ?? this.of(undefined, depth));
  }

  /**
   * Returns the child of an object of labels in any order, or undefined if there is no such child, if a label is missing or
   * one is an object. Allocates no array of texts, unlike {@link ofObject}. Throws a RangeError on an unknown label.
   */
  lookUp<C>(root: LabelBranch<C> | C, labels: object): C | undefined {
    const names = this.#options.labelNames;
    const values = this.#values;
    const lookUp = ++this.#lookUps;
    let count = 0;
    for (const name in labels) {
      const depth = names.indexOf(name);
      if (depth === -1) {
        values.fill(undefined);
        throw this.unknownLabel(name);
      }
      values[depth] = (labels as Record<string, unknown>)[name];
      count++;
    }
    let node: LabelBranch<C> | C | undefined = count === names.length && lookUp === this.#lookUps ? root : undefined;
    for (let depth = 0; depth < names.length; depth++) {
      const value = values[depth];
      values[depth] = undefined;
      // The text of an object may run the caller's code, which may update this metric.
      if (node === undefined || typeof value === 'object' || typeof value === 'function') node = undefined;
      else node = (node as LabelBranch<C>).get(typeof value === 'string' ? value : this.of(value, depth));
    }
    return node as C | undefined;
  }

  /** Returns values by position as {@link ofObject} does. Throws a RangeError unless there is one for each label name. */
  ofValues(values: readonly unknown[]): LabelValue[] {
    const { labelNames, metricName } = this.#options;
    if (values.length !== labelNames.length) {
      const expected = `${labelNames.length} label values (${labelNames.join(', ')})`;
      const remedy = 'Pass one for each label name, or an object.';
      refuse(`find a series of metric "${metricName}"`, expected, values.length, RangeError, remedy);
    }
    return values.map((value, i) => this.#kept(value, i));
  }

  /** Returns the value that a series keeps of a label. */
  #kept(value: unknown, depth: number): LabelValue {
    return typeof value === 'number' || typeof value === 'boolean' ? value : this.of(value, depth);
  }

  /** Returns the text of the label at `depth`. Throws a TypeError on a value that has none, such as a symbol. */
  of(value: unknown, depth: number): string {
    const name = this.#options.labelNames[depth] ?? '';
    if (value === undefined || typeof value === 'object') return this.#textOfUnusual(value, name);
    return labelValueText(value, name, this.#options.metricName);
  }

  /** Returns the error to be thrown on a label of this name. */
  unknownLabel(name: string): RangeError {
    const { labelNames, metricName } = this.#options;
    const known = labelNames.length === 0 ? 'no labels' : `labels ${labelNames.map(describe).join(', ')}`;
    return new RangeError(
      `Cannot find a series of metric "${metricName}": expected ${known}, got label ${describe(name)}. ` +
        `Added label ${describe(name)} is not included in initial labelset: add it to labelNames or leave it out.`,
    );
  }

  /**
   * Returns the text of a missing value or of an object, with a warning. An update whose labels do not compile in TypeScript
   * is counted all the same, as in prom-client: an exception would cost the program more than an odd label value does.
   */
  #textOfUnusual(value: unknown, name: string): string {
    if (value === undefined || value === null) {
      const what = `was updated without label "${name}"; it is exposed with an empty value. Pass every label.`;
      this.#warnOfLabel(name, 'METRICS_MISSING_LABEL', what);
      return '';
    }
    const what = `was updated with ${describe(value)} for label "${name}"; its text is exposed. Pass a string.`;
    this.#warnOfLabel(name, 'METRICS_LABEL_OBJECT', what);
    try {
      return String(value);
    } catch {
      return labelValueText(value, name, this.#options.metricName); // throws: it has no text
    }
  }

  /** Warns about a label, once per label. */
  #warnOfLabel(name: string, code: string, what: string): void {
    this.#warnedLabels ??= new Set();
    if (this.#warnedLabels.has(name)) return;
    this.#warnedLabels.add(name);
    warn(code, `Metric "${this.#options.metricName}" ${what}`);
  }
}
