import { medianOf } from '../lib/cli/measure.ts';
import type { Measurement } from './case.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** The measurements of one figure by the processes of one library. */
export interface Reading {
  /** Median, in the figure's unit: of the rounds of one process, or of the medians of several. */
  readonly median: number;
  /** Smallest and largest of what the median was taken of. */
  readonly spread: Spread;
  /** How many times the floor the figure is, each process against its own floor. */
  readonly timesFloor: number | undefined;
}

/** Returns the reading of one figure from one or several processes. */
export function readingOf(processes: readonly Measurement[]): Reading {
  const medians = processes.map(({ rounds }) => medianOf(rounds));
  const ratios = processes.flatMap(({ rounds, floorRounds }) =>
    floorRounds === undefined ? [] : [medianOf(rounds) / medianOf(floorRounds)],
  );
  return {
    median: medianOf(medians),
    spread: spreadOf(processes.length === 1 ? processes[0]!.rounds : medians),
    timesFloor: ratios.length === 0 ? undefined : medianOf(ratios),
  };
}
