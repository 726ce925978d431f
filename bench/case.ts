import type { Library } from './library.ts';

/** The measurements of one figure by one process: a number per round, in the figure's unit. */
export interface Measurement {
  readonly rounds: readonly number[];
  /** The bare floor (a typed-array add, a memory copy) in the same rounds of the same process, in the same unit. */
  readonly floorRounds?: readonly number[];
}

/** The targets of a figure; all of them count. */
export interface Target {
  /** At least so many times faster than the best peer. */
  readonly timesFaster?: number;
  /** At most this share of the best peer's figure. */
  readonly shareOfBest?: number;
  /** At most so many times the floor. */
  readonly timesFloor?: number;
  /** At most this much, in the figure's unit. */
  readonly atMost?: number;
}

/** One line of the tables. Less is better in every figure. */
export interface Figure {
  readonly name: string;
  readonly unit: 'ns' | 'ms' | 'B' | 'KB' | 'MB' | '%';
  readonly target: Target;
  /** Whether `bench:guard` holds it; not so times without a floor, since they depend on the machine. */
  readonly isGuarded: boolean;
}

/** One measurement, made in a separate process. */
export interface Case {
  /** What the process measures; `--only TEXT` picks the cases that have a figure whose name holds TEXT. */
  readonly figures: readonly Figure[];
  /** `false`: measures what only this library has, or something for which a peer has no counterpart. */
  readonly isForPeers: boolean;
  /** Flags of the measuring Node process. */
  readonly nodeFlags?: readonly string[];
  /** Processes per library in one run of `bench:peers`; the default is the command's `--rounds`. */
  readonly processRounds?: number;
  /** Runs the case and checks its answer; throws when the library computed a wrong one. Keyed by figure name. */
  run(library: Library): Promise<Record<string, Measurement>>;
}
