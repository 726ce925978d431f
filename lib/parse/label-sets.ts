import type { LabelList } from './label-list.ts';
import type { Labels } from './labels.ts';

/**
 * Numbers the metrics of a family in the order of the text. A metric is a label set without empty values and without
 * the label that distinguishes the samples of a metric (`le`, `quantile`, a state set's name).
 *
 * A hash table with open addressing over the hashes that were computed while the labels were read: no key is built.
 * An exposition can be made so that hashes collide, so work must stay linear then too. Label sets with equal hashes
 * are looked up in a `Map` by an exact key; different hashes spread by a random multiplier (multiply-shift hashing).
 */
export class LabelSets {
  readonly #pointName: string | undefined;
  /** The labels of the first sample of each metric, and their hashes. */
  readonly #labels: Labels[] = [];
  readonly #hashes: number[] = [];
  /** In a slot, the number of a metric, from 1, or 0. */
  #slots = new Int32Array(INITIAL_SLOTS);
  #shift = 32 - Math.log2(INITIAL_SLOTS);
  readonly #multiplier = Math.floor(Math.random() * 2 ** 32) | 1;
  /** Label sets whose hash another one had first, by their exact key. */
  #collided: Map<string, number> | undefined;

  /** `pointName` is the label that does not count. */
  constructor(pointName?: string) {
    this.#pointName = pointName;
  }

  /** How many metrics there are. */
  get size(): number {
    return this.#labels.length;
  }

  /** The number of the sample's metric, which is `size` before the call if the metric is new. */
  indexOf({ byName: labels, metricHash: hash }: LabelList): number {
    const slot = this.#slotOf(hash);
    const index = this.#slots[slot]! - 1;
    if (index === -1) {
      this.#slots[slot] = this.#add(labels, hash) + 1;
      if (2 * this.size > this.#slots.length) this.#grow();
      return this.size - 1;
    }
    if (this.#isSame(labels, index)) return index;
    this.#collided ??= new Map();
    const key = this.#exactKey(labels);
    const known = this.#collided.get(key) ?? this.#add(labels, hash);
    this.#collided.set(key, known);
    return known;
  }

  #add(labels: Labels, hash: number): number {
    this.#hashes.push(hash);
    return this.#labels.push(labels) - 1;
  }

  /** The slot that has the hash, or the free one for it. */
  #slotOf(hash: number): number {
    const slots = this.#slots;
    const hashes = this.#hashes;
    let slot = Math.imul(hash, this.#multiplier) >>> this.#shift;
    while (slots[slot] !== 0 && hashes[slots[slot]! - 1] !== hash) slot = (slot + 1) & (slots.length - 1);
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(4 * old.length);
    this.#shift -= 2;
    for (const number of old) if (number !== 0) this.#slots[this.#slotOf(this.#hashes[number - 1]!)] = number;
  }

  #isSame(labels: Labels, index: number): boolean {
    const known = this.#labels[index]!;
    let i = this.#next(labels, 0);
    let j = this.#next(known, 0);
    while (
      i < labels.size &&
      labels.labelNames[i] === known.labelNames[j] &&
      labels.labelValues[i] === known.labelValues[j]
    ) {
      i = this.#next(labels, i + 1);
      j = this.#next(known, j + 1);
    }
    if (i === labels.size && j === known.size) return true;
    // They may have another order.
    return this.#exactKey(labels) === this.#exactKey(known);
  }

  /** The index of the next label that counts. */
  #next({ labelNames, labelValues }: Labels, from: number): number {
    let i = from;
    while (i < labelNames.length && (labelValues[i] === '' || labelNames[i] === this.#pointName)) i++;
    return i;
  }

  #exactKey(labels: Labels): string {
    const pairs = [...labels].filter(([name, value]) => value !== '' && name !== this.#pointName);
    return pairs
      .map((pair) => JSON.stringify(pair))
      .sort()
      .join();
  }
}

/** 64 bytes: V8 allocates smaller typed arrays faster, and most families have few metrics. */
const INITIAL_SLOTS = 16;
