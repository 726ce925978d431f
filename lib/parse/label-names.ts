import { codesOf } from './codes-of.ts';
import { ownCopy, writtenLabelName } from './written-text.ts';

/** How many names are kept; real expositions have a few dozen, hostile ones any number. */
const MAX_NAMES = 1000;

/** A label name, and how it is written. */
export interface LabelName {
  readonly name: string;
  /** What stands before a value, `method="`, by its codes. */
  readonly opening: Uint16Array;
}

/** The label names of an exposition: most families share theirs with others. */
export class LabelNames {
  readonly #names = new Map<string, LabelName>();

  /** The name as it is known, or made known now. */
  get(name: string): LabelName {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const own = ownCopy(name);
    const labelName = { name: own, opening: codesOf(`${writtenLabelName(own)}="`) };
    if (this.#names.size < MAX_NAMES) this.#names.set(own, labelName);
    return labelName;
  }
}
