/** How much of everything: the whole, or a short form that still shows what breaks at once. */
export type Scale = 'full' | 'short';

/** What a part of the soak measured. */
export interface SoakResult {
  /** What was measured, in words with its unit, and the value. */
  readonly figures: readonly (readonly [what: string, value: string])[];
  /** What is not as promised; empty if all is. */
  readonly faults: readonly string[];
}

/** One part: something that a server has to bear. */
export interface SoakPart {
  readonly name: string;
  run(scale: Scale): Promise<SoakResult>;
}
