import type { LabelTree } from '../metrics/child.ts';
import { createExemplar, readExemplar } from '../metrics/exemplars.ts';
import type { KeptExemplar } from '../metrics/supplied-exemplar.ts';
import type { ExemplarLabels } from '../model/exemplar.ts';
import type { Exemplar } from '../model/family.ts';
import type { NativeLimits } from './limits.ts';

/** An exemplar with what decides which one is replaced. */
interface Stored {
  readonly value: number;
  readonly milliseconds: number;
  readonly exemplar: KeptExemplar;
}

/**
 * The exemplars of a series: the latest of each classic bucket, and some spread over the native ones. When there are too many
 * of these, one that is too old makes room, or else one of the two whose values are closest to each other, on a logarithmic
 * scale: the older, or the one that the new one would be close to. The rules are those of client_golang
 * (`nativeExemplars.addExemplar`).
 */
export class SpreadExemplars {
  readonly #limits: NativeLimits;
  /** By increasing value. */
  #stored: Stored[] = [];
  /** The latest of each classic bucket. */
  readonly #latest: (Stored | undefined)[];

  constructor(limits: NativeLimits) {
    this.#limits = limits;
    this.#latest = new Array<undefined>(limits.upperBounds.length + 1).fill(undefined);
  }

  /** Adds the exemplar of an observation of this moment. Throws if its labels are invalid. */
  add(tree: LabelTree, labels: ExemplarLabels, value: number): void {
    const exemplar = createExemplar(tree, labels, value, undefined);
    const { maxExemplars, upperBounds } = this.#limits;
    if (exemplar === undefined || maxExemplars === 0) return;
    const added: Stored = { value, milliseconds: Date.now(), exemplar };
    const bucket = upperBounds.findIndex((bound) => value <= bound);
    this.#latest[bucket === -1 ? upperBounds.length : bucket] = added;
    const stored = this.#stored;
    const full = stored.length >= maxExemplars;
    const after = stored.findIndex((each) => (full ? value <= each.value : value < each.value));
    const place = after === -1 ? stored.length : after;
    if (!full) this.#stored = [...stored.slice(0, place), added, ...stored.slice(place)];
    else {
      const replaced = stored.length === 1 ? 0 : this.#replaced(added, place);
      this.#stored = stored.filter((_, i) => i !== replaced);
      this.#stored.splice(replaced < place ? place - 1 : place, 0, added);
    }
  }

  /** Those spread over native buckets that have a time, which the native format requires. */
  read(): Exemplar[] {
    return this.#stored
      .map(exemplarOf)
      .filter((exemplar) => exemplar !== undefined)
      .filter(({ timestampSeconds }) => timestampSeconds !== undefined);
  }

  /** By classic bucket, the latest. */
  get byBucket(): (Exemplar | undefined)[] {
    return this.#latest.map((each) => each && exemplarOf(each));
  }

  /** Which exemplar one makes room that belongs before the one at `place`. */
  #replaced(added: Stored, place: number): number {
    const stored = this.#stored;
    let oldest = 0;
    let closest = Infinity;
    let replaced = 0;
    for (let i = 1; i < stored.length; i++) {
      if (stored[i]!.milliseconds < stored[oldest]!.milliseconds) oldest = i;
      const distance = distanceOf(stored[i]!, stored[i - 1]!);
      // A NaN is the distance of two negative values. The first one counts, whatever it is: client_golang starts at -1.
      if (i > 1 && !(distance < closest)) continue;
      closest = distance;
      replaced = stored[i]!.milliseconds < stored[i - 1]!.milliseconds ? i : i - 1;
    }
    if (added.milliseconds - stored[oldest]!.milliseconds > this.#limits.exemplarAgeSeconds * 1000) return oldest;
    for (const beside of [place - 1, place]) {
      const neighbour = stored[beside];
      if (neighbour === undefined || !(distanceOf(added, neighbour) < closest)) continue;
      closest = distanceOf(added, neighbour);
      replaced = beside;
    }
    return replaced;
  }
}

/** Undefined if a source has supplied one that is invalid or of another value. */
function exemplarOf({ exemplar, value }: Stored): Exemplar | undefined {
  const read = readExemplar(exemplar);
  return read?.value === value ? read : undefined;
}

function distanceOf(a: Stored, b: Stored): number {
  return Math.abs(Math.log(a.value) - Math.log(b.value));
}
