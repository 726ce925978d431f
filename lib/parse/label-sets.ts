import type { LabelList, LabelName } from './labels.ts';

/** A label set that has been seen. */
interface LabelSet {
  readonly index: number;
  readonly hash: number;
  /** All labels of the first sample, `le` and the like included. */
  readonly labels: ReadonlyMap<string, string>;
  /** How many of the labels count: those with a value, without `le` and the like. */
  readonly count: number;
}

/**
 * Numbers the metrics of a family in the order of the text. A metric is a label set without empty values and without
 * the label that distinguishes the samples of a metric (`le`, `quantile`, a state set's name).
 *
 * A hash table with open addressing over the hashes that were computed while the labels were read: no key is built.
 * An exposition can be made so that hashes collide, so work must stay linear then too. Label sets with equal hashes
 * are looked up in a `Map` by an exact key; different hashes spread by a random multiplier (multiply-shift hashing).
 */
export class LabelSets {
  #slots: (LabelSet | undefined)[] = new Array(INITIAL_SLOTS).fill(undefined);
  #shift = 32 - Math.log2(INITIAL_SLOTS);
  readonly #multiplier = Math.floor(Math.random() * 2 ** 32) | 1;
  /** Label sets whose hash another one had first, by their exact key. */
  #collided: Map<string, number> | undefined;
  size = 0;
  /** The last label set that was found, with its labels in their order: the samples of a metric mostly come together. */
  #last: LabelSet | undefined;
  readonly #lastNames: (LabelName | undefined)[] = [];
  readonly #lastValues: string[] = [];

  /** The number of the sample's metric, which is `size` before the call if the metric is new. */
  indexOf(list: LabelList): number {
    const hash = list.metricHash;
    if (this.#last?.hash === hash && this.#isLast(list)) return this.#last.index;
    const mask = this.#slots.length - 1;
    let slot = Math.imul(hash, this.#multiplier) >>> this.#shift;
    for (let set = this.#slots[slot]; set !== undefined; set = this.#slots[slot]) {
      if (set.hash === hash) {
        if (!isSame(list, set)) return this.#indexOfCollided(list);
        this.#remember(list, set);
        return set.index;
      }
      slot = (slot + 1) & mask;
    }
    const set = { index: this.size, hash, labels: list.byName, count: countOf(list) };
    this.#slots[slot] = set;
    if (list.pointIndex !== -1) this.#remember(list, set);
    if (2 * this.size++ > mask) this.#grow();
    return this.size - 1;
  }

  #remember({ names, values, length, pointIndex }: LabelList, set: LabelSet): void {
    let count = 0;
    for (let i = 0; i < length; i++) {
      if (i === pointIndex) continue;
      this.#lastNames[count] = names[i]!;
      this.#lastValues[count++] = values[i]!;
    }
    this.#lastNames[count] = undefined;
    this.#last = set;
  }

  #isLast({ names, values, length, pointIndex }: LabelList): boolean {
    let count = 0;
    for (let i = 0; i < length; i++) {
      if (i === pointIndex) continue;
      if (names[i] !== this.#lastNames[count] || values[i] !== this.#lastValues[count]) return false;
      count++;
    }
    return this.#lastNames[count] === undefined;
  }

  #indexOfCollided(list: LabelList): number {
    this.#collided ??= new Map();
    const key = exactKey(list);
    const known = this.#collided.get(key);
    if (known !== undefined) return known;
    this.#collided.set(key, this.size);
    return this.size++;
  }

  #grow(): void {
    const old = this.#slots;
    const mask = 2 * old.length - 1;
    this.#slots = new Array(mask + 1).fill(undefined);
    this.#shift--;
    for (const set of old) {
      if (set === undefined) continue;
      let slot = Math.imul(set.hash, this.#multiplier) >>> this.#shift;
      while (this.#slots[slot] !== undefined) slot = (slot + 1) & mask;
      this.#slots[slot] = set;
    }
  }
}

function isSame(list: LabelList, { labels, count }: LabelSet): boolean {
  const { names, values, length, pointIndex } = list;
  let same = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    if (i === pointIndex || value === '') continue;
    if (labels.get(names[i]!.name) !== value) return false;
    same++;
  }
  return same === count;
}

function countOf({ values, length, pointIndex }: LabelList): number {
  let count = 0;
  for (let i = 0; i < length; i++) if (i !== pointIndex && values[i] !== '') count++;
  return count;
}

function exactKey({ names, values, length, pointIndex }: LabelList): string {
  const labels: string[] = [];
  for (let i = 0; i < length; i++) {
    if (i !== pointIndex && values[i] !== '') labels.push(JSON.stringify([names[i]!.name, values[i]]));
  }
  return labels.sort().join();
}

const INITIAL_SLOTS = 16;
