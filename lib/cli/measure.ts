import { setImmediate } from 'node:timers/promises';

// How speed is measured, by the command `bench` and by the benches of the repository.

/** How long a function runs before it is timed: long enough for the engine to optimise it. */
export const WARM_UP_MILLISECONDS = 200;
const ROUND_MILLISECONDS = 12;
/** How many rounds a median is taken of. */
export const ROUNDS = 15;

/** Something that can be done many times in a row, so that one clock reading is spread over many operations. */
export type Repeat = (count: number) => void;

/** The nanoseconds of one operation in each round, and of the floor in the same rounds. */
export interface TimedRounds {
  readonly rounds: readonly number[];
  readonly floorRounds: readonly number[];
}

/**
 * Measures nanoseconds per operation, and those of the floor in turn with it: warm-up of both, then rounds of about
 * 12 ms each, floor and operation alternating, so that a slow spell of the machine meets both.
 */
export async function timeOperations(repeat: Repeat, floor: Repeat): Promise<TimedRounds> {
  const floorCount = await warmUp(floor);
  const count = await warmUp(repeat);
  const rounds: number[] = [];
  const floorRounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    floorRounds.push((millisecondsOf(floor, floorCount) * 1e6) / floorCount);
    rounds.push((millisecondsOf(repeat, count) * 1e6) / count);
  }
  return { rounds, floorRounds };
}

let sunk = 0;

/** Takes what a floor computed, so that the engine cannot drop the computation. */
export function sink(value: number): void {
  sunk = (sunk + value) % 1_000_003;
}

/** Runs until the engine has had time to optimise; returns how many operations make up one round. */
export async function warmUp(repeat: Repeat): Promise<number> {
  let count = 1_000;
  let nanosecondsEach = 0;
  const until = performance.now() + WARM_UP_MILLISECONDS;
  while (performance.now() < until) {
    const milliseconds = millisecondsOf(repeat, count);
    nanosecondsEach = (milliseconds * 1e6) / count;
    if (milliseconds < ROUND_MILLISECONDS / 2) count *= 2;
    // Optimised code is installed between tasks.
    await setImmediate();
  }
  return Math.max(1, Math.round((ROUND_MILLISECONDS * 1e6) / nanosecondsEach));
}

function millisecondsOf(repeat: Repeat, count: number): number {
  const stop = startClock();
  repeat(count);
  return stop();
}

/**
 * Returns a function that returns the milliseconds since this call: of the wall clock or of the processor, whichever
 * are fewer. The wall clock also counts the turns of other processes, the processor's time also the engine's helper
 * threads. What the measured thread took is at most the smaller of the two: with four other processes busy on two
 * cores, the figures stayed within 5 % of those of a quiet machine, where the wall clock alone made them 2-3 times as
 * large.
 */
export function startClock(): () => number {
  const cpu = process.cpuUsage();
  const start = performance.now();
  return () => {
    const elapsed = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    return Math.min(elapsed, (user + system) / 1_000);
  };
}

/** Returns the value below which the share `q` (0 to 1) of the numbers lies, by linear interpolation. */
export function quantileOf(numbers: readonly number[], q: number): number {
  if (numbers.length === 0) {
    throw new RangeError('Cannot take a quantile: expected at least one number, got none.');
  }
  const sorted = numbers.toSorted((a, b) => a - b);
  const rank = q * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? NaN;
  const above = sorted[Math.ceil(rank)] ?? NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** Returns the middle value of the numbers. */
export function medianOf(numbers: readonly number[]): number {
  return quantileOf(numbers, 0.5);
}
